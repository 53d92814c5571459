#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/thread_pool.h"
#include "cache/upload_content.h"
#include "cache/upload_plan.h"
#include "cos/object_store.h"

namespace cosfuse {

/// Sends the parts of one multipart upload, or has the store copy them, several at a time: the calling thread and
/// helpers from a pool. Progress never depends on the pool: a helper that gets no thread in time finds nothing left to
/// do.
class PartSender : public std::enable_shared_from_this<PartSender> {
 public:
  struct Upload {
    ObjectKey key;
    std::string id;
    std::vector<PlannedPart> parts;  ///< To be sent or copied.
    CopySource copy_source{};        ///< Of those that are copied.
  };

  /// Brings all parts there and returns them in order, or the first error; then no part is on its way any more.
  /// `store` and `content` are borrowed until it returns. Blocks on the network.
  static Result<std::vector<UploadedPart>> Send(const OpContext& context, ObjectStore& store, UploadContent& content,
                                                Upload upload, ThreadPool& pool, size_t parallel);

 private:
  PartSender(const OpContext& context, ObjectStore& store, UploadContent& content, Upload upload)
      : context_(context), store_(store), content_(content), upload_(std::move(upload)), sent_(upload_.parts.size()) {}

  /// Works on parts until none is left or one has failed.
  void Work() EXCLUDES(mutex_);
  Result<UploadedPart> BringOne(const PlannedPart& part);

  const OpContext context_;
  ObjectStore& store_;      // Not touched by a helper that
  UploadContent& content_;  // comes after the last part.
  const Upload upload_;

  Mutex mutex_;
  CondVar idle_;
  size_t next_ GUARDED_BY(mutex_) = 0;
  size_t in_flight_ GUARDED_BY(mutex_) = 0;
  std::optional<Error> error_ GUARDED_BY(mutex_);
  std::vector<UploadedPart> sent_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse
