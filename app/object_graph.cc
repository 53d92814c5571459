#include "app/object_graph.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "app/disk_budget.h"
#include "app/memory_budget.h"
#include "app/token_file_choice.h"
#include "auth/anonymous_token_source.h"
#include "auth/api_key_grant.h"
#include "auth/iam_token_source.h"
#include "auth/trusted_profile_grant.h"
#include "base/log.h"
#include "cache/file_cache.h"
#include "cache/upload_journal.h"
#include "cos/client.h"
#include "http/curl_transport.h"

namespace cosfuse {
namespace {

/// Longest wait of a start for IAM, and again for COS. What comes later is better left to whoever restarts the program,
/// with the cause in hand.
constexpr Duration kStageLimit = std::chrono::seconds(10);

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

Result<> CheckCertificates(Disk& disk, const std::string& ca_file) {
  if (ca_file.empty()) return {};
  const Result<std::string> text = disk.ReadSmallFile(ca_file, 16 * kMiB);
  if (!text) return Fail(text.error().WithContext("the certificates in " + ca_file + " cannot be read"));
  if (text->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    return Fail(ErrorCode::kInvalidArgument, ca_file + " holds no certificate in PEM form");
  }
  return {};
}

std::unique_ptr<const Grant> MakeGrant(const IdentityOptions& identity, Disk& disk) {
  if (!identity.api_key_file.empty()) return std::make_unique<ApiKeyGrant>(disk, identity.api_key_file);
  TrustedProfile profile{.id = identity.profile_id, .name = identity.profile_name, .crn = identity.profile_crn};
  return std::make_unique<TrustedProfileGrant>(std::move(profile), disk, ChooseTokenFile(identity.token_file));
}

constexpr const char* kBootIdFile = "/proc/sys/kernel/random/boot_id";

/// So long nothing may happen to a file that was closed, before it goes to the store: what follows a close (rename,
/// chmod) comes at once or never.
constexpr Duration kQuietBeforeUpload = std::chrono::milliseconds(100);

FileSystemOptions FileSystemOptionsFrom(const MountOptions& options, AccessMode access, bool journal) {
  const bool promises = journal && options.durability == Durability::kJournal;
  return {
      .prefix = options.bucket.prefix,
      .access = access,
      .ttl = options.ttl,
      .uid = options.uid.value_or(geteuid()),
      .gid = options.gid.value_or(getegid()),
      .file_mode = options.file_mode,
      .directory_mode = options.directory_mode,
      .capacity = options.capacity,
      .exclusive_names = options.exclusive_names,
      .close_promises = promises,
      .fsync_promises = promises && options.fsync_durability == Durability::kJournal,
      .store_delay = {.after_last = std::min(kQuietBeforeUpload, options.max_delay), .after_first = options.max_delay},
      .barrier_names = options.barrier_names};
}

}  // namespace

std::unique_ptr<Transport> MakeTransport(const IdentityOptions& identity, const Clock& clock) {
  CurlTransport::Options options;
  options.ca_file = identity.ca_file;
  options.allow_http = identity.allow_http;
  options.user_agent = std::string("cosfuse/") + COSFUSE_VERSION;
  return std::make_unique<CurlTransport>(std::move(options), clock);
}

std::unique_ptr<TokenSource> MakeTokenSource(const IdentityOptions& identity, Transport& transport, Disk& disk,
                                             const Clock& clock, Random& random) {
  if (identity.anonymous) return std::make_unique<AnonymousTokenSource>();
  IamTokenSource::Options options;
  options.iam_endpoint = identity.iam_endpoint;
  return std::make_unique<IamTokenSource>(std::move(options), MakeGrant(identity, disk), transport, clock, random);
}

App::App(const MountOptions& options, CacheDirectory cache_directory)
    : options_(options),
      cache_directory_(std::move(cache_directory)),
      disk_(OpenPosixDisk(cache_directory_.path())),
      memory_(options.memory.value_or(DecideMemoryBudget(ReadCgroupLimit(*disk_)))),
      transport_(MakeTransport(options.identity, clock_)),
      tokens_(MakeTokenSource(options.identity, *transport_, *disk_, clock_, random_)),
      store_(std::make_unique<CosClient>(
          BucketAddress{.endpoint = options.bucket.endpoint, .bucket = options.bucket.bucket}, *transport_, *tokens_,
          RetryEnvironment{.clock = clock_, .random = random_, .budget = retry_budget_, .policy = options.retries})) {}

App::~App() = default;

std::optional<StartFailure> App::Connect(const OpContext& context) {
  if (const Result<> certificates = CheckCertificates(*disk_, options_.identity.ca_file); !certificates) {
    return StartFailure{StartStage::kTransport, certificates.error()};
  }
  const OpContext limited = context.WithDeadline(clock_.Now() + kStageLimit);
  const auto access = CheckAccess(limited, *tokens_, *store_, random_, options_.access, options_.bucket.prefix);
  if (!access) return access.error();
  access_ = *access;
  return std::nullopt;
}

Result<> App::TakeOver() {
  if (access_ == AccessMode::kReadOnly || !cache_directory_.why_temporary().empty()) return {};
  ASSIGN_OR_RETURN(const std::string boot_id, disk_->ReadSmallFile(kBootIdFile, kMiB));
  ASSIGN_OR_RETURN(recovered_,
                   RecoverCacheDirectory(*disk_, {.store = JournalStoreName(options_.bucket), .boot_id = boot_id},
                                         clock_.WallNow()));
  kept_files_ = recovered_.kept;
  journaled_store_ = std::make_unique<UploadJournal>(*store_, *recovered_.journal);
  return {};
}

ByteCount App::DiskBudget() const {
  if (options_.cache_size) return *options_.cache_size;
  const auto free = disk_->FreeBytes();
  const ByteCount available =
      free ? *free + recovered_.staged_bytes + (recovered_.journal == nullptr ? 0 : recovered_.journal->size())
           : std::numeric_limits<ByteCount>::max();  // Then the disk says when it is full.
  return DecideDiskBudget(available, options_.ephemeral_storage);
}

Result<> App::Mount(MountHelper& helper, std::function<void()> on_unmounted) {
  // Half for blocks; the rest for what uploads, answers to the kernel, inodes and listings need.
  const FileCacheOptions cache{.memory_budget = memory_ / 2,
                               .disk_budget = DiskBudget(),
                               .disk_taken = recovered_.kept_bytes,
                               .part_size = options_.part_size,
                               .io_timeout = options_.io_timeout,
                               .promise_sync_delay = options_.journal_sync,
                               .promise_limit = {.files = PromisedFiles(memory_)},
                               .on_conflict = options_.on_conflict,
                               .conflict_place = {.host_name = HostName(), .prefix = options_.conflict_prefix},
                               .conflict_base = options_.conflict_base,
                               .store_name = options_.bucket.endpoint + "/" + options_.bucket.bucket,
                               .write_only = access_ == AccessMode::kWriteOnly};
  left_moves_ = recovered_.moves.size();
  ObjectStore& store = journaled_store_ == nullptr ? *store_ : *journaled_store_;
  cache_ = MakeFileCache(cache, store, *disk_, clock_, random_, recovered_.journal.get());
  cache_->AbortUploads(recovered_.open_uploads);
  // Before anything is removed from the store, which waits for what was promised earlier.
  LeftChanges left = {.files = RestoreLeft(*cache_, std::exchange(recovered_.uploads, {}), unreadable_files_),
                      .moves = std::move(recovered_.moves),
                      .removals = std::move(recovered_.removals)};
  left_files_ = left.files.size();
  file_system_ = MakeFileSystem(FileSystemOptionsFrom(options_, access_, recovered_.journal != nullptr), store, *cache_,
                                clock_, recovered_.journal.get());
  file_system_->AdoptLeft(left);
  // They wait for what was left; else programs come first.
  if (left_moves_ > 0) cache_->StoreLeft();
  // Who looks is to find each object once. What takes longer goes on beside the mount.
  static_cast<void>(file_system_->FinishMoves(OpContext().WithDeadline(clock_.Now() + kStageLimit)));
  ASSIGN_OR_RETURN(FileDescriptor device, helper.Mount());
  FuseMountOptions mount;
  mount.mountpoint = options_.mountpoint;
  mount.source = options_.bucket.bucket;
  mount.read_only = access_ == AccessMode::kReadOnly;
  mount.device = std::move(device);
  mount.io_timeout = options_.io_timeout;
  mount.read_buffers = std::min(mount.read_buffers, memory_ / 4);
  mount.on_unmounted = std::move(on_unmounted);
  ASSIGN_OR_RETURN(mount_, FuseMount::Start(std::move(mount), *file_system_, clock_));
  // Programs come first.
  cache_->StoreLeft();
  return {};
}

std::expected<std::unique_ptr<App>, StartFailure> App::Start(const MountOptions& options, const OpContext& context,
                                                             MountHelper& helper, std::function<void()> on_unmounted) {
  Result<CacheDirectory> cache_directory = CacheDirectory::Take(options);
  if (!cache_directory) return std::unexpected(StartFailure{StartStage::kCacheDirectory, cache_directory.error()});
  std::unique_ptr<App> app(new App(options, *std::move(cache_directory)));
  if (std::optional<StartFailure> failure = app->Connect(context)) return std::unexpected(*std::move(failure));
  if (const Result<> taken = app->TakeOver(); !taken) {
    return std::unexpected(StartFailure{StartStage::kCacheDirectory, taken.error()});
  }
  if (const Result<> mounted = app->Mount(helper, std::move(on_unmounted)); !mounted) {
    return std::unexpected(StartFailure{StartStage::kMount, mounted.error()});
  }
  return app;
}

}  // namespace cosfuse
