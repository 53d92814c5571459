#include "tests/model/settings.h"

#include <array>
#include <cstdio>
#include <random>

namespace cosfuse::model {

Settings MakeSettings(uint64_t seed, size_t steps, bool faults, bool outsider) {
  Settings settings;
  settings.seed = seed;
  settings.steps = steps;
  settings.faults = faults;
  settings.outsider = outsider;

  std::mt19937_64 random(seed * 0x9e3779b97f4a7c15 + 1);
  const auto draw = [&](uint64_t below) { return random() % below; };
  // Mostly small files: what matters is where bytes meet. Some are of many parts.
  struct Shape {
    ByteCount file, write, part;
  };
  constexpr std::array<Shape, 4> kShapes = {{{3000, 800, 64 * kKiB},
                                             {20'000, 9000, 4 * kKiB},
                                             {50'000, 20'000, 8 * kKiB},
                                             {300 * kKiB, 90 * kKiB, 32 * kKiB}}};
  const uint64_t kind = draw(16);
  const Shape& shape = kShapes.at(kind < 8 ? 0 : kind < 12 ? 1 : kind < 15 ? 2 : 3);
  settings.largest_file = shape.file;
  settings.largest_write = shape.write;
  settings.part_size = shape.part;
  settings.memory = draw(4) == 0 ? 2 * kMiB : 96 * kMiB;
  settings.disk_is_small = draw(8) == 0;
  settings.disk = settings.disk_is_small ? 2 * shape.file + 32 * kKiB : kGiB;
  constexpr std::array<Duration, 3> kLifetimes = {Duration(0), std::chrono::seconds(1), std::chrono::hours(24)};
  settings.ttl = kLifetimes.at(draw(kLifetimes.size()));
  settings.keeps_nodes = draw(2) == 0;
  settings.gives_up = draw(3) == 0 ? 1.0 : 0.15;
  settings.has_journal = draw(2) == 0 && !settings.disk_is_small;
  return settings;
}

std::string FormatSettings(const Settings& settings) {
  return "settings seed=" + std::to_string(settings.seed) + " steps=" + std::to_string(settings.steps) +
         " faults=" + std::to_string(settings.faults ? 1 : 0) +
         " outsider=" + std::to_string(settings.outsider ? 1 : 0);
}

std::optional<Settings> ParseSettings(std::string_view line) {
  unsigned long long seed = 0;
  unsigned long long steps = 0;
  int faults = 0;
  int outsider = 0;
  const int fields = std::sscanf(std::string(line).c_str(), "settings seed=%llu steps=%llu faults=%d outsider=%d",
                                 &seed, &steps, &faults, &outsider);
  if (fields != 4) return std::nullopt;
  return MakeSettings(seed, steps, faults != 0, outsider != 0);
}

}  // namespace cosfuse::model
