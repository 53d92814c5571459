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
    auto part = SendOne(index);
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

Result<UploadedPart> PartSender::SendOne(size_t index) {
  RETURN_IF_ERROR(content_.Prepare(context_, upload_.parts[index]));
  UploadBody body(content_, upload_.parts[index]);
  return store_.UploadPart(context_, upload_.key, upload_.id, static_cast<int>(index) + 1, body);
}

}  // namespace cosfuse
