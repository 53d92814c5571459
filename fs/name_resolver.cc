#include "fs/name_resolver.h"

#include <utility>

#include "cos/limits.h"
#include "fs/answer_bracket.h"
#include "fs/directory_state.h"
#include "fs/file_state.h"
#include "fs/names.h"
#include "fs/parallel.h"

namespace cosfuse {
namespace {

std::unexpected<Error> FailNotFound(std::string_view name) {
  return Fail(ErrorCode::kNotFound, std::string(name) + ": no such name");
}

/// What a name most likely still is. Of a directory with an old marker both answers are needed.
NameKind ExpectedKind(Node& node) {
  DirectoryNode* const directory = node.AsDirectory();
  if (directory == nullptr) return NameKind::kFile;
  MutexLock lock(directory->mutex);
  return directory->state().old_marker ? NameKind::kAbsent : NameKind::kDirectory;
}

}  // namespace

Result<NodeRef> NameResolver::Resolve(const OpContext& context, const DirectoryRef& directory, std::string_view name,
                                      Duration tolerance) {
  if (name.size() > kMaxNameLength) return Fail(ErrorCode::kNameTooLong, "a name of more than 255 bytes");
  if (parts_.write_only()) return GetWritten(directory, name);
  bool looked = false;
  Evidence shown;
  for (;;) {
    const MonotonicTime now = parts_.clock.Now();
    // An answer counts for whoever asked, however long it took.
    const MonotonicTime since = shown ? std::min(now - tolerance, *shown - Duration(1)) : now - tolerance;
    const Known known = GetKnown(directory, name, since);
    if (known.node != nullptr) return known.node;
    const auto key = parts_.nodes.KeyOfChild(*directory, name);
    if (known.absent || !key) return FailNotFound(name);
    if (key->size() > kMaxKeyBytes) return Fail(ErrorCode::kNameTooLong, "a key of more than 1024 bytes");
    RETURN_IF_ERROR(context.CheckMayWait(now));
    if (!std::exchange(looked, true)) {
      ASSIGN_OR_RETURN(shown, LookAround(context, directory, name, known, since));
      if (shown) continue;
    }

    const AnswerBracket bracket(*directory);
    ASSIGN_OR_RETURN(Answer answer, AskKind(context, *key, ParseName(name)->beside_directory, known.expected));
    if (bracket.Changed(name)) continue;
    if (answer.resolution.kind != NameKind::kAbsent) {
      MutexLock lock(directory->mutex);
      directory->state().looks.last_absent_at.reset();
    }
    ASSIGN_OR_RETURN(NodeRef node, Adopt(context, directory, name, *key, std::move(answer)));
    if (node != nullptr) return node;
  }
}

Result<std::optional<NodeRef>> NameResolver::ResolveIfPresent(const OpContext& context, const DirectoryRef& directory,
                                                              std::string_view name, Duration tolerance) {
  auto node = Resolve(context, directory, name, tolerance);
  if (node) return std::optional(*std::move(node));
  if (node.error().code() == ErrorCode::kNotFound) return std::optional<NodeRef>();
  return Fail(std::move(node).error());
}

Result<NodeRef> NameResolver::GetWritten(const DirectoryRef& directory, std::string_view name) {
  NodeRef node = parts_.nodes.FindChild(*directory, name);
  if (node == nullptr) return FailNotFound(name);
  return node;
}

NameResolver::Known NameResolver::GetKnown(const DirectoryRef& directory, std::string_view name, MonotonicTime since) {
  const NodeRef present = parts_.nodes.FindChild(*directory, name);
  if (present != nullptr && present->AsFile() != nullptr) {
    auto known = GetKnownFile(directory, name, std::static_pointer_cast<FileNode>(present), since);
    if (known) return *std::move(known);
  } else if (present != nullptr) {
    DirectoryNode* const below = present->AsDirectory();
    MutexLock lock(below->mutex);
    if (IsSince(below->state().evidence, since)) return {.node = present};
  }
  Known known = GetListed(directory, name, present, since);
  if (!known.absent || present == nullptr) return known;
  if (parts_.nodes.HoldsUnsent(*present)) return {.node = present};
  // What keeps it in the bucket may be below it, and newer than the listing: it is asked for itself.
  if (present->AsDirectory() != nullptr) return {.expected = NameKind::kDirectory};
  if (!parts_.nodes.DetachUnlessUnsent(*present)) return {.node = present};
  return known;
}

std::optional<NameResolver::Known> NameResolver::GetKnownFile(const DirectoryRef& directory, std::string_view name,
                                                              const FileRef& file, MonotonicTime since) {
  const auto key = parts_.nodes.KeyOf(*file);
  if (!key) return std::nullopt;
  const MonotonicTime now = parts_.clock.Now();
  std::shared_ptr<const Successor> successor;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    LearnFromContent(state, *key, std::nullopt);
    if (state.local_authority()) return Known{.node = file};
    if (state.successor != nullptr && IsFresh(state.successor->at, now, parts_.options.ttl)) {
      successor = state.successor;
    } else if (IsSince(state.evidence, since)) {
      return Known{.node = file};
    }
  }
  if (successor == nullptr) return std::nullopt;
  auto node = AdoptFile(directory, name, *key, successor->info, successor->at, successor->content);
  if (!node || *node == nullptr) return std::nullopt;
  return Known{.node = *std::move(node)};
}

