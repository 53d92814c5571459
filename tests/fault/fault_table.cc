#include "tests/fault/fault_table.h"

#include <chrono>
#include <vector>

namespace cosfuse::testing {
namespace {

using Call = ClientCall;
using Exceptions = std::map<Call, Outcome>;

Outcome Succeeds(int requests = 1) { return {.error = std::nullopt, .requests = requests}; }
Outcome Fails(ErrorCode code, int requests = 1) { return {.error = code, .requests = requests}; }
Outcome Untested() { return {.error = std::nullopt, .requests = 0, .tested = false}; }

/// `base` with some rows replaced.
Exceptions With(Exceptions base, const Exceptions& others) {
  for (const auto& [call, outcome] : others) base[call] = outcome;
  return base;
}

/// The service did it, its answer was lost: a conditional write meets its own first try, and a completion finds its
/// upload gone. The caller looks whose it is.
const Exceptions kDoneUnseen = {{Call::kPutNew, Fails(ErrorCode::kAlreadyExists, 2)},
                                {Call::kPutOver, Fails(ErrorCode::kStale, 2)},
                                {Call::kCompleteUpload, Fails(ErrorCode::kMissingUpload, 2)}};

/// Calls whose answers have no body.
Exceptions Bodiless(const Outcome& outcome) {
  return {{Call::kHead, outcome},        {Call::kPut, outcome},    {Call::kPutNew, outcome},
          {Call::kPutOver, outcome},     {Call::kDelete, outcome}, {Call::kUploadPart, outcome},
          {Call::kAbortUpload, outcome}, {Call::kSetTags, outcome}};
}

/// Where a deadline has to end the silence.
const Exceptions kSlowByRight = {{Call::kCopy, Fails(ErrorCode::kTimedOut)},
                                 {Call::kCompleteUpload, Fails(ErrorCode::kTimedOut)}};

/// A multi-delete that the role has no right to becomes single deletes, which this fault does not meet.
const Exceptions kDeletedSingly = {{Call::kDeleteMany, Succeeds()}};

std::vector<FaultRow> RefusedRequests() {
  return {
      {"status 500", "kind=status&status=500&code=InternalError", Succeeds(2)},
      {"status 500 twice", "kind=status&status=500&code=InternalError&count=2", Succeeds(3)},
      {"status 502", "kind=status&status=502&code=BadGateway", Succeeds(2)},
      {"status 503", "kind=status&status=503&code=SlowDown", Succeeds(2)},
      {.name = "status 503 with Retry-After",
       .parameters = "kind=status&status=503&code=ServiceUnavailable&retry-after=7",
       .otherwise = Succeeds(2),
       .slept = std::chrono::seconds(7)},
      {"status 504", "kind=status&status=504&code=GatewayTimeout", Succeeds(2)},
      {"status 429", "kind=status&status=429&code=TooManyRequests", Succeeds(2)},
      {"status 408", "kind=status&status=408&code=RequestTimeout", Succeeds(2)},
      // Without its code a 400 is the caller's mistake, and a HEAD has no body to hold it.
      {"status 400 RequestTimeout",
       "kind=status&status=400&code=RequestTimeout",
       Succeeds(2),
       {{Call::kHead, Fails(ErrorCode::kInvalidArgument)}}},
      {"status 409 OperationAborted", "kind=status&status=409&code=OperationAborted", Succeeds(2)},
      {"status 403", "kind=status&status=403&code=AccessDenied", Fails(ErrorCode::kAccessDenied), kDeletedSingly},
      {"status 501", "kind=status&status=501&code=NotImplemented", Fails(ErrorCode::kUnsupported)},
      {"status 507", "kind=status&status=507&code=VaultQuotaExceeded", Fails(ErrorCode::kQuotaExceeded)},
      {"status 404 NoSuchBucket",
       "kind=status&status=404&code=NoSuchBucket",
       Fails(ErrorCode::kMissingBucket),
       {{Call::kHead, Fails(ErrorCode::kNotFound)}}},
      {"a gateway's page with 502", "kind=html&status=502", Succeeds(2)},
      {"a gateway's page with 403", "kind=html&status=403", Fails(ErrorCode::kAccessDenied), kDeletedSingly},
      {"an error in a 200", "kind=error-in-200&code=InternalError", Succeeds(2)},
      {"an error in a 200 after white space", "kind=error-in-200&code=SlowDown&spaces=5", Succeeds(2)},
      {"reset before", "kind=reset-before", Succeeds(2)},
      {"delay", "kind=delay&ms=20", Succeeds()},
  };
}

std::vector<FaultRow> LostAnswers() {
  return {
      {"reset after", "kind=reset-after", Succeeds(2), kDoneUnseen},
      {"a body that ends early", "kind=truncate", Succeeds(2), kDoneUnseen},
      {.name = "a black hole before",
       .parameters = "kind=black-hole",
       .otherwise = Succeeds(2),
       .exceptions = kSlowByRight,
       .silent = true,
       .deadline = true},
      {.name = "a black hole after",
       .parameters = "kind=black-hole-after",
       .otherwise = Succeeds(2),
       .exceptions = With(kDoneUnseen, kSlowByRight),
       .silent = true,
       .deadline = true},
      {.name = "a body that stalls",
       .parameters = "kind=stall",
       .otherwise = Succeeds(2),
       .exceptions = kDoneUnseen,
       .silent = true},
  };
}

std::vector<FaultRow> WrongAnswers() {
  const Outcome corrupt = Fails(ErrorCode::kCorrupt);
  // What has been handed on cannot be taken back: no other try.
  const Exceptions wrong_bytes = {{Call::kGetWhole, corrupt}};
  return {
      // Inside the name of a document's root. The bytes of a range have no checksum: TLS is what protects them.
      {"a wrong byte", "kind=corrupt&at=45", Succeeds(2),
       With(With(Bodiless(Succeeds()), kDoneUnseen), {{Call::kGetWhole, corrupt},
                                                      {Call::kGetRange, Untested()},
                                                      {Call::kPutNew, Succeeds()},
                                                      {Call::kPutOver, Succeeds()}})},
      {"a wrong checksum", "kind=wrong-header&header=x-amz-checksum-crc32c&value=AAAAAA%3D%3D", Succeeds(),
       wrong_bytes},
      // Nothing contradicts the description of an object but the object.
      {"a wrong ETag", "kind=wrong-header&header=ETag", Succeeds(), {{Call::kHead, Untested()}}},
      {"no ETag",
       "kind=missing-header&header=ETag",
       Succeeds(),
       {{Call::kHead, Succeeds(2)},
        {Call::kGetWhole, Succeeds(2)},
        {Call::kGetRange, Succeeds(2)},
        {Call::kPut, Succeeds(2)},
        {Call::kPutNew, Fails(ErrorCode::kAlreadyExists, 2)},
        {Call::kPutOver, Fails(ErrorCode::kStale, 2)},
        {Call::kUploadPart, Succeeds(2)}}},
      {"a Content-Length that is too small", "kind=wrong-header&header=Content-Length", Succeeds(2),
       With(kDoneUnseen, {{Call::kHead, Untested()},
                          {Call::kGetWhole, corrupt},
                          {Call::kDelete, Succeeds()},
                          {Call::kAbortUpload, Succeeds()}})},
      {"no Content-Length",
       "kind=missing-header&header=Content-Length",
       Succeeds(),
       // The emulator ends a HEAD without a length with an empty chunk, on which the next answer may stumble.
       {{Call::kHead, {.error = std::nullopt, .requests = 2, .extra = 1}}, {Call::kGetWhole, Succeeds(2)}}},
      {"a wrong Content-Range", "kind=wrong-header&header=Content-Range", Succeeds(), {{Call::kGetRange, Succeeds(2)}}},
      {"no Content-Range", "kind=missing-header&header=Content-Range", Succeeds(), {{Call::kGetRange, Succeeds(2)}}},
      {"white space in a body", "kind=spaces&spaces=3", Succeeds(),
       With(wrong_bytes, {{Call::kGetRange, Succeeds(2)}})},
  };
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  out << (outcome.error ? ErrorCodeName(*outcome.error) : "success");
  return out << " after " << outcome.requests << " requests";
}

std::span<const FaultRow> FaultRows() {
  static const std::vector<FaultRow> rows = [] {
    std::vector<FaultRow> all = RefusedRequests();
    for (auto&& more : {LostAnswers(), WrongAnswers()}) all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return rows;
}

}  // namespace cosfuse::testing
