#include "fs/errno.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace cosfuse {
namespace {

struct Row {
  ErrorCode code;
  int expected;
};

constexpr Row kTable[] = {
    {ErrorCode::kNotFound, ENOENT},        {ErrorCode::kAlreadyExists, EEXIST},
    {ErrorCode::kStale, ESTALE},           {ErrorCode::kNotModified, EIO},
    {ErrorCode::kAccessDenied, EACCES},    {ErrorCode::kNotPermitted, EPERM},
    {ErrorCode::kUnauthenticated, EACCES}, {ErrorCode::kReadOnly, EROFS},
    {ErrorCode::kNotEmpty, ENOTEMPTY},     {ErrorCode::kNotDirectory, ENOTDIR},
    {ErrorCode::kIsDirectory, EISDIR},     {ErrorCode::kNameTooLong, ENAMETOOLONG},
    {ErrorCode::kInvalidArgument, EINVAL}, {ErrorCode::kUnsupported, EOPNOTSUPP},
    {ErrorCode::kTooLarge, EFBIG},         {ErrorCode::kNoSpace, ENOSPC},
    {ErrorCode::kQuotaExceeded, EDQUOT},   {ErrorCode::kBusy, EBUSY},
    {ErrorCode::kConflictInProgress, EIO}, {ErrorCode::kArchived, EIO},
    {ErrorCode::kThrottled, EIO},          {ErrorCode::kUnavailable, EIO},
    {ErrorCode::kTimedOut, ETIMEDOUT},     {ErrorCode::kCancelled, EINTR},
    {ErrorCode::kWouldWait, EIO},          {ErrorCode::kCorrupt, EIO},
    {ErrorCode::kProtocol, EIO},           {ErrorCode::kUntrustedPeer, EIO},
    {ErrorCode::kMissingBucket, EIO},      {ErrorCode::kMissingUpload, EIO},
    {ErrorCode::kBadHandle, EBADF},        {ErrorCode::kNoAttribute, ENODATA},
    {ErrorCode::kTooManyLinks, ELOOP},     {ErrorCode::kInternal, EIO},
};

TEST(Errno, FollowsTheTable) {
  for (const Row& row : kTable) EXPECT_EQ(ErrnoFor(row.code), row.expected) << ErrorCodeName(row.code);
}

TEST(Errno, TableHasEveryCode) {
  std::set<ErrorCode> seen;
  for (const Row& row : kTable) EXPECT_TRUE(seen.insert(row.code).second) << ErrorCodeName(row.code);
  EXPECT_EQ(seen.size(), static_cast<size_t>(ErrorCode::kInternal) + 1);
}

TEST(Errno, Pitfall27_OnlyAMissingNameIsNoSuchFile) {
  for (const Row& row : kTable) {
    EXPECT_EQ(ErrnoFor(row.code) == ENOENT, row.code == ErrorCode::kNotFound) << ErrorCodeName(row.code);
  }
}

}  // namespace
}  // namespace cosfuse
