#include "app/daemon.h"

#include <unistd.h>

#include <atomic>
#include <expected>
#include <fstream>
#include <iostream>
#include <memory>
#include <utility>

#include "app/capabilities.h"
#include "app/commands.h"
#include "app/drain.h"
#include "app/explain.h"
#include "app/mount_helper.h"
#include "app/mount_record.h"
#include "app/object_graph.h"
#include "app/signal_inbox.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/thread.h"
#include "fs/fuse/mount_point.h"

namespace cosfuse {
namespace {

/// What the daemon has while it has one thread and all rights, and cannot get later.
struct Beginning {
  SignalInbox inbox;
  MountHelper helper;
  std::optional<MountRecord> record;
};

bool AllowOther(const MountOptions& options) { return options.allow_other.value_or(geteuid() == 0); }

Result<Beginning> Begin(const MountOptions& options) {
  ASSIGN_OR_RETURN(SignalInbox inbox, SignalInbox::Open());
  RETURN_IF_ERROR(CheckMountPoint(options.mountpoint));
  ASSIGN_OR_RETURN(FileDescriptor device, OpenFuseDevice());
  ASSIGN_OR_RETURN(MountHelper helper, MountHelper::Start({.path = options.mountpoint,
                                                           .source = options.bucket.bucket,
                                                           .allow_other = AllowOther(options),
                                                           .read_only = options.access == AccessRequest::kReadOnly,
                                                           .max_read = kMiB},
                                                          std::move(device)));
  Result<MountRecord> record = MountRecord::Create(options.mountpoint);
  if (!record && record.error().code() == ErrorCode::kBusy) return Fail(record.error());
  RETURN_IF_ERROR(DropCapabilities());
  Beginning beginning{.inbox = std::move(inbox), .helper = std::move(helper), .record = std::nullopt};
  if (record) beginning.record.emplace(*std::move(record));
  return beginning;
}

/// Starts the mount in a thread of its own, so that this one can go on listening to signals: SIGTERM ends a start that
/// waits for a network that does not answer.
std::expected<std::unique_ptr<App>, StartFailure> StartApp(const MountOptions& options, Beginning& beginning) {
  const auto cancellation = std::make_shared<Cancellation>();
  const OpContext context = OpContext().WithCancellation(cancellation);
  std::expected<std::unique_ptr<App>, StartFailure> started;
  std::atomic<bool> done = false;
  Thread starter("start", [&] {
    started = App::Start(options, context, beginning.helper, [&beginning] { beginning.inbox.Wake(); });
    done = true;
    beginning.inbox.Wake();
  });
  while (!done) {
    if (beginning.inbox.Wait(std::nullopt) == SignalInbox::Event::kTerminate) cancellation->Cancel();
  }
  starter.Join();
  if (started && cancellation->cancelled()) {
    return std::unexpected(StartFailure{StartStage::kMount, Error(ErrorCode::kCancelled, "interrupted")});
  }
  return started;
}

std::string_view Describe(AccessMode access) {
  switch (access) {
    case AccessMode::kReadWrite: return "read-write";
    case AccessMode::kReadOnly: return "read-only";
    case AccessMode::kWriteOnly: return "write-only";
  }
  return "unknown";
}

/// The process id of the daemon in a file, for as long as this object lives.
class PidFile {
 public:
  explicit PidFile(std::string path) : path_(std::move(path)) {
    if (path_.empty()) return;
    std::ofstream file(path_, std::ios::trunc);
    file << getpid() << "\n" << std::flush;
    if (!file) Log(LogLevel::kWarning, "cannot write the pid file", {{"path", path_}});
  }
  ~PidFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

