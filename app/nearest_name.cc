#include <algorithm>
#include <numeric>
#include <vector>

#include "app/options.h"

namespace cosfuse {
namespace {

/// Levenshtein's distance: insertions, deletions and replacements of one character.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string NearestName(std::string_view wrong, std::span<const std::string> candidates) {
  std::string best;
  // A third of the letters may be wrong; more is a guess that misleads.
  size_t best_distance = wrong.size() / 3 + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = EditDistance(wrong, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace cosfuse
