#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "emulator/iam/token_exchange.h"
#include "emulator/wire/message.h"

namespace cosfuse::emulator {

/// What IAM answers instead of what it should.
struct ForcedAnswer {
  IamError error;
  bool html = false;                    ///< The page of a gateway in front of IAM, without a code.
  std::optional<uint64_t> retry_after;  ///< In seconds.
  std::optional<uint64_t> count;        ///< So many answers; nothing: until it is cleared.
};

/// The error as IAM words it, for the codes that it documents or that were seen; for any other one a plain message.
IamError DescribeIamCode(std::string_view code);

/// The answer that is forced now. Thread-safe.
class ForcedAnswers {
 public:
  void Set(ForcedAnswer answer) EXCLUDES(mutex_);
  void Clear() EXCLUDES(mutex_);
  /// Uses one up.
  std::optional<ForcedAnswer> Take() EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  std::optional<ForcedAnswer> answer_ GUARDED_BY(mutex_);
};

/// A page as gateways send it. Pure.
Reply MakeHtmlReply(int status);

}  // namespace cosfuse::emulator
