#pragma once

#include <optional>

#include "base/error.h"
#include "cos/object_store.h"

namespace cosfuse {

/// What a LIST below a prefix `key/` shows of it as a directory.
struct PrefixFinding {
  std::optional<ListedObject> marker;  ///< The object `key/` itself; none: the directory is implied by its contents.
};

/// HEAD's answer as a finding: nothing where there is no such object. Every other failure stays one: a store that
/// cannot be reached never reads as "not found".
Result<std::optional<ObjectInfo>> InterpretHead(Result<ObjectInfo> head);

/// LIST's answer (prefix `directory_key`, one key or more) as a finding: nothing where nothing is below.
Result<std::optional<PrefixFinding>> InterpretList(const ObjectKey& directory_key, Result<ListPage> page);

enum class NameKind { kAbsent, kFile, kDirectory };

/// What a name means.
struct Resolution {
  NameKind kind = NameKind::kAbsent;
  std::optional<ObjectInfo> object;    ///< Of a file; of a directory the old-style marker, if it has one.
  std::optional<ListedObject> marker;  ///< Of a directory.
};

/// Decides from both findings, whatever the order in which they came: a prefix has the name, whatever else is there.
/// With `beside_directory` the object beside a prefix is meant (`X%file`).
Resolution ResolveFindings(bool beside_directory, std::optional<ObjectInfo> object,
                           std::optional<PrefixFinding> prefix);

}  // namespace cosfuse
