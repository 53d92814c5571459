#include "cos/client.h"

#include <utility>

#include "base/crash_point.h"

namespace cosfuse {
namespace {

constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;

/// Whether a refusal may be one of the token. An archived object is refused with 403 under any token.
bool MayMeanToken(int status, const Error& error) {
  return (status == kUnauthorized || status == kForbidden) && error.code() == ErrorCode::kAccessDenied;
}

}  // namespace

CosClient::CosClient(BucketAddress address, Transport& transport, TokenSource& tokens, const RetryEnvironment& retries)
    : address_(std::move(address)), transport_(transport), tokens_(tokens), retries_(retries) {}

Result<> CosClient::Rpc(const OpContext& context, const Call& call, HttpRequest request, AnswerSink& sink) {
  for (bool repeated = false;; repeated = true) {
    RETURN_IF_ERROR(context.CheckMayWait(retries_.clock.Now()));
    ASSIGN_OR_RETURN(const AccessToken token, tokens_.Get(context));
    request.bearer = token.bearer;
    CrashPoint(StoreOperationName(call.kind.operation), "before");
    RETURN_IF_ERROR(transport_.Send(context, request, sink));
    CrashPoint(StoreOperationName(call.kind.operation), "after");
    if (sink.success()) {
      tokens_.OnAccepted(token);
      refused_rights_.OnAllowed(call.kind.operation);
      return {};
    }
    Error error = ErrorFromAnswer(call.kind, call.key, sink.head(), sink.error_body(), retries_.clock.WallNow());
    if (!MayMeanToken(sink.head().status, error)) {
      tokens_.OnAccepted(token);
      return Fail(std::move(error));
    }
    if (repeated) {
      refused_rights_.OnRefusedAgain(call.kind.operation, token.generation);
      return Fail(std::move(error));
    }
    if (refused_rights_.IsKnown(call.kind.operation, token.generation)) return Fail(std::move(error));
    if (!tokens_.OnRefused(context, token)) return Fail(std::move(error));
  }
}

Result<CosClient::Answer> CosClient::RpcForDocument(const OpContext& context, const Call& call,
                                                    const HttpRequest& request) {
  DocumentSink sink;
  RETURN_IF_ERROR(Rpc(context, call, request, sink));
  if (FindServiceError(sink.body())) {
    return Fail(ErrorFromAnswer(call.kind, call.key, sink.head(), sink.body(), retries_.clock.WallNow()));
  }
  return Answer{.headers = sink.head().headers, .body = sink.body()};
}

}  // namespace cosfuse
