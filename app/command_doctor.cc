#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "app/capabilities.h"
#include "app/commands.h"
#include "app/explain.h"
#include "app/object_graph.h"
#include "base/encoding.h"
#include "base/log.h"
#include "cos/client.h"
#include "fs/hidden_keys.h"
#include "http/retry.h"

namespace cosfuse {
namespace {

/// For the token, and again for each page.
constexpr Duration kStepLimit = std::chrono::seconds(60);

struct KeyCount {
  uint64_t all = 0;
  uint64_t hidden = 0;
};

/// Goes through the bucket page by page, so that its size is no matter of memory.
class KeyInspection {
 public:
  KeyInspection(ObjectStore& store, Clock& clock, std::string prefix)
      : store_(store), clock_(clock), prefix_(std::move(prefix)) {}

  /// Prints each key that a mount does not show. Errors: ObjectStore's.
  Result<KeyCount> Run() {
    KeyCount count;
    ListRequest request;
    request.prefix = prefix_;
    request.delimited = false;
    do {
      ASSIGN_OR_RETURN(const ListPage page, store_.List(NextStep(), request));
      for (const ListedObject& object : page.objects) {
        ++count.all;
        ASSIGN_OR_RETURN(const auto why, Judge(object));
        if (!why) continue;
        ++count.hidden;
        std::cout << DescribeWhyHidden(*why) << " " << PercentEncode(object.key, "/") << "\n";
      }
      request.continuation_token = page.next_token;
    } while (!request.continuation_token.empty() && std::cout);
    return count;
  }

 private:
  OpContext NextStep() const { return OpContext().WithDeadline(clock_.Now() + kStepLimit); }

  Result<std::optional<WhyHidden>> Judge(const ListedObject& object) {
    const std::string_view below = std::string_view(object.key).substr(prefix_.size());
    if (const auto why = FindWhyHidden(below, object.size)) return why;
    if (!NeedsNameOfItsOwn(below)) return std::nullopt;
    ListRequest request;
    request.prefix = object.key + '/';
    request.max_keys = 1;
    ASSIGN_OR_RETURN(const ListPage page, store_.List(NextStep(), request));
    const bool directory = !page.objects.empty() || !page.common_prefixes.empty() || !page.next_token.empty();
    return directory ? std::optional(WhyHidden::kBesideDirectory) : std::nullopt;
  }

  ObjectStore& store_;
  Clock& clock_;
  const std::string prefix_;
};

int FailAt(StartStage stage, const Error& error, const DoctorCommand& command) {
  MountOptions options;
  options.identity = command.identity;
  options.bucket = command.bucket;
  options.access = AccessRequest::kReadOnly;
  return PrintFailure(ExplainStartFailure(stage, error, options));
}

}  // namespace

int RunDoctorCommand(const DoctorCommand& command) {
  ForbidCoreDumps();
  ConfigureLogging(command.log.level == LogLevel::kDebug ? LogLevel::kDebug : LogLevel::kError, command.log.format);
  SystemClock clock;
  SystemRandom random;
  RetryBudget budget;
  const std::unique_ptr<Disk> disk = OpenPosixDisk("/");
  const std::unique_ptr<Transport> transport = MakeTransport(command.identity, clock);
  const std::unique_ptr<TokenSource> tokens = MakeTokenSource(command.identity, *transport, *disk, clock, random);
  const auto token = tokens->Get(OpContext().WithDeadline(clock.Now() + kStepLimit));
  if (!token) return FailAt(StartStage::kIdentity, token.error(), command);
  CosClient store({.endpoint = command.bucket.endpoint, .bucket = command.bucket.bucket}, *transport, *tokens,
                  {.clock = clock, .random = random, .budget = budget, .policy = RetryPolicy()});
  const auto count = KeyInspection(store, clock, command.bucket.prefix).Run();
  if (!count) return FailAt(StartStage::kRead, count.error(), command);
  std::cout << count->hidden << " of " << count->all << " keys are not shown by a mount\n" << std::flush;
  if (!std::cout) return kExitFailed;
  return count->hidden == 0 ? kExitOk : kExitHiddenKeys;
}

}  // namespace cosfuse
