#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "app/capabilities.h"
#include "app/commands.h"
#include "app/explain.h"
#include "app/object_graph.h"
#include "auth/anonymous_token_source.h"
#include "base/encoding.h"
#include "base/log.h"
#include "cache/content_layers.h"
#include "cache/file_cache.h"
#include "cache/recovery.h"
#include "cos/client.h"
#include "http/retry.h"

namespace cosfuse {
namespace {

constexpr std::string_view kDefaultCacheDirectories = "/var/lib/cosfuse";
constexpr ByteCount kPiece = kMiB;

/// A file that waits, and the cache directory that it waits in.
struct Entry {
  std::string directory;
  KeptFile file;
};

std::vector<std::string> CacheDirectories(const RecoverCommand& command) {
  if (!command.cache_directory.empty()) return {command.cache_directory};
  std::vector<std::string> directories;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(kDefaultCacheDirectories, failure)) {
    if (entry.is_directory(failure)) directories.push_back(entry.path());
  }
  std::ranges::sort(directories);
  return directories;
}

Result<std::vector<Entry>> FindEntries(const RecoverCommand& command) {
  std::vector<Entry> entries;
  for (const std::string& directory : CacheDirectories(command)) {
    if (access(directory.c_str(), R_OK | X_OK) != 0) {
      return Fail(ErrorFromErrno(errno, "the cache directory " + directory + " cannot be read"));
    }
    size_t unreadable = 0;
    ASSIGN_OR_RETURN(auto files, ListKeptFiles(*OpenPosixDisk(directory), unreadable));
    for (KeptFile& file : files) entries.push_back({directory, std::move(file)});
    if (unreadable > 0) {
      std::cerr << "cosfuse: " + std::to_string(unreadable) + " entries in " + directory +
                       "/recovered cannot be read: they are damaged, or of a later version of cosfuse.\n";
    }
  }
  return entries;
}

Result<Entry> FindEntry(const RecoverCommand& command) {
  ASSIGN_OR_RETURN(const auto entries, FindEntries(command));
  std::optional<Entry> found;
  for (const Entry& entry : entries) {
    if (entry.file.name != command.entry) continue;
    if (found) {
      return Fail(ErrorCode::kInvalidArgument, command.entry + " is in " + found->directory + " and in " +
                                                   entry.directory + ". Name one of them by --cache-dir");
    }
    found = entry;
  }
  if (found) return *std::move(found);
  return Fail(ErrorCode::kNotFound, "there is no entry " + command.entry + ". cosfuse recover list shows them");
}

/// Where the bytes of a file that waits are.
struct Places {
  ByteCount here = 0;
  ByteCount in_base = 0;
  ByteCount nowhere = 0;  ///< They had left with an upload that was never completed.
};

Places CountPlaces(const JournaledFile& file) {
  Places places;
  for (const ContentSegment& segment : ContentLayers(file.content).PlanRead({0, file.content.size})) {
    switch (segment.source) {
      case ContentSegment::Source::kZero: break;
      case ContentSegment::Source::kLayer: places.here += segment.range.length; break;
      case ContentSegment::Source::kBase: places.in_base += segment.range.length; break;
      case ContentSegment::Source::kParked: places.nowhere += segment.range.length; break;
    }
  }
  return places;
}

/// Control characters of a key must not reach a terminal.
std::string Printable(std::string_view key) {
  std::string text;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte < 0x20 || byte == 0x7f ? PercentEncode(std::string_view(&c, 1)) : std::string(1, c);
  }
  return text;
}

/// What needs nobody, but is not in the bucket yet. False: there is none. Errors: a journal cannot be read, the first;
/// the others are printed.
Result<bool> PrintPromised(const RecoverCommand& command) {
  bool any = false;
  std::optional<Error> unreadable;
  for (const std::string& directory : CacheDirectories(command)) {
    const auto keys = ListPromisedFiles(*OpenPosixDisk(directory));
    if (!keys) {
      if (!unreadable) unreadable = keys.error().WithContext("the journal in " + directory + " cannot be read");
      continue;
    }
    if (keys->empty()) continue;
    any = true;
    std::cout << directory << ": " << keys->size()
              << " closed files are not in the bucket yet; a mount with this cache directory sends them\n";
    for (const ObjectKey& key : *keys) std::cout << "  " << Printable(key) << "\n";
  }
  if (unreadable) return Fail(*std::move(unreadable));
  return any;
}

