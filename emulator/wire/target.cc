#include "emulator/wire/target.h"

#include "base/encoding.h"

namespace cosfuse::emulator {

std::optional<Query> Query::Parse(std::string_view encoded) {
  Query query;
  while (!encoded.empty()) {
    const size_t end = encoded.find('&');
    const std::string_view pair = encoded.substr(0, end);
    encoded = end == std::string_view::npos ? std::string_view() : encoded.substr(end + 1);
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    auto name = PercentDecode(pair.substr(0, equals), true);
    auto value = equals == std::string_view::npos ? std::string() : PercentDecode(pair.substr(equals + 1), true);
    if (!name || !value) return std::nullopt;
    query.parameters_.emplace_back(std::move(*name), std::move(*value));
  }
  return query;
}

const std::string* Query::Find(std::string_view name) const {
  for (const auto& [key, value] : parameters_) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string_view Query::Get(std::string_view name) const {
  const std::string* value = Find(name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

std::optional<Target> ParseTarget(std::string_view raw) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!raw.starts_with(scheme)) continue;
    const size_t slash = raw.find('/', scheme.size());
    raw = slash == std::string_view::npos ? "/" : raw.substr(slash);
  }
  const size_t question = raw.find('?');
  auto path = PercentDecode(raw.substr(0, question));
  auto query = Query::Parse(question == std::string_view::npos ? std::string_view() : raw.substr(question + 1));
  if (!path || !query || !path->starts_with('/')) return std::nullopt;
  Target target;
  target.path = std::move(*path);
  target.query = std::move(*query);
  const size_t slash = target.path.find('/', 1);
  target.bucket = target.path.substr(1, slash == std::string::npos ? slash : slash - 1);
  if (slash != std::string::npos) target.key = target.path.substr(slash + 1);
  return target;
}

}  // namespace cosfuse::emulator
