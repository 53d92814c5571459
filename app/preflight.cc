#include "app/preflight.h"

#include "base/log.h"

namespace cosfuse {
namespace {

Result<> CheckRead(const OpContext& context, ObjectStore& store, const std::string& prefix) {
  ListRequest request;
  request.prefix = prefix;
  request.max_keys = 1;
  RETURN_IF_ERROR(store.List(context, request));
  return {};
}

Result<> CheckWrite(const OpContext& context, ObjectStore& store, Random& random, const std::string& prefix) {
  constexpr size_t kRandomBytes = 8;
  const ObjectKey key = prefix + ".cosfuse-check-" + random.Hex(kRandomBytes);
  ASSIGN_OR_RETURN(const std::string upload, store.BeginUpload(context, key, ObjectMetadata(), Conditions()));
  const Result<> aborted = store.AbortUpload(context, key, upload);
  // The right to write is proved; an upload without parts costs nothing and shows in `ibmcloud cos multipart-uploads`.
  if (!aborted) {
    Log(LogLevel::kWarning, "the upload that checked the role could not be aborted",
        {{"key", key}, {"cause", aborted.error().ToString()}});
  }
  return {};
}

AccessMode ModeOf(AccessRequest request) {
  switch (request) {
    case AccessRequest::kAuto:
    case AccessRequest::kReadWrite: return AccessMode::kReadWrite;
    case AccessRequest::kReadOnly: return AccessMode::kReadOnly;
    case AccessRequest::kWriteOnly: return AccessMode::kWriteOnly;
  }
  return AccessMode::kReadOnly;
}

}  // namespace

std::expected<AccessMode, StartFailure> CheckAccess(const OpContext& context, TokenSource& tokens, ObjectStore& store,
                                                    Random& random, AccessRequest request, const std::string& prefix) {
  if (const auto token = tokens.Get(context); !token) {
    return std::unexpected(StartFailure{StartStage::kIdentity, token.error()});
  }
  if (request != AccessRequest::kWriteOnly) {
    if (const Result<> read = CheckRead(context, store, prefix); !read) {
      return std::unexpected(StartFailure{StartStage::kRead, read.error()});
    }
  }
  if (request == AccessRequest::kWriteOnly || request == AccessRequest::kReadWrite) {
    if (const Result<> written = CheckWrite(context, store, random, prefix); !written) {
      return std::unexpected(StartFailure{StartStage::kWrite, written.error()});
    }
  }
  return ModeOf(request);
}

}  // namespace cosfuse
