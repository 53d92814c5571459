#include "fs/fuse/dispatcher.h"

#include "fs/fuse/reply.h"

namespace cosfuse {
namespace {

constexpr size_t kNetworkThreads = 256;
/// Enough to keep a disk busy; staging files are written through the page cache.
constexpr size_t kLocalThreads = 8;

}  // namespace

struct Dispatcher::Task {
  Request request;
  Limit limit;
  Job job;
  MonotonicTime arrival;
  std::shared_ptr<RequestTracker::Entry> entry;
};

Dispatcher::Dispatcher(Options options, FileSystem& file_system, Clock& clock, BufferPool& buffers)
    : options_(options),
      file_system_(file_system),
      clock_(clock),
      buffers_(buffers),
      tracker_(clock),
      read_gate_(options.read_buffers),
      network_pool_({.name = "fuse-network", .max_threads = kNetworkThreads}),
      local_pool_({.name = "fuse-local", .max_threads = kLocalThreads}) {
  tracker_.StartWatching();
}

Dispatcher::~Dispatcher() { CancelAll(); }

void Dispatcher::TryHere(const Request& request, Limit limit, Job job) {
  if (!job(OpContext::Immediate())) RunOnNetwork(request, limit, std::move(job));
}

void Dispatcher::TryLocally(const Request& request, Limit limit, Job job) {
  auto task = MakeTask(request, limit, std::move(job));
  local_pool_.Post([this, task] {
    if (!Run(*task, OpContext::Immediate()) && tracker_.Requeue(*task->entry)) PostToNetwork(task);
  });
}

void Dispatcher::RunLocally(const Request& request, Job job) {
  auto task = MakeTask(request, Limit::kProgress, std::move(job));
  local_pool_.Post([this, task] { Run(*task, WaitingContext(*task)); });
}

void Dispatcher::RunLocallyForDying(const Request& request, Job job) {
  auto task = std::make_shared<Task>(Task{request, Limit::kProgress, std::move(job), clock_.Now(), nullptr});
  task->entry = tracker_.Add(request.unique, request.caller.pid, MonotonicTime::max(), nullptr);
  local_pool_.Post([this, task] {
    task->job(WaitingContext(*task));
    tracker_.Remove(*task->entry);
  });
}

void Dispatcher::RunOnNetwork(const Request& request, Limit limit, Job job) {
  PostToNetwork(MakeTask(request, limit, std::move(job)));
}

void Dispatcher::TryReading(const Request& request, ByteCount size, Job job) {
  if (job(OpContext::Immediate())) return;
  auto task = MakeTask(request, Limit::kProgress, std::move(job));
  read_gate_.Enter(size, [this, task, size] {
    network_pool_.Post([this, task, size] {
      Run(*task, WaitingContext(*task));
      read_gate_.Leave(size);
    });
  });
}

std::shared_ptr<Dispatcher::Task> Dispatcher::MakeTask(const Request& request, Limit limit, Job job) {
  auto task = std::make_shared<Task>(Task{request, limit, std::move(job), clock_.Now(), nullptr});
  const Duration patience = limit == Limit::kProgress ? options_.io_timeout : options_.directory_timeout;
  task->entry = tracker_.Add(request.unique, request.caller.pid, task->arrival + patience, [request](ErrorCode code) {
    ReplyError(request, Error(code, "gave up before a thread was free"));
  });
  return task;
}

void Dispatcher::PostToNetwork(const std::shared_ptr<Task>& task) {
  network_pool_.Post([this, task] { Run(*task, WaitingContext(*task)); });
}

bool Dispatcher::Run(Task& task, const OpContext& context) {
  if (!tracker_.Begin(*task.entry)) return true;
  if (!task.job(context)) return false;
  tracker_.Remove(*task.entry);
  return true;
}

OpContext Dispatcher::WaitingContext(const Task& task) const {
  const Duration patience = task.limit == Limit::kProgress ? options_.io_timeout : options_.directory_timeout;
  const OpContext context = OpContext().WithCancellation(task.entry->cancellation()).WithPatience(patience);
  return context.WithDeadline(task.limit == Limit::kDirectory ? task.arrival + patience : MonotonicTime::max());
}

}  // namespace cosfuse
