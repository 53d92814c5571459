#pragma once

#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "auth/token_source.h"
#include "cos/answer_sinks.h"
#include "cos/error_table.h"
#include "cos/object_store.h"
#include "cos/refused_rights.h"
#include "cos/requests.h"
#include "cos/xml_responses.h"
#include "http/retry.h"
#include "http/transport.h"

namespace cosfuse {

/// One bucket of IBM Cloud Object Storage, over HTTP.
///
/// A call goes through three layers: tries under the retry policy and the shared budget; one remote procedure call
/// (bearer token, and once more with another token where a 401 or 403 meant the token); the transport. What is sent and
/// what an answer means is decided in requests.h, xml_responses.h, object_headers.h, error_table.h and download.h.
///
/// Uploads carry a CRC-32C that the store verifies: a body is read once before it is sent. Whole objects that are read,
/// and objects that were joined from parts, are verified against the store's checksum where it sends one.
///
/// Thread-safe. Everything that it is given by reference must outlive it.
class CosClient final : public ObjectStore {
 public:
  CosClient(BucketAddress address, Transport& transport, TokenSource& tokens, const RetryEnvironment& retries);

  Result<ObjectInfo> Head(const OpContext& context, const ObjectKey& key, const Conditions& conditions) override;
  Result<ObjectInfo> Get(const OpContext& context, const ObjectKey& key, ByteRange range, const Conditions& conditions,
                         const DataCallback& on_data) override;
  Result<WrittenVersion> Put(const OpContext& context, const ObjectKey& key, BodySource& body,
                             const ObjectMetadata& metadata, const Conditions& conditions) override;
  Result<> Delete(const OpContext& context, const ObjectKey& key) override;
  Result<std::vector<DeleteFailure>> DeleteMany(const OpContext& context, std::span<const ObjectKey> keys) override;
  Result<ListPage> List(const OpContext& context, const ListRequest& request) override;
  Result<WrittenVersion> Copy(const OpContext& context, const CopySource& source, const ObjectKey& target,
                              const std::optional<ObjectMetadata>& metadata) override;
  Result<std::string> BeginUpload(const OpContext& context, const ObjectKey& key, const ObjectMetadata& metadata,
                                  const Conditions& conditions) override;
  Result<UploadedPart> UploadPart(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                  int number, BodySource& body) override;
  Result<UploadedPart> UploadPartCopy(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                      int number, const CopySource& source, ByteRange range) override;
  Result<WrittenVersion> CompleteUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                                        std::span<const UploadedPart> parts, const Conditions& conditions) override;
  Result<> AbortUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id) override;
  Result<PartPage> ListParts(const OpContext& context, const ObjectKey& key, const std::string& upload_id,
                             int after) override;
  Result<UploadPage> ListUploads(const OpContext& context, const std::string& prefix,
                                 const UploadMarker& after) override;
  Result<VersionPage> ListVersions(const OpContext& context, const std::string& prefix,
                                   const VersionMarker& after) override;
  Result<ObjectTags> GetTags(const OpContext& context, const ObjectKey& key, const std::string& version_id) override;
  Result<> SetTags(const OpContext& context, const ObjectKey& key, const ObjectTags& tags) override;

 private:
  /// What is asked for: for the meaning of a refusal and for messages.
  struct Call {
    RequestKind kind;
    std::string_view key;
  };
  /// The answer of a success, its body collected.
  struct Answer {
    HttpHeaders headers;
    std::string body;
  };

  /// One remote procedure call: a token, the request, and both once more where the token was refused. Succeeds with a
  /// status of success, whose body went through `sink`; every other answer is an Error by the table.
  Result<> Rpc(const OpContext& context, const Call& call, HttpRequest request, AnswerSink& sink);
  /// Rpc for an answer that is collected; an `<Error>` in the body of a success is an Error, too.
  Result<Answer> RpcForDocument(const OpContext& context, const Call& call, const HttpRequest& request);
  /// RpcForDocument and `parse` of its answer (`const Answer& -> Result<T>`), tried again as the policy says.
  template <typename Parse>
  auto Send(const OpContext& context, const Call& call, const HttpRequest& request, const Parse& parse);

  /// How a download ended, for good: no other try can change it.
  struct DownloadEnd {
    ObjectInfo info;
    std::optional<Error> error;  ///< Of the consumer, or because the object is not what was asked for.
  };
  /// One request of a download. Errors: those that another one may mend, by continuing where this one broke off.
  Result<DownloadEnd> ContinueDownload(const OpContext& context, const ObjectKey& key, const Conditions& conditions,
                                       Download& download, const DataCallback& on_data);
  /// What a 416 means: an empty object is described, a range beyond the end of another one is an error.
  Result<DownloadEnd> DescribeUnsatisfiable(const OpContext& context, const ObjectKey& key, const Download& download,
                                            const Conditions& conditions, const Error& refusal);
  Result<ObjectInfo> HeadOnce(const OpContext& context, const ObjectKey& key, const Conditions& conditions);
  /// One multi-delete with retries. Keys that may be worth another try are sent again, alone.
  Result<std::vector<DeleteFailure>> DeleteBatch(const OpContext& context, std::vector<ObjectKey> keys);
  /// One multi-delete request.
  Result<std::vector<KeyError>> DeleteBatchOnce(const OpContext& context, std::span<const ObjectKey> keys);
  /// One request for each key. Ends early, with the rest as failures, where going on is of no use.
  std::vector<DeleteFailure> DeleteOneByOne(const OpContext& context, std::span<const ObjectKey> keys);

  const BucketAddress address_;
  Transport& transport_;
  TokenSource& tokens_;
  const RetryEnvironment retries_;

  RefusedRights refused_rights_;
  /// The role has no multi-delete but may delete: a condition on a prefix refuses it, because its request has no path.
  std::atomic<bool> multi_delete_refused_ = false;
  /// The store takes no other proof of a multi-delete's body than its MD5.
  std::atomic<bool> multi_delete_needs_md5_ = false;
};

template <typename Parse>
auto CosClient::Send(const OpContext& context, const Call& call, const HttpRequest& request, const Parse& parse) {
  using Parsed = std::invoke_result_t<const Parse&, const Answer&>;
  return RunWithRetries(context, retries_, [&](const RetryAttempt& attempt) -> Parsed {
    ASSIGN_OR_RETURN(const Answer answer, RpcForDocument(attempt.context, call, request));
    Parsed parsed = parse(answer);
    if (!parsed) return Fail(parsed.error().WithContext(StoreOperationName(call.kind.operation)));
    return parsed;
  });
}

}  // namespace cosfuse
