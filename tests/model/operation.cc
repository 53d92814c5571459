#include "tests/model/operation.h"

#include <fcntl.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <sstream>

#include "tests/model/operation_table.h"

namespace cosfuse::model {
namespace {

constexpr int64_t kFirstTime = 1'500'000'000;

std::string FormatFlags(int flags) {
  std::string text = (flags & O_ACCMODE) == O_RDONLY ? "r" : (flags & O_ACCMODE) == O_WRONLY ? "w" : "rw";
  if ((flags & O_APPEND) != 0) text += 'a';
  if ((flags & O_CREAT) != 0) text += 'c';
  if ((flags & O_EXCL) != 0) text += 'x';
  if ((flags & O_TRUNC) != 0) text += 't';
  return text;
}

int ParseFlags(std::string_view text) {
  const auto has = [&](char letter) { return text.find(letter) != std::string_view::npos; };
  int flags = !has('w') ? O_RDONLY : has('r') ? O_RDWR : O_WRONLY;
  if (has('a')) flags |= O_APPEND;
  if (has('c')) flags |= O_CREAT;
  if (has('x')) flags |= O_EXCL;
  if (has('t')) flags |= O_TRUNC;
  return flags;
}

/// Takes one "name=value" into the operation.
bool ParseArgument(const std::string& word, Operation& operation) {
  const size_t equals = word.find('=');
  if (equals == std::string::npos) return false;
  const std::string name = word.substr(0, equals);
  const std::string value = word.substr(equals + 1);
  std::istringstream number(value);
  if (name == "slot") return static_cast<bool>(number >> operation.slot);
  if (name == "offset") return static_cast<bool>(number >> operation.offset);
  if (name == "length") return static_cast<bool>(number >> operation.length);
  if (name == "pattern") return static_cast<bool>(number >> operation.pattern);
  if (name == "mode") return static_cast<bool>(number >> std::oct >> operation.mode);
  if (name == "path") operation.path = value;
  if (name == "to") operation.other = value;
  if (name == "flags") operation.flags = ParseFlags(value);
  return name == "path" || name == "to" || name == "flags";
}

}  // namespace

std::string FormatOperation(const Operation& operation) {
  const OperationRow& row = OperationTable()[operation.row];
  std::ostringstream text;
  text << row.name;
  if ((row.arguments & kSlot) != 0) text << " slot=" << operation.slot;
  if ((row.arguments & kPath) != 0) text << " path=" << operation.path;
  if ((row.arguments & kOther) != 0) text << " to=" << operation.other;
  if ((row.arguments & kFlags) != 0) text << " flags=" << FormatFlags(operation.flags);
  if ((row.arguments & kOffset) != 0) text << " offset=" << operation.offset;
  if ((row.arguments & kLength) != 0) text << " length=" << operation.length;
  if ((row.arguments & kPattern) != 0) text << " pattern=" << operation.pattern;
  if ((row.arguments & kMode) != 0) text << " mode=" << std::oct << operation.mode;
  return text.str();
}

std::optional<Operation> ParseOperation(std::string_view line) {
  std::istringstream words{std::string(line)};
  std::string word;
  if (!(words >> word)) return std::nullopt;
  const auto row = std::ranges::find(OperationTable(), word, &OperationRow::name);
  if (row == OperationTable().end()) return std::nullopt;
  Operation operation;
  operation.row = static_cast<size_t>(row - OperationTable().begin());
  while (words >> word) {
    if (!ParseArgument(word, operation)) return std::nullopt;
  }
  if (operation.slot < 0 || operation.slot >= kSlots) return std::nullopt;
  return operation;
}

std::string MakeBytes(uint64_t pattern, size_t length) {
  std::string bytes((length + 7) / 8 * 8, '\0');
  uint64_t state = pattern * 0x9e3779b97f4a7c15 + 1;
  for (size_t at = 0; at < bytes.size(); at += sizeof(state)) {
    state += 0x9e3779b97f4a7c15;
    uint64_t word = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
    word ^= word >> 27;
    std::memcpy(bytes.data() + at, &word, sizeof(word));
  }
  bytes.resize(length);
  return bytes;
}

std::string MakeAttributeName(uint64_t pattern) {
  constexpr auto kAttributes = std::to_array<std::string_view>({"user.a", "user.b", "trusted.c"});
  return std::string(kAttributes.at(pattern % kAttributes.size()));
}

std::string MakeAttributeValue(uint64_t pattern) { return MakeBytes(pattern, pattern % 50); }

int MakeAttributeFlags(uint64_t pattern) {
  const uint64_t way = pattern / 1000 % 6;
  return way == 0 ? XATTR_CREATE : way == 1 ? XATTR_REPLACE : 0;
}

int64_t MakeTime(uint64_t pattern) { return kFirstTime + static_cast<int64_t>(pattern % 100'000'000); }

}  // namespace cosfuse::model
