#include "tests/model/generator.h"

#include <fcntl.h>

#include <array>
#include <random>
#include <string_view>

#include "tests/model/operation_table.h"

namespace cosfuse::model {
namespace {

// The first ones are drawn more often. One looks like a lock, which is decided in the bucket at once.
constexpr auto kNames =
    std::to_array<std::string_view>({"a", "b", "d/a", "c", "d/b", "x.lock", "e/a", "d/lock", "d", "e"});
constexpr auto kDirectories = std::to_array<std::string_view>({"d", "e", "d", "a"});
constexpr auto kModes = std::to_array<mode_t>({0644, 0600, 0755, 0666});

class Generator {
 public:
  explicit Generator(const Settings& settings) : settings_(settings), random_(settings.seed) {
    for (const OperationRow& row : OperationTable()) weights_ += row.weight;
  }

  Operation Draw() {
    for (;;) {
      Operation operation = DrawAny();
      const OperationRow& row = OperationTable()[operation.row];
      // Most calls that no descriptor is open for are drawn again: some stay, for when an open fails.
      const bool by_slot = (row.arguments & kSlot) != 0;
      const bool opens = row.name == "open";
      if (by_slot && open_.at(operation.slot) == opens) continue;
      if (row.name.ends_with("_foreign") && !settings_.outsider) continue;
      if (opens) open_.at(operation.slot) = true;
      if (row.name == "close") open_.at(operation.slot) = false;
      return operation;
    }
  }

 private:
  uint64_t Below(uint64_t end) { return random_() % end; }

  std::string_view Name() {
    const uint64_t first = Below(kNames.size());
    return kNames.at(Below(2) == 0 ? first : Below(first + 1));
  }

  size_t DrawRow() {
    uint64_t at = Below(weights_);
    for (size_t row = 0;; ++row) {
      const uint64_t weight = OperationTable()[row].weight;
      if (at < weight) return row;
      at -= weight;
    }
  }

  int DrawFlags() {
    constexpr auto kWays =
        std::to_array<int>({O_RDONLY, O_RDWR, O_WRONLY, O_RDWR, O_WRONLY | O_APPEND, O_RDWR | O_APPEND});
    int flags = kWays.at(Below(kWays.size()));
    if (flags == O_RDONLY) return flags;
    if (Below(3) > 0) flags |= O_CREAT;
    if ((flags & O_CREAT) != 0 && Below(6) == 0) flags |= O_EXCL;
    if (Below(4) == 0) flags |= O_TRUNC;
    return flags;
  }

  /// Anywhere, at the beginning, near a boundary between parts, or where the last write ended.
  ByteCount DrawOffset() {
    switch (Below(6)) {
      case 0: return 0;
      case 1: return settings_.part_size * Below(settings_.largest_file / settings_.part_size + 1) + Below(3);
      case 2: return end_;
      default: return Below(settings_.largest_file);
    }
  }

  Operation DrawAny() {
    Operation operation;
    operation.row = DrawRow();
    const OperationRow& row = OperationTable()[operation.row];
    operation.slot = static_cast<int>(Below(kSlots));
    const bool directory = row.name == "mkdir" || row.name == "rmdir" || row.name == "list";
    operation.path = directory ? kDirectories.at(Below(kDirectories.size())) : Name();
    operation.other = Name();
    if (row.name.starts_with("rename") && Below(5) == 0) {
      operation.path = Below(2) == 0 ? "d" : "e";
      operation.other = Below(4) == 0 ? Name() : operation.path == "d" ? "e" : "d";
    }
    operation.offset = DrawOffset();
    operation.length = Below(4) == 0 ? Below(settings_.largest_file) : Below(settings_.largest_write);
    if (row.name == "write") operation.length = Below(settings_.largest_write);
    if (row.name == "put_foreign") operation.length = 1 + Below(settings_.largest_write);
    if (row.name == "write") end_ = operation.offset + operation.length;
    operation.pattern = random_() >> 32;
    operation.mode = kModes.at(Below(kModes.size()));
    operation.flags = DrawFlags();
    return operation;
  }

  const Settings& settings_;
  std::mt19937_64 random_;
  uint64_t weights_ = 0;
  ByteCount end_ = 0;
  std::array<bool, kSlots> open_{};
};

}  // namespace

std::vector<Operation> GenerateSequence(const Settings& settings) {
  Generator generator(settings);
  std::vector<Operation> sequence;
  sequence.reserve(settings.steps);
  for (size_t i = 0; i < settings.steps; ++i) sequence.push_back(generator.Draw());
  return sequence;
}

}  // namespace cosfuse::model
