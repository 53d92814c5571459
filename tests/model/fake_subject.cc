#include "tests/model/fake_subject.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/encoding.h"
#include "cache/dialect_probe.h"
#include "fs/errno.h"
#include "fs/metadata_codec.h"

namespace cosfuse::model {
namespace {

const Caller kCaller = {.uid = 1000, .gid = 1000, .pid = 1, .umask = 0};

Outcome ToOutcome(const Result<>& result) { return {.error = result ? 0 : ErrnoFor(result.error().code())}; }

FakeObjectStore::Options StoreOptions() {
  FakeObjectStore::Options options;
  options.min_part_size = 4 * kKiB;
  // A rewrite of attributes whose answer is lost else makes a version that its own mount takes for another client's.
  return options;
}

FileCacheOptions CacheOptions(const Settings& settings) {
  FileCacheOptions options;
  options.memory_budget = settings.memory;
  options.disk_budget = settings.disk;
  options.part_size = settings.part_size;
  options.limits.smallest_part = 4 * kKiB;
  options.limits.part_multiple = 4 * kKiB;
  options.parallel_uploads = 4;
  options.parallel_parts = 2;
  options.parallel_fetches = 4;
  options.conflict_place.host_name = "node";
  // A conflict finds all bytes at hand, or only what happens to be.
  if (settings.seed % 2 == 0) options.conflict_base = settings.largest_file;
  options.store_name = "store";
  return options;
}

FileSystemOptions MountOptions(const Settings& settings) {
  FileSystemOptions options;
  options.ttl = settings.ttl;
  return options;
}

int64_t ToSeconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Outcome Describe(const FileAttributes& attributes) {
  Outcome outcome;
  outcome.directory = S_ISDIR(attributes.mode);
  outcome.size = attributes.size;
  outcome.permissions = attributes.mode & kPermissionBits;
  outcome.modification_time = ToSeconds(attributes.modification_time);
  outcome.named = attributes.link_count > 0;
  return outcome;
}

StoredObject ToStoredObject(const ObjectInfo& info, std::string content) {
  const PosixAttributes attributes = DecodeAttributes(info, false, {});
  return {std::move(content),
          {attributes.mode & kPermissionBits, {attributes.extended.begin(), attributes.extended.end()}},
          ToSeconds(attributes.modification_time)};
}

}  // namespace

FakeSubject::FakeSubject(const Settings& settings)
    : settings_(settings),
      store_(clock_, StoreOptions()),
      weather_(faulty_, settings.seed, settings.gives_up),
      random_(settings.seed) {
  // The store is known to honour conditions: what finding out costs, and leaves, has its own tests.
  const StoreDialect dialect = {.conditions_at_begin = true, .conditions_at_complete = true};
  static_cast<void>(disk_.ReplaceSmallFile(kDialectFile, FormatStoreDialect(dialect, "store", clock_.WallNow())));
  if (settings_.has_journal) {
    const JournalIdentity identity = {.store = "store", .boot_id = "boot"};
    journal_ = Journal::Begin(disk_, identity, JournalFileId{1}, {}).value_or(nullptr);
  }
  cache_ = MakeFileCache(CacheOptions(settings_), faulty_, disk_, clock_, random_, journal_.get());
  fs_ = std::make_unique<BucketFileSystem>(MountOptions(settings_), faulty_, *cache_, clock_, journal_.get());
}

FakeSubject::~FakeSubject() = default;

Result<NodeEntry> FakeSubject::LookUp(const Place& place) {
  auto entry = fs_->Lookup({}, place.parent, place.name);
  if (entry) taken_.push_back(entry->node);
  return entry;
}

Result<FakeSubject::Place> FakeSubject::FindPlace(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return Place{NodeId::kRoot, path};
  ASSIGN_OR_RETURN(const NodeEntry parent, Walk(path.substr(0, slash)));
  if (!S_ISDIR(parent.attributes.attributes.mode)) return Fail(ErrorCode::kNotDirectory, path);
  return Place{parent.node, path.substr(slash + 1)};
}

Result<NodeEntry> FakeSubject::Walk(const std::string& path) {
  ASSIGN_OR_RETURN(const Place place, FindPlace(path));
  return LookUp(place);
}

Outcome FakeSubject::ByName(const std::function<Result<>()>& call) {
  auto result = call();
  if (!result && result.error().code() == ErrorCode::kStale) result = call();
  if (!settings_.keeps_nodes) ForgetAll();
  return ToOutcome(result);
}

void FakeSubject::ForgetAll() {
  for (const NodeId node : std::exchange(taken_, {})) fs_->Forget(node, 1);
}

Outcome FakeSubject::Open(int slot, const std::string& path, int flags, mode_t mode) {
  return ByName([&] { return OpenOnce(slot, path, flags, mode); });
}

Result<> FakeSubject::OpenOnce(int slot, const std::string& path, int flags, mode_t mode) {
  ASSIGN_OR_RETURN(const Place place, FindPlace(path));
  const auto entry = LookUp(place);
  if (!entry && entry.error().code() != ErrorCode::kNotFound) return Fail(entry.error());
  if (!entry) {
    if ((flags & O_CREAT) == 0) return Fail(entry.error());
    ASSIGN_OR_RETURN(const CreatedFile created, fs_->Create({}, kCaller, place.parent, place.name, mode, flags));
    taken_.push_back(created.entry.node);
    At(slot) = {created.file.handle, created.entry.node, flags};
    return {};
  }
  if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) return Fail(ErrorCode::kAlreadyExists, path);
  if (S_ISDIR(entry->attributes.attributes.mode)) return Fail(ErrorCode::kIsDirectory, path);
  ASSIGN_OR_RETURN(const OpenedFile opened, fs_->Open({}, kCaller, entry->node, flags & ~(O_CREAT | O_EXCL)));
  At(slot) = {opened.handle, entry->node, flags};
  return {};
}

