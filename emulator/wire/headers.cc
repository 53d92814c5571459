#include "emulator/wire/headers.h"

#include "base/encoding.h"

namespace cosfuse::emulator {

void Headers::Add(std::string_view name, std::string_view value) {
  auto [entry, is_new] = values_.try_emplace(ToLowerAscii(name), value);
  if (is_new) return;
  entry->second += ',';
  entry->second += value;
}

const std::string* Headers::Find(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

std::string_view Headers::Get(std::string_view name) const {
  const std::string* value = Find(name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

}  // namespace cosfuse::emulator