Result<> PrintEntries(const RecoverCommand& command) {
  ASSIGN_OR_RETURN(const auto entries, FindEntries(command));
  const auto promised = PrintPromised(command);
  if (entries.empty() && promised && !*promised) std::cout << "nothing waits\n";
  std::string directory;
  for (const Entry& entry : entries) {
    if (directory != entry.directory) std::cout << (directory = entry.directory) << ":\n";
    const Places places = CountPlaces(entry.file.state);
    std::cout << "  " << entry.file.name << "  " << Printable(entry.file.store) << "  "
              << Printable(entry.file.state.target.key) << "\n    " << entry.file.state.content.size << " bytes, "
              << places.here << " of them here";
    if (places.in_base > 0) {
      std::cout << ", " << places.in_base << " in version " << Printable(entry.file.state.base->etag.value)
                << " of the object";
    }
    if (places.nowhere > 0) std::cout << ", " << places.nowhere << " lost with an unfinished upload";
    std::cout << "\n";
  }
  std::cout << std::flush;
  return promised ? Result<>() : Fail(promised.error());
}

/// Everything that a file needs to be read, or stored: a cache over its directory, and over the bucket it came from.
class Restorer {
 public:
  Restorer(const Entry& entry, const RecoverCommand& command)
      : disk_(OpenPosixDisk(entry.directory)),
        transport_(MakeTransport(command.identity.value_or(IdentityOptions()), clock_)),
        tokens_(command.identity ? MakeTokenSource(*command.identity, *transport_, *disk_, clock_, random_)
                                 : std::make_unique<AnonymousTokenSource>()),
        store_(std::make_unique<CosClient>(
            AddressOf(entry.file.store), *transport_, *tokens_,
            RetryEnvironment{.clock = clock_, .random = random_, .budget = budget_, .policy = RetryPolicy()})),
        cache_(MakeFileCache({.store_name = StoreOf(entry.file.store)}, *store_, *disk_, clock_, random_, nullptr)) {}

  Disk& disk() { return *disk_; }
  ObjectStore& store() { return *store_; }
  FileCache& cache() { return *cache_; }

 private:
  /// Without the prefix, which keys have already.
  static std::string StoreOf(const std::string& store) { return store.substr(0, store.find(':', store.rfind('/'))); }
  static BucketAddress AddressOf(const std::string& store) {
    const std::string bucket = StoreOf(store);
    const size_t slash = bucket.rfind('/');
    return {.endpoint = bucket.substr(0, slash), .bucket = bucket.substr(slash + 1)};
  }

  SystemClock clock_;
  SystemRandom random_;
  RetryBudget budget_;
  const std::unique_ptr<Disk> disk_;
  const std::unique_ptr<Transport> transport_;
  const std::unique_ptr<TokenSource> tokens_;
  const std::unique_ptr<ObjectStore> store_;
  const std::unique_ptr<FileCache> cache_;
};

/// Takes a file's bytes, one piece after the other.
using Taker = std::function<Result<>(ByteCount offset, std::span<const std::byte> bytes)>;

Result<> CopyTo(CachedFile& file, const Taker& take) {
  const auto stream = MakeReadStream();
  std::vector<std::byte> piece(kPiece);
  for (ByteCount at = 0; at < file.size();) {
    ASSIGN_OR_RETURN(const size_t length, file.Read(OpContext(), *stream, at, piece));
    RETURN_IF_ERROR(take(at, std::span(piece).first(length)));
    at += length;
  }
  return {};
}

Result<> CopyToStandardOutput(CachedFile& file) {
  return CopyTo(file, [](ByteCount /*offset*/, std::span<const std::byte> bytes) -> Result<> {
    std::cout << AsText(bytes);
    if (!std::cout.flush()) return Fail(ErrorCode::kUnavailable, "standard output takes no more");
    return {};
  });
}