Outcome FakeSubject::Flush(int slot) { return ToOutcome(fs_->Flush({}, At(slot).handle, true)); }
Outcome FakeSubject::FlushUnheard(int slot) { return ToOutcome(fs_->Flush({}, At(slot).handle, false)); }
Outcome FakeSubject::Fsync(int slot) { return ToOutcome(fs_->Fsync({}, At(slot).handle)); }

Outcome FakeSubject::Close(int slot) {
  const Outcome outcome = Flush(slot);
  fs_->Release(At(slot).handle);
  At(slot) = {};
  return outcome;
}

Outcome FakeSubject::Read(int slot, ByteCount offset, size_t length) {
  Outcome outcome;
  outcome.bytes.resize(length);
  const auto read = fs_->Read({}, At(slot).handle, offset, std::as_writable_bytes(std::span(outcome.bytes)));
  if (!read) return {.error = ErrnoFor(read.error().code())};
  outcome.bytes.resize(*read);
  return outcome;
}

Outcome FakeSubject::Write(int slot, ByteCount offset, const std::string& bytes) {
  return ToOutcome(fs_->Write({}, At(slot).handle, offset, AsBytes(bytes)));
}

Outcome FakeSubject::TruncateOpen(int slot, ByteCount size) {
  if ((At(slot).flags & O_ACCMODE) == O_RDONLY) return {.error = EINVAL};
  const auto changed = fs_->SetAttributes({}, kCaller, At(slot).node, At(slot).handle, {.size = size});
  return {.error = changed ? 0 : ErrnoFor(changed.error().code())};
}

Outcome FakeSubject::Allocate(int slot, int mode, ByteCount offset, ByteCount length) {
  return ToOutcome(fs_->Allocate({}, At(slot).handle, mode, {offset, length}));
}

Outcome FakeSubject::Seek(int slot, int whence, ByteCount offset) {
  const SeekTarget target = whence == SEEK_DATA ? SeekTarget::kData : SeekTarget::kHole;
  const auto found = fs_->Seek({}, At(slot).handle, target, offset);
  if (!found) return {.error = ErrnoFor(found.error().code())};
  return *found ? Outcome{.size = **found} : Outcome{.error = ENXIO};
}

Outcome FakeSubject::StatOpen(int slot) {
  const auto attributes = fs_->GetAttributes({}, At(slot).node);
  return attributes ? Describe(attributes->attributes) : Outcome{.error = ErrnoFor(attributes.error().code())};
}

Outcome FakeSubject::ChmodOpen(int slot, mode_t permissions) {
  const auto changed = fs_->SetAttributes({}, kCaller, At(slot).node, At(slot).handle, {.permissions = permissions});
  return {.error = changed ? 0 : ErrnoFor(changed.error().code())};
}

