#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_range.h"
#include "base/clock.h"

namespace cosfuse::model {

/// Under which circumstances a sequence runs. Everything follows from the first members.
struct Settings {
  uint64_t seed = 1;
  size_t steps = 100;
  bool faults = false;    ///< Requests to the store fail at random.
  bool outsider = false;  ///< Another client replaces and deletes objects between the steps.

  // Drawn from the seed by MakeSettings.
  ByteCount largest_file = 0;
  ByteCount largest_write = 0;
  ByteCount part_size = 0;
  ByteCount memory = 0;
  ByteCount disk = 0;  ///< Small ones run out: then calls may answer ENOSPC.
  bool disk_is_small = false;
  Duration ttl{0};
  bool keeps_nodes = false;  ///< The kernel remembers every node until the end.
  /// Little time passes between the steps: a name that was seen a moment ago is removed without another look.
  bool is_quick = false;
  /// The fake alone; a mount has one always.
  bool has_journal = false;
  double gives_up = 0;  ///< The share of failed requests that the client does not try again.
};

Settings MakeSettings(uint64_t seed, size_t steps, bool faults, bool outsider);

/// "settings seed=17 steps=100 faults=1 outsider=0", from which the same settings can be made again.
std::string FormatSettings(const Settings& settings);
std::optional<Settings> ParseSettings(std::string_view line);

}  // namespace cosfuse::model
