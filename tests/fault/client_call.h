#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/op_context.h"
#include "cos/object_store.h"

namespace cosfuse::testing {

/// The calls of ObjectStore; where a condition or a range changes what a fault means, as calls of their own.
enum class ClientCall {
  kHead,
  kGetWhole,
  kGetRange,
  kPut,
  kPutNew,   ///< Create only.
  kPutOver,  ///< If-Match.
  kDelete,
  kDeleteMany,
  kList,
  kCopy,
  kBeginUpload,
  kUploadPart,
  kUploadPartCopy,
  kCompleteUpload,
  kAbortUpload,
  kListParts,
  kListUploads,
  kListVersions,
  kGetTags,
  kSetTags,
};

inline constexpr std::array kClientCalls = {
    ClientCall::kHead,           ClientCall::kGetWhole,       ClientCall::kGetRange,    ClientCall::kPut,
    ClientCall::kPutNew,         ClientCall::kPutOver,        ClientCall::kDelete,      ClientCall::kDeleteMany,
    ClientCall::kList,           ClientCall::kCopy,           ClientCall::kBeginUpload, ClientCall::kUploadPart,
    ClientCall::kUploadPartCopy, ClientCall::kCompleteUpload, ClientCall::kAbortUpload, ClientCall::kListParts,
    ClientCall::kListUploads,    ClientCall::kListVersions,   ClientCall::kGetTags,     ClientCall::kSetTags};

std::string_view ClientCallName(ClientCall call);
/// The S3 operation behind it, as the emulator counts and breaks it.
std::string_view ServiceOperationOf(ClientCall call);

/// One call on objects of its own, and how to tell that no byte is wrong afterwards. Used by one thread.
class ClientCallRun {
 public:
  /// All keys begin with `prefix`, which ends in a slash.
  ClientCallRun(ClientCall call, std::string prefix) : call_(call), prefix_(std::move(prefix)) {}

  /// Makes what the call needs. Errors: the store's.
  Result<> Prepare(ObjectStore& store);
  /// The call. Errors: its own; kInternal where it succeeded with a wrong answer.
  Result<> Run(ObjectStore& store, const OpContext& context);
  /// Whether the bucket is as it has to be: after a success as the call promises, after a failure as it was or as if
  /// the call had succeeded, never between. Errors: kInternal says what is wrong; the store's.
  Result<> Inspect(ObjectStore& store, bool succeeded) const;

 private:
  Result<> RunRead(ObjectStore& store, const OpContext& context) const;
  Result<> RunWrite(ObjectStore& store, const OpContext& context);
  Result<> RunUpload(ObjectStore& store, const OpContext& context);
  /// The object's bytes; "(none)" where there is none.
  static Result<std::string> Content(ObjectStore& store, const ObjectKey& key);
  ObjectKey key() const { return prefix_ + "object"; }
  ObjectKey target() const { return prefix_ + "target"; }

  const ClientCall call_;
  const std::string prefix_;
  ETag etag_;              ///< Of the object before the call.
  std::string upload_id_;  ///< Of an upload in progress.
  UploadedPart part_;      ///< Its only part.
};

}  // namespace cosfuse::testing
