#include "tests/semantics/survival_table.h"

#include <sstream>
#include <utility>

#include "base/encoding.h"

namespace cosfuse::testing {
namespace {

constexpr std::string_view kHead = "| a program was told | with | the process | the node | the disk |";

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream rest(line.substr(1));
  for (std::string cell; std::getline(rest, cell, '|');) cells.emplace_back(TrimWhitespace(cell));
  return cells;
}

}  // namespace

std::string_view NameOf(Loss loss) {
  switch (loss) {
    case Loss::kProcess: return "process";
    case Loss::kNode: return "node";
    case Loss::kDisk: return "disk";
  }
  return "unknown";
}

std::vector<SurvivalLine> ParseSurvivalTable(std::string_view document) {
  std::vector<SurvivalLine> lines;
  std::istringstream text{std::string(document)};
  std::string line;
  while (std::getline(text, line) && line != kHead) {
  }
  std::getline(text, line);  // Below the head.
  while (std::getline(text, line) && line.starts_with('|')) {
    std::vector<std::string> cells = Cells(line);
    cells.resize(2 + kLosses.size());
    lines.push_back(
        {std::move(cells[0]), std::move(cells[1]), {std::move(cells[2]), std::move(cells[3]), std::move(cells[4])}});
  }
  return lines;
}

}  // namespace cosfuse::testing
