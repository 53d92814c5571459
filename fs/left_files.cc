#include "fs/left_files.h"

#include <utility>

#include "fs/names.h"

namespace cosfuse {
namespace {

/// The components of a key; the last one is the file's own.
std::vector<std::string_view> SplitKey(std::string_view key) {
  std::vector<std::string_view> components;
  for (;;) {
    const size_t slash = key.find('/');
    components.push_back(key.substr(0, slash));
    if (slash == std::string_view::npos) return components;
    key.remove_prefix(slash + 1);
  }
}

/// Every directory above these keys, each with its slash.
std::set<std::string, std::less<>> DirectoriesOf(std::span<const ObjectKey> keys) {
  std::set<std::string, std::less<>> directories;
  for (const std::string_view key : keys) {
    for (size_t slash = key.rfind('/'); slash != std::string_view::npos && slash > 0;) {
      // Those above it are there as well.
      if (!directories.emplace(key.substr(0, slash + 1)).second) break;
      slash = key.rfind('/', slash - 1);
    }
  }
  return directories;
}

}  // namespace

std::vector<LeftPath> PlanLeftPaths(std::string_view prefix, std::span<const ObjectKey> keys) {
  const auto directories = DirectoriesOf(keys);
  std::map<std::string_view, size_t> last;
  for (size_t i = 0; i < keys.size(); ++i) last[keys[i]] = i;
  std::vector<LeftPath> paths(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string_view key = keys[i];
    if (last[key] != i || !key.starts_with(prefix)) continue;
    LeftPath path;
    const auto components = SplitKey(key.substr(prefix.size()));
    for (const std::string_view component : components) {
      const bool beside = path.size() + 1 == components.size() && directories.contains(std::string(key) + '/');
      auto name = beside ? NameBesideDirectory(component) : NameOfComponent(component);
      if (!name) break;
      path.push_back(*std::move(name));
    }
    if (path.size() == components.size()) paths[i] = std::move(path);
  }
  return paths;
}

FileState LeftFileState(const UploadTarget& target, const std::optional<BaseVersion>& base,
                        const AttributeDefaults& defaults) {
  FileState state;
  ObjectInfo info;
  info.metadata = target.metadata;
  state.attributes = DecodeAttributes(info, false, defaults);
  state.metadata = target.metadata;
  // By who wrote it. So the node never becomes another version, least of all one that has won against these bytes.
  state.used = true;
  if (base && base->key == target.key) {
    state.etag = base->etag;
    state.stored_size = base->size;
  }
  if (target.mode == WriteMode::kReplaceAny) {
    state.replaces_unseen = true;
    state.replaced = target.replaced;
  }
  return state;
}

}  // namespace cosfuse