 private:
  const std::string path_;
};

void ReportMounted(const MountOptions& options, App& app, SupervisorLink& link) {
  const BucketOptions& bucket = options.bucket;
  const std::string name = bucket.prefix.empty() ? bucket.bucket : bucket.bucket + ":" + bucket.prefix;
  std::cerr << "mounted " + name + " at " + options.mountpoint + " (" + std::string(Describe(app.access())) + ")\n"
            << std::flush;
  SetLogLevel(options.log.level);
  if (!app.cache_directory().why_temporary().empty()) {
    Log(LogLevel::kWarning, "the cache directory is temporary: what is not in COS yet does not survive this process",
        {{"directory", app.cache_directory().path()},
         {"cause", app.cache_directory().why_temporary()},
         {"remedy", "name one by --cache-dir or COSFUSE_CACHE_DIR"}});
  }
  if (options.durability == Durability::kJournal && !app.has_journal()) {
    const bool read_only = app.access() == AccessMode::kReadOnly;
    Log(LogLevel::kWarning, "--durability=journal has no effect: a close returns when the bytes are in the bucket",
        {{"cause", read_only ? "the mount is read-only" : "there is no cache directory for a journal"}});
  }
  if (app.kept_files() > 0) {
    Log(LogLevel::kWarning, "files were written and never closed when an earlier process ended; their bytes are kept",
        {{"files", std::to_string(app.kept_files())},
         {"remedy", "cosfuse recover list --cache-dir " + app.cache_directory().path()}});
  }
  if (app.left_files() > 0) {
    Log(LogLevel::kInfo, "files that were closed when an earlier process ended are sent to the bucket now",
        {{"files", std::to_string(app.left_files())}});
  }
  if (app.unreadable_files() > 0) {
    Log(LogLevel::kError, "files that were closed when an earlier process ended cannot be read; they are not given up",
        {{"files", std::to_string(app.unreadable_files())},
         {"remedy", "cosfuse recover list --cache-dir " + app.cache_directory().path()}});
  }
  if (app.left_moves() > 0) {
    const bool ended = app.file_system().FinishMoves(OpContext::Immediate()).has_value();
    Log(LogLevel::kWarning, "renames of directories that an earlier process has left half way are undone or carried on",
        {{"directories", std::to_string(app.left_moves())},
         {"state", ended ? "all of them have ended" : "in progress"}});
  }
  link.ReportReady();
}

/// How long memory that was freed stays with malloc.
constexpr Duration kHeapInterval = std::chrono::seconds(5);

/// Returns when the mount is to end: told so, or unmounted from outside.
void WaitForEnd(SignalInbox& inbox, App& app) {
  HeapWatch heap;
  while (!app.mount().WaitUntilUnmounted(Duration(0))) {
    const SignalInbox::Event event = inbox.Wait(kHeapInterval);
    if (event == SignalInbox::Event::kTerminate) {
      Log(LogLevel::kInfo, "asked to end");
      return;
    }
    if (event == SignalInbox::Event::kTimeout && heap.MayReturn(MeasureHeap())) ReturnFreeHeap();
  }
  Log(LogLevel::kInfo, "unmounted from outside");
}

ExitCode End(const MountOptions& options, App& app, SupervisorLink& link) {
  const MonotonicTime asked = link.TerminationTime().value_or(app.clock().Now());
  const bool clean = DrainMount(app.file_system(), app.cache(), app.clock(), asked + options.drain_timeout);
  if (!app.mount().WaitUntilUnmounted(Duration(0))) {
    const Result<> unmounted = link.Unmount();
    // The supervisor tries again, detached, when this process has gone.
    if (!unmounted) Log(LogLevel::kWarning, "could not unmount", {{"cause", unmounted.error().message()}});
  }
  app.mount().Stop();
  return clean ? kExitOk : kExitBytesLeft;
}

}  // namespace

int RunDaemon(const MountOptions& options, SupervisorLink& link) {
  ForbidCoreDumps();
  RaiseDescriptorLimit();
  // A failure before the mount is one line, told by this function: the rooms below are to be quiet until then, unless
  // somebody looks for a defect.
  const bool debugging = options.log.level == LogLevel::kDebug;
  ConfigureLogging(debugging ? LogLevel::kDebug : LogLevel::kError, options.log.format);
  Result<Beginning> beginning = Begin(options);
  if (!beginning) return PrintFailure(beginning.error().message());
  auto app = StartApp(options, *beginning);
  if (!app) return PrintFailure(ExplainStartFailure(app.error().stage, app.error().error, options));

  const PidFile pid_file(options.pid_file);
  ReportMounted(options, **app, link);
  WaitForEnd(beginning->inbox, **app);
  const ExitCode code = End(options, **app, link);
  app->reset();
  if (beginning->record) beginning->record->NoteOutcome(code == kExitOk);
  return code;
}

}  // namespace cosfuse