Outcome FakeSubject::Change(const std::string& path, const AttributeChange& change) {
  return ByName([&]() -> Result<> {
    ASSIGN_OR_RETURN(const NodeEntry entry, Walk(path));
    RETURN_IF_ERROR(fs_->SetAttributes({}, kCaller, entry.node, std::nullopt, change));
    return {};
  });
}

Outcome FakeSubject::Truncate(const std::string& path, ByteCount size) { return Change(path, {.size = size}); }
Outcome FakeSubject::Chmod(const std::string& path, mode_t permissions) {
  return Change(path, {.permissions = permissions});
}
Outcome FakeSubject::SetModificationTime(const std::string& path, int64_t seconds) {
  return Change(path, {.modification_time = WallTime(std::chrono::seconds(seconds))});
}

Outcome FakeSubject::SetAttribute(const std::string& path, const std::string& name, const std::string& value,
                                  int flags) {
  const ExtendedAttributeMode mode = flags == XATTR_CREATE    ? ExtendedAttributeMode::kCreateOnly
                                     : flags == XATTR_REPLACE ? ExtendedAttributeMode::kReplaceOnly
                                                              : ExtendedAttributeMode::kAny;
  return ByName([&]() -> Result<> {
    ASSIGN_OR_RETURN(const NodeEntry entry, Walk(path));
    return fs_->SetExtendedAttribute({}, entry.node, name, value, mode);
  });
}

Outcome FakeSubject::GetAttribute(const std::string& path, const std::string& name) {
  Outcome shown;
  Outcome outcome = ByName([&]() -> Result<> {
    ASSIGN_OR_RETURN(const NodeEntry entry, Walk(path));
    ASSIGN_OR_RETURN(shown.bytes, fs_->GetExtendedAttribute({}, entry.node, name));
    return {};
  });
  return outcome.error == 0 ? shown : outcome;
}

Outcome FakeSubject::RemoveAttribute(const std::string& path, const std::string& name) {
  return ByName([&]() -> Result<> {
    ASSIGN_OR_RETURN(const NodeEntry entry, Walk(path));
    return fs_->RemoveExtendedAttribute({}, entry.node, name);
  });
}

Outcome FakeSubject::Stat(const std::string& path) {
  Outcome shown;
  Outcome outcome = ByName([&]() -> Result<> {
    ASSIGN_OR_RETURN(const NodeEntry entry, Walk(path));
    shown = Describe(entry.attributes.attributes);
    return {};
  });
  return outcome.error == 0 ? shown : outcome;
}

Outcome FakeSubject::Rename(const std::string& from, const std::string& to, bool no_replace) {
  Outcome outcome = ByName([&] { return RenameOnce(from, to, no_replace); });
  if (outcome.error == 0) return outcome;
  // Half of a directory's rename is brought to its end by itself, one way or the other, when the store answers.
  const bool bad = weather_.bad();
  weather_.Set(false);
  const auto settled = fs_->FinishMoves({});
  const auto source = Walk(from);
  const auto target = Walk(to);
  outcome.carried_on = settled && !source && source.error().code() == ErrorCode::kNotFound && target &&
                       S_ISDIR(target->attributes.attributes.mode);
  if (!settings_.keeps_nodes) ForgetAll();
  weather_.Set(bad);
  return outcome;
}

Result<> FakeSubject::RenameOnce(const std::string& from, const std::string& to, bool no_replace) {
  ASSIGN_OR_RETURN(const Place source_place, FindPlace(from));
  ASSIGN_OR_RETURN(const Place target_place, FindPlace(to));
  RETURN_IF_ERROR(LookUp(source_place));
  const auto target = LookUp(target_place);
  if (!target && target.error().code() != ErrorCode::kNotFound) return Fail(target.error());
  if (target && no_replace) return Fail(ErrorCode::kAlreadyExists, to);
  if (to.starts_with(from + "/")) return Fail(ErrorCode::kInvalidArgument, to);
  if (from.starts_with(to + "/")) return Fail(ErrorCode::kNotEmpty, to);
  return fs_->Rename({}, source_place.parent, source_place.name, target_place.parent, target_place.name, no_replace);
}

