#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "emulator/cos/request.h"
#include "emulator/iam/roles.h"

namespace cosfuse::emulator {

/// COS: the buckets and what requests do to them. Who sends a request is found out before. Thread-safe.
class CosService {
 public:
  struct Options {
    std::vector<std::string> buckets;
    std::vector<std::string> public_buckets;
    std::vector<std::string> versioned_buckets;
    Dialect dialect;
    ETagKind etag = ETagKind::kMd5;
  };

  /// Loads what `storage` holds. All arguments but the options must outlive the service. Errors: those of
  /// Storage::Load.
  static Result<std::unique_ptr<CosService>> Open(const Options& options, Storage& storage, const Clock& clock,
                                                  Random& random);

  ~CosService() { storage_.Close(); }
  CosService(const CosService&) = delete;
  CosService& operator=(const CosService&) = delete;

  /// What can be decided before the body: `roles` is nothing for a token that is not good, `anonymous` says that none
  /// was sent. Errors: kAccessDenied, kNoSuchBucket, kMissingContentLength, kEntityTooLarge, kKeyTooLong.
  S3Result<> Check(Operation operation, const Target& target, const Headers& headers, bool anonymous,
                   std::optional<RoleSet> roles) const;

  /// Where the body of a request goes. Errors: kInternalError.
  S3Result<std::unique_ptr<BodyReceiver>> Receive(Operation operation, const Headers& headers);

  /// Carries out a request that Check has let pass.
  S3Result<Reply> Execute(Operation operation, const Target& target, const Headers& headers,
                          const ReceivedBody& received);

  /// Null for a bucket that does not exist.
  Bucket* FindBucket(std::string_view name) const;
  /// Multipart uploads in progress in all buckets.
  size_t open_uploads() const;

  Dialect dialect() const EXCLUDES(mutex_);
  /// For requests from now on.
  void SetDialect(const Dialect& dialect) EXCLUDES(mutex_);

 private:
  CosService(const Options& options, Storage& storage, const Clock& clock, Random& random)
      : etag_(options.etag),
        storage_(storage),
        clock_(clock),
        random_(random),
        started_(clock.WallNow()),
        dialect_(options.dialect) {}

  const ETagKind etag_;
  Storage& storage_;
  const Clock& clock_;
  Random& random_;
  const WallTime started_;
  Buckets buckets_;  // Filled by Open, constant afterwards.

  mutable Mutex mutex_;
  Dialect dialect_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse::emulator
