#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace cosfuse::testing {

/// What may end besides a program. The order is that of the table's columns.
enum class Loss { kProcess, kNode, kDisk };
inline constexpr std::array kLosses = {Loss::kProcess, Loss::kNode, Loss::kDisk};
std::string_view NameOf(Loss loss);

/// A line of the table of docs/SEMANTICS.md whose columns are `a program was told`, `with` and one for each loss.
struct SurvivalLine {
  std::string told;
  std::string with;
  std::array<std::string, kLosses.size()> cells;
  const std::string& cell(Loss loss) const { return cells.at(static_cast<size_t>(loss)); }
};

/// All lines of it, in the document's order. Pure; empty where the document has no such table.
std::vector<SurvivalLine> ParseSurvivalTable(std::string_view document);

}  // namespace cosfuse::testing