Outcome FakeSubject::Unlink(const std::string& path) {
  return ByName([&]() -> Result<> {
    ASSIGN_OR_RETURN(const Place place, FindPlace(path));
    RETURN_IF_ERROR(LookUp(place));
    return fs_->Unlink({}, place.parent, place.name);
  });
}

Outcome FakeSubject::MakeDirectory(const std::string& path, mode_t mode) {
  return ByName([&]() -> Result<> {
    ASSIGN_OR_RETURN(const Place place, FindPlace(path));
    const auto present = LookUp(place);
    if (present) return Fail(ErrorCode::kAlreadyExists, path);
    if (present.error().code() != ErrorCode::kNotFound) return Fail(present.error());
    ASSIGN_OR_RETURN(const NodeEntry made, fs_->MakeDirectory({}, kCaller, place.parent, place.name, mode));
    taken_.push_back(made.node);
    return {};
  });
}

Outcome FakeSubject::RemoveDirectory(const std::string& path) {
  return ByName([&]() -> Result<> {
    ASSIGN_OR_RETURN(const Place place, FindPlace(path));
    RETURN_IF_ERROR(LookUp(place));
    return fs_->RemoveDirectory({}, place.parent, place.name);
  });
}

Outcome FakeSubject::List(const std::string& path) {
  Outcome listed;
  Outcome outcome = ByName([&]() -> Result<> {
    listed.names.clear();
    NodeId directory = NodeId::kRoot;
    if (!path.empty()) {
      ASSIGN_OR_RETURN(const NodeEntry entry, Walk(path));
      if (!S_ISDIR(entry.attributes.attributes.mode)) return Fail(ErrorCode::kNotDirectory, path);
      directory = entry.node;
    }
    ASSIGN_OR_RETURN(const HandleId handle, fs_->OpenDirectory({}, directory));
    auto read = fs_->ReadDirectory({}, handle, 0, true, [&](const DirectoryEntry& entry) {
      if (entry.entry) taken_.push_back(entry.entry->node);
      if (entry.name != "." && entry.name != "..") {
        listed.names.push_back(entry.name + (S_ISDIR(entry.type) ? "/" : ""));
      }
      return true;
    });
    fs_->ReleaseDirectory(handle);
    return read;
  });
  return outcome.error == 0 ? listed : outcome;
}

void FakeSubject::Expire() { clock_.Advance(std::chrono::hours(48)); }

void FakeSubject::SetFaults(bool on) { weather_.Set(on); }

Outcome FakeSubject::Drain() {
  const auto drained = cache_->Drain({});
  const auto stored = fs_->StoreLeftAttributes({});
  return ToOutcome(drained ? stored : drained);
}

void FakeSubject::FinishRemovals() { static_cast<void>(fs_->FinishRemovals({})); }

void FakeSubject::PutForeign(const std::string& key, const std::string& bytes) {
  FinishRemovals();
  store_.SetObject(key, bytes);
}

void FakeSubject::DeleteForeign(const std::string& key) {
  FinishRemovals();
  store_.RemoveObject(key);
}

std::string FakeSubject::DescribeLeaks() {
  FinishRemovals();
  ForgetAll();
  // What failed is tried again by now. Each call lets go of a few nodes whose uploads have ended.
  clock_.Advance(std::chrono::minutes(1));
  for (int i = 0; i < 4 && fs_->nodes() > 1; ++i) fs_->Forget(NodeId{0}, 1);
  if (store_.open_uploads() > 0) return std::to_string(store_.open_uploads()) + " open uploads";
  if (fs_->handles() > 0) return std::to_string(fs_->handles()) + " handles";
  if (fs_->removed_versions() > 0) return std::to_string(fs_->removed_versions()) + " removed versions";
  if (fs_->nodes() > 1) return std::to_string(fs_->nodes() - 1) + " nodes";
  return {};
}

std::optional<StoredObject> FakeSubject::FetchObject(const std::string& key) {
  FinishRemovals();
  const auto info = store_.GetInfo(key);
  auto content = store_.GetContent(key);
  if (!info || !content) return std::nullopt;
  return ToStoredObject(*info, *std::move(content));
}

Bucket FakeSubject::FetchBucket() {
  FinishRemovals();
  Bucket bucket;
  for (const ObjectKey& key : store_.Keys()) {
    if (auto object = FetchObject(key)) bucket.emplace(key, *std::move(object));
  }
  return bucket;
}

}  // namespace cosfuse::model
