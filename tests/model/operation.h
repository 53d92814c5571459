#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_range.h"

namespace cosfuse::model {

inline constexpr int kSlots = 4;

/// One step of a sequence: which row of the operation table (operation_table.h), and all that it may need. A plain
/// value; what its row does not use has no meaning.
struct Operation {
  size_t row = 0;
  int slot = 0;
  std::string path;
  std::string other;     ///< Where a rename leads to.
  ByteCount offset = 0;  ///< Of bytes; also a size to cut to.
  ByteCount length = 0;
  uint64_t pattern = 0;  ///< Names the bytes to write, a time, and an extended attribute with its value.
  mode_t mode = 0;
  int flags = 0;  ///< Of open(2).
};

/// What a row of the operation table uses of an Operation.
enum Argument : unsigned {
  kSlot = 1,
  kPath = 2,
  kOther = 4,
  kOffset = 8,
  kLength = 16,
  kPattern = 32,
  kMode = 64,
  kFlags = 128,
};

/// "write slot=2 offset=100 length=7 pattern=12": the row's name and what it uses.
std::string FormatOperation(const Operation& operation);
/// The reverse; nothing for text that is no operation.
std::optional<Operation> ParseOperation(std::string_view line);

/// Bytes that no other pattern and offset have.
std::string MakeBytes(uint64_t pattern, size_t length);
/// The extended attribute that a pattern names: one of few.
std::string MakeAttributeName(uint64_t pattern);
/// Its value.
std::string MakeAttributeValue(uint64_t pattern);
/// And how it may meet one that is there: XATTR_CREATE, XATTR_REPLACE or, mostly, 0.
int MakeAttributeFlags(uint64_t pattern);
/// The moment that a pattern names, in whole seconds since the epoch.
int64_t MakeTime(uint64_t pattern);

}  // namespace cosfuse::model