NameResolver::Known NameResolver::GetListed(const DirectoryRef& directory, std::string_view name,
                                            const NodeRef& present, MonotonicTime since) {
  Known known;
  if (present != nullptr) known.expected = ExpectedKind(*present);
  std::optional<ListedName> listed;
  Evidence listed_at;
  {
    MutexLock lock(directory->mutex);
    const DirectoryState& state = directory->state();
    if (IsSince(AbsentAt(state, name), since)) return {.absent = true};
    listed_at = ListedAt(state, name);
    const ListedName* const found = state.listing ? state.listing->Find(name) : nullptr;
    known.listed = found != nullptr;
    // The object beside a directory may be its old marker: that is asked for.
    const bool unclear = found != nullptr && found->is_directory && state.listing->HasBeside(name);
    if (found != nullptr && listed_at && !unclear) listed = *found;
  }
  if (!listed) return known;
  const bool fresh = IsSince(listed_at, since);
  if (listed->is_directory) {
    if (!fresh) return known;
    known.node = AdoptListedDirectory(directory, name, *listed_at);
    known.expected = NameKind::kDirectory;
    return known;
  }
  if (fresh) known.expected = NameKind::kFile;
  FileNode* const file = present == nullptr ? nullptr : present->AsFile();
  if (file == nullptr) return known;
  MutexLock lock(file->mutex);
  FileState& state = file->state();
  known.provable = IsProvenBy(state, *listed);
  if (known.provable && fresh) {
    state.evidence = std::max(state.evidence.value_or(*listed_at), *listed_at);
    known.node = present;
  }
  return known;
}

DirectoryRef NameResolver::AdoptListedDirectory(const DirectoryRef& parent, std::string_view name,
                                                MonotonicTime evidence) {
  const NodeRef present = parts_.nodes.FindChild(*parent, name);
  if (DirectoryNode* const directory = present == nullptr ? nullptr : present->AsDirectory()) {
    MutexLock lock(directory->mutex);
    DirectoryState& state = directory->state();
    state.evidence = std::max(state.evidence.value_or(evidence), evidence);
    return std::static_pointer_cast<DirectoryNode>(present);
  }
  if (FileNode* const file = present == nullptr ? nullptr : present->AsFile()) {
    MutexLock lock(file->mutex);
    if (file->state().local_authority()) return nullptr;
  }
  return parts_.nodes.AddDirectory(*parent, name, present.get(),
                                   NewDirectoryState(parts_.defaults, parts_.started_at, evidence));
}

Result<NameResolver::Answer> NameResolver::AskKind(const OpContext& context, const ObjectKey& key,
                                                   bool beside_directory, NameKind expected) {
  const MonotonicTime at = parts_.clock.Now();
  const ObjectKey directory_key = key + '/';
  std::optional<Result<std::optional<ObjectInfo>>> object;
  std::optional<Result<std::optional<PrefixFinding>>> prefix;
  const auto ask = [&](size_t which) -> Result<> {
    if (which == 0) {
      object = InterpretHead(parts_.store.Head(context, key, {}));
    } else {
      ListRequest request;
      request.prefix = directory_key;
      request.max_keys = 2;
      prefix = InterpretList(directory_key, parts_.store.List(context, request));
    }
    return {};
  };
  if (beside_directory || expected == NameKind::kAbsent) {
    RETURN_IF_ERROR(RunInParallel(parts_.pool, 2, 2, ask));
  } else {
    // What it was when last seen is what it most likely still is: only a surprise costs the second request.
    const size_t first = expected == NameKind::kFile ? 0 : 1;
    RETURN_IF_ERROR(ask(first));
    const bool confirmed = first == 0 ? !*object || object->value() : !*prefix || prefix->value();
    if (!confirmed) RETURN_IF_ERROR(ask(1 - first));
  }
  if (object && !*object) return Fail(std::move(*object).error());
  if (prefix && !*prefix) return Fail(std::move(*prefix).error());
  return Answer{ResolveFindings(beside_directory, object ? **std::move(object) : std::nullopt,
                                prefix ? **std::move(prefix) : std::nullopt),
                at};
}

}  // namespace cosfuse
