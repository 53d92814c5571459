#include <utility>

#include "cos/client.h"
#include "cos/object_headers.h"
#include "cos/object_key.h"

namespace cosfuse {
namespace {

constexpr int kRangeNotSatisfiable = 416;

}  // namespace

Result<ObjectInfo> CosClient::Head(const OpContext& context, const ObjectKey& key, const Conditions& conditions) {
  RETURN_IF_ERROR(CheckObjectKey(key));
  return Send(context, {RequestKind::Of(StoreOperation::kHead, conditions), key},
              HeadObjectRequest(address_, key, conditions),
              [](const Answer& answer) { return ParseObjectInfo(answer.headers); });
}

Result<ObjectInfo> CosClient::HeadOnce(const OpContext& context, const ObjectKey& key, const Conditions& conditions) {
  ASSIGN_OR_RETURN(const Answer answer,
                   RpcForDocument(context, {RequestKind::Of(StoreOperation::kHead, conditions), key},
                                  HeadObjectRequest(address_, key, conditions)));
  return ParseObjectInfo(answer.headers);
}

Result<ObjectInfo> CosClient::Get(const OpContext& context, const ObjectKey& key, ByteRange range,
                                  const Conditions& conditions, const DataCallback& on_data) {
  RETURN_IF_ERROR(CheckObjectKey(key));
  Download download(range);
  ASSIGN_OR_RETURN(const DownloadEnd end,
                   RunWithRetries(context, retries_, [&](RetryAttempt& attempt) -> Result<DownloadEnd> {
                     const ByteCount before = download.taken();
                     auto tried = ContinueDownload(attempt.context, key, conditions, download, on_data);
                     attempt.made_progress = download.taken() > before;
                     return tried;
                   }));
  if (end.error) return Fail(*end.error);
  if (download.checksum_differs()) {
    return Fail(ErrorCode::kCorrupt, "GetObject " + key + ": the bytes that arrived do not have the stored checksum");
  }
  return end.info;
}

Result<CosClient::DownloadEnd> CosClient::ContinueDownload(const OpContext& context, const ObjectKey& key,
                                                           const Conditions& conditions, Download& download,
                                                           const DataCallback& on_data) {
  // Once a version has been named, all the rest has to be of it, whatever the caller's conditions were.
  Conditions current = conditions;
  if (download.info()) current = {.if_match = download.pin(), .version_id = conditions.version_id};
  DownloadSink sink(download, on_data);
  const auto sent = Rpc(context, {RequestKind::Of(StoreOperation::kGet, current), key},
                        GetObjectRequest(address_, key, download.RangeToAsk(), current), sink);
  if (sink.final_error()) return DownloadEnd{.info = {}, .error = sink.final_error()};
  if (download.complete()) return DownloadEnd{.info = *download.info(), .error = std::nullopt};
  if (sent) return Fail(ErrorCode::kCorrupt, "GetObject " + key + ": the answer ended before its range");
  if (sent.error().http_status() == kRangeNotSatisfiable) {
    return DescribeUnsatisfiable(context, key, download, conditions, sent.error());
  }
  return Fail(sent.error());
}

Result<CosClient::DownloadEnd> CosClient::DescribeUnsatisfiable(const OpContext& context, const ObjectKey& key,
                                                                const Download& download, const Conditions& conditions,
                                                                const Error& refusal) {
  const ByteCount offset = download.wanted().offset;
  if (download.info() || offset > 0) return DownloadEnd{.info = {}, .error = refusal};
  // The answer names no version. A range from the first byte on is satisfiable unless the object is empty.
  ASSIGN_OR_RETURN(ObjectInfo info, HeadOnce(context, key, conditions));
  if (info.size > 0) return Fail(ErrorCode::kConflictInProgress, key + ": the object changes while it is read");
  return DownloadEnd{.info = std::move(info), .error = std::nullopt};
}

}  // namespace cosfuse
