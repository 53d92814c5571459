#include "cache/part_sender.h"

#include <algorithm>
#include <utility>

namespace cosfuse {

Result<std::vector<UploadedPart>> PartSender::Send(const OpContext& context, ObjectStore& store, UploadContent& content,
                                                   Upload upload, ThreadPool& pool, size_t parallel) {
  const size_t workers = std::min(std::max<size_t>(parallel, 1), upload.parts.size());
  const std::shared_ptr<PartSender> sender(new PartSender(context, store, content, std::move(upload)));
  for (size_t i = 1; i < workers; ++i) pool.Post([sender] { sender->Work(); });
  sender->Work();
  MutexLock lock(sender->mutex_);
  while (sender->in_flight_ > 0) sender->idle_.Wait(sender->mutex_);
  if (sender->error_) return Fail(*sender->error_);
  return sender->sent_;
}

void PartSender::Work() {
  MutexLock lock(mutex_);
  while (next_ < upload_.parts.size() && !error_) {
    const size_t index = next_++;
    ++in_flight_;
    lock.Unlock();
    auto part = BringOne(upload_.parts[index]);
    lock.Lock();
    --in_flight_;
    if (part) {
      sent_[index] = *std::move(part);
    } else if (!error_) {
      error_ = std::move(part).error();
    }
  }
  if (in_flight_ == 0) idle_.NotifyAll();
}

Result<UploadedPart> PartSender::BringOne(const PlannedPart& part) {
  if (part.source == PlannedPart::Source::kCopy) {
    auto copied =
        store_.UploadPartCopy(context_, upload_.key, upload_.id, part.number, upload_.copy_source, part.range);
    // A base that is gone is another version, like one that was replaced.
    if (!copied && copied.error().code() == ErrorCode::kNotFound)
      return Fail(copied.error().WithCode(ErrorCode::kStale));
    return copied;
  }
  RETURN_IF_ERROR(content_.Prepare(context_, part.range));
  UploadBody body(content_, part.range);
  auto sent = store_.UploadPart(context_, upload_.key, upload_.id, part.number, body);
  content_.Done(part.range);
  return sent;
}

}  // namespace cosfuse
