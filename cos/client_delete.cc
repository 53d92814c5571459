#include <algorithm>
#include <utility>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "cos/body_digest.h"
#include "cos/client.h"
#include "cos/limits.h"
#include "cos/object_key.h"
#include "cos/xml_responses.h"
#include "cos/xml_text.h"

namespace cosfuse {
namespace {

/// Whether a failure to delete one key is likely to be that of all others, too.
bool ConcernsAllKeys(ErrorCode code) {
  return code != ErrorCode::kAccessDenied && code != ErrorCode::kNotPermitted && code != ErrorCode::kInvalidArgument;
}

/// How stores that know no other proof of a body refuse a multi-delete without Content-MD5: by these codes.
bool WantsContentMd5(const Error& error) {
  const std::string& code = error.service_code();
  return code == "InvalidRequest" || code == "MissingContentMD5" || code == "InvalidDigest";
}

}  // namespace

Result<> CosClient::Delete(const OpContext& context, const ObjectKey& key) {
  RETURN_IF_ERROR(CheckObjectKey(key));
  const auto deleted =
      Send(context, {RequestKind::Of(StoreOperation::kDelete), key}, DeleteObjectRequest(address_, key),
           [](const Answer& /*answer*/) -> Result<> { return {}; });
  if (!deleted && deleted.error().code() == ErrorCode::kNotFound) return {};
  return deleted;
}

Result<std::vector<DeleteFailure>> CosClient::DeleteMany(const OpContext& context, std::span<const ObjectKey> keys) {
  if (keys.size() > kMaxKeysPerDelete) return Fail(ErrorCode::kInvalidArgument, "more than 1000 keys in one delete");
  std::vector<ObjectKey> batch;
  std::vector<ObjectKey> singles;
  for (const ObjectKey& key : keys) {
    RETURN_IF_ERROR(CheckObjectKey(key));
    // A key that XML cannot carry fits into a URL all the same.
    (IsXmlText(key) ? batch : singles).push_back(key);
  }
  std::vector<DeleteFailure> failures;
  if (batch.size() > 1 && !multi_delete_refused_) {
    auto left = DeleteBatch(context, batch);
    const bool refused = !left && left.error().code() == ErrorCode::kAccessDenied;
    if (!left && !refused) return left;
    if (left) {
      failures = *std::move(left);
      batch.clear();
    }
  }
  const bool fell_back = batch.size() > 1;
  singles.insert(singles.end(), batch.begin(), batch.end());
  std::vector<DeleteFailure> single_failures = DeleteOneByOne(context, singles);
  if (fell_back && single_failures.size() < singles.size()) multi_delete_refused_ = true;
  std::ranges::move(single_failures, std::back_inserter(failures));
  return failures;
}

Result<std::vector<DeleteFailure>> CosClient::DeleteBatch(const OpContext& context, std::vector<ObjectKey> keys) {
  std::vector<DeleteFailure> failures;
  std::vector<DeleteFailure> unsettled;
  const auto done = RunWithRetries(context, retries_, [&](const RetryAttempt& attempt) -> Result<> {
    auto sent = DeleteBatchOnce(attempt.context, keys);
    if (!sent && WantsContentMd5(sent.error()) && !multi_delete_needs_md5_.exchange(true)) {
      sent = DeleteBatchOnce(attempt.context, keys);
    }
    ASSIGN_OR_RETURN(const std::vector<KeyError> errors, std::move(sent));
    unsettled.clear();
    keys.clear();
    for (const KeyError& failure : errors) {
      Error error = ErrorFromKey(failure);
      if (error.code() == ErrorCode::kNotFound) continue;
      const bool again = IsRetryable(error.code());
      if (again) keys.push_back(failure.key);
      (again ? unsettled : failures).push_back({.key = failure.key, .error = std::move(error)});
    }
    if (!unsettled.empty()) return Fail(unsettled.front().error);
    return {};
  });
  // What some keys were told in an earlier answer is not forgotten because the last request for the others failed.
  if (!done && failures.empty() && unsettled.empty()) return Fail(done.error());
  std::ranges::move(unsettled, std::back_inserter(failures));
  return failures;
}

Result<std::vector<KeyError>> CosClient::DeleteBatchOnce(const OpContext& context, std::span<const ObjectKey> keys) {
  const std::string xml = DeleteObjectsBody(keys);
  SpanBodySource body(AsBytes(xml));
  // MD5 costs much more than a CRC: only for a store that takes nothing else.
  const BodyProof proof = multi_delete_needs_md5_ ? BodyProof{.header = "Content-MD5", .value = ContentMd5(xml)}
                                                  : BodyProof{.header = "x-amz-checksum-crc32c",
                                                              .value = EncodeCrc32c(ExtendCrc32c(0, AsBytes(xml)))};
  ASSIGN_OR_RETURN(const Answer answer, RpcForDocument(context, {RequestKind::Of(StoreOperation::kDeleteMany), {}},
                                                       DeleteObjectsRequest(address_, body, proof)));
  return ParseDeleteObjects(answer.body);
}

std::vector<DeleteFailure> CosClient::DeleteOneByOne(const OpContext& context, std::span<const ObjectKey> keys) {
  std::vector<DeleteFailure> failures;
  for (size_t i = 0; i < keys.size(); ++i) {
    const auto deleted = Delete(context, keys[i]);
    if (deleted) continue;
    failures.push_back({.key = keys[i], .error = deleted.error()});
    // A role that may not delete the first key may hardly delete any.
    const bool hopeless = i == 0 && deleted.error().code() == ErrorCode::kAccessDenied;
    if (!hopeless && !ConcernsAllKeys(deleted.error().code())) continue;
    for (const ObjectKey& key : keys.subspan(i + 1)) failures.push_back({.key = key, .error = deleted.error()});
    break;
  }
  return failures;
}

}  // namespace cosfuse
