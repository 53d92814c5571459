#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cosfuse {

/// A set of components of keys, for a million of them: ten bytes each beside the text itself. Not thread-safe.
class ComponentSet {
 public:
  /// False where it is there already. A component has less than 65,536 bytes, all of them less than 4 GiB.
  bool Insert(std::string_view component);
  bool Contains(std::string_view component) const;
  size_t size() const { return count_; }
  void Clear();

 private:
  /// Where the component stands in `texts_`, or is to be entered. There is always an empty slot.
  size_t FindSlot(std::string_view component) const;
  std::string_view TextAt(uint32_t position) const;
  void Grow();

  std::string texts_;            ///< Two bytes of length, then the text.
  std::vector<uint32_t> slots_;  ///< Position in `texts_` plus one; 0: empty. A power of two, at most two thirds full.
  size_t count_ = 0;
};

}  // namespace cosfuse
