#include "fs/component_set.h"

#include <functional>

namespace cosfuse {
namespace {

constexpr size_t kFewestSlots = 64;
constexpr size_t kLengthBytes = sizeof(uint16_t);

}  // namespace

bool ComponentSet::Insert(std::string_view component) {
  if ((count_ + 1) * 3 > slots_.size() * 2) Grow();
  uint32_t& slot = slots_[FindSlot(component)];
  if (slot != 0) return false;
  slot = static_cast<uint32_t>(texts_.size()) + 1;
  texts_ += static_cast<char>(component.size() & 0xff);
  texts_ += static_cast<char>(component.size() >> 8);
  texts_ += component;
  ++count_;
  return true;
}

bool ComponentSet::Contains(std::string_view component) const { return count_ > 0 && slots_[FindSlot(component)] != 0; }

void ComponentSet::Clear() {
  texts_ = {};
  slots_ = {};
  count_ = 0;
}

size_t ComponentSet::FindSlot(std::string_view component) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = std::hash<std::string_view>()(component) & mask;
  while (slots_[slot] != 0 && TextAt(slots_[slot] - 1) != component) slot = (slot + 1) & mask;
  return slot;
}

std::string_view ComponentSet::TextAt(uint32_t position) const {
  const auto low = static_cast<unsigned char>(texts_[position]);
  const auto high = static_cast<unsigned char>(texts_[position + 1]);
  return std::string_view(texts_).substr(position + kLengthBytes, low | high << 8);
}

void ComponentSet::Grow() {
  slots_.assign(slots_.empty() ? kFewestSlots : slots_.size() * 2, 0);
  for (size_t position = 0; position < texts_.size();) {
    const std::string_view text = TextAt(static_cast<uint32_t>(position));
    slots_[FindSlot(text)] = static_cast<uint32_t>(position) + 1;
    position += kLengthBytes + text.size();
  }
}

}  // namespace cosfuse