Result<> CopyToNewFile(CachedFile& file, Disk& disk, const std::string& path) {
  ASSIGN_OR_RETURN(const auto output, disk.CreateFile(path));
  auto copied =
      CopyTo(file, [&](ByteCount offset, std::span<const std::byte> bytes) { return output->Write(offset, bytes); });
  if (copied) copied = output->Sync();
  if (!copied) static_cast<void>(disk.RemoveFile(path));
  return copied;
}

Result<> CheckIdentity(const RecoverCommand& command) {
  return command.identity ? Result<>() : Fail(ErrorCode::kUnauthenticated, command.why_no_identity);
}

Result<> Export(const RecoverCommand& command) {
  ASSIGN_OR_RETURN(const Entry entry, FindEntry(command));
  const Places places = CountPlaces(entry.file.state);
  if (places.nowhere > 0) {
    return Fail(ErrorCode::kCorrupt, std::to_string(places.nowhere) +
                                         " bytes of it were on no disk, only in an upload that was never completed: "
                                         "the file was larger than the disk. What is here is in " +
                                         entry.directory + "/data");
  }
  if (places.in_base > 0) RETURN_IF_ERROR(CheckIdentity(command));
  Restorer restorer(entry, command);
  ASSIGN_OR_RETURN(const auto file, restorer.cache().Restore(entry.file.id, entry.file.state));
  const std::string path = std::filesystem::absolute(command.output);
  auto copied = command.output == "-" ? CopyToStandardOutput(*file) : CopyToNewFile(*file, restorer.disk(), path);
  if (copied || copied.error().code() != ErrorCode::kStale) return copied;
  return Fail(ErrorCode::kStale, "the version that it was made on is gone (" + copied.error().message() +
                                     "). cosfuse recover upload keeps what was changed beside the object");
}

/// What of an object's metadata a rewrite carries over; nothing where it is another version by now.
Result<ObjectMetadata> MetadataOf(ObjectStore& store, const BaseVersion& base) {
  const auto info = store.Head(OpContext(), base.key, {});
  if (info) return info->etag == base.etag ? info->metadata : ObjectMetadata();
  if (info.error().code() == ErrorCode::kNotFound) return ObjectMetadata();
  return Fail(info.error());
}

Result<> Store(const RecoverCommand& command) {
  RETURN_IF_ERROR(CheckIdentity(command));
  ASSIGN_OR_RETURN(const Entry entry, FindEntry(command));
  Restorer restorer(entry, command);
  UploadTarget target = entry.file.state.target;
  if (target.metadata == ObjectMetadata() && entry.file.state.base) {
    ASSIGN_OR_RETURN(target.metadata, MetadataOf(restorer.store(), *entry.file.state.base));
  }
  {
    ASSIGN_OR_RETURN(const auto file, restorer.cache().Restore(entry.file.id, entry.file.state));
    const auto stored = file->Upload(OpContext(), target);
    const auto base = file->base();
    if (!stored && file->dirty()) return stored;
    std::cout << "stored as " << Printable(base ? base->key : target.key) << "\n" << std::flush;
  }
  return RemoveKeptFile(restorer.disk(), entry.file);
}

Result<> Discard(const RecoverCommand& command) {
  ASSIGN_OR_RETURN(const Entry entry, FindEntry(command));
  return RemoveKeptFile(*OpenPosixDisk(entry.directory), entry.file);
}

}  // namespace

int RunRecoverCommand(const RecoverCommand& command) {
  ForbidCoreDumps();
  ConfigureLogging(command.log.level == LogLevel::kDebug ? LogLevel::kDebug : LogLevel::kError, command.log.format);
  const Result<> done = [&] {
    switch (command.action) {
      case RecoverAction::kList: return PrintEntries(command);
      case RecoverAction::kExport: return Export(command);
      case RecoverAction::kUpload: return Store(command);
      case RecoverAction::kDiscard: return Discard(command);
    }
    return Result<>();
  }();
  if (!done) return PrintFailure(AsOneSentence(done.error().message()));
  return std::cout ? kExitOk : kExitFailed;
}

}  // namespace cosfuse
