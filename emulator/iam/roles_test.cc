#include "emulator/iam/roles.h"

#include <gtest/gtest.h>

#include <set>

namespace cosfuse::emulator {
namespace {

using enum Operation;

const std::set<Operation> kReading = {kHeadBucket,         kGetBucketLocation, kListObjectsV2, kListObjects,
                                      kListObjectVersions, kHeadObject,        kGetObject};
const std::set<Operation> kUploading = {kPutObject,        kCreateMultipartUpload,   kUploadPart,
                                        kPutObjectTagging, kCompleteMultipartUpload, kAbortMultipartUpload};

TEST(Roles, PermitExactlyWhatIsDocumented) {
  const RoleSet both = ParseRoles("ContentReader+ObjectWriter").value();
  for (size_t i = 0; i < kOperationCount; ++i) {
    const auto operation = static_cast<Operation>(i);
    SCOPED_TRACE(OperationName(operation));
    const bool reads = kReading.contains(operation);
    const bool uploads = kUploading.contains(operation);
    EXPECT_TRUE(Permits(Role::kWriter, operation));
    EXPECT_TRUE(Permits(Role::kManager, operation));
    EXPECT_EQ(Permits(Role::kContentReader, operation), reads);
    EXPECT_EQ(Permits(Role::kObjectWriter, operation), uploads);
    EXPECT_EQ(Permits(both, operation), reads || uploads);
    EXPECT_FALSE(Permits(RoleSet(), operation));
    EXPECT_EQ(PermitsAnonymous(operation), reads);
  }
}

TEST(Roles, AreReadFromTheirNames) {
  EXPECT_EQ(ParseRoles("Writer"), RoleSet(Role::kWriter));
  EXPECT_EQ(ParseRoles("None"), RoleSet());
  EXPECT_TRUE(ParseRoles("ContentReader+ObjectWriter")->Has(Role::kObjectWriter));
  EXPECT_FALSE(ParseRoles(""));
  EXPECT_FALSE(ParseRoles("writer"));
  EXPECT_FALSE(ParseRoles("Writer+"));
}

}  // namespace
}  // namespace cosfuse::emulator
