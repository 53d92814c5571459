#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/model/operation.h"
#include "tests/model/settings.h"
#include "tests/model/subject.h"
#include "tests/model/watchdog.h"

namespace cosfuse::model {

using SubjectFactory = std::function<std::unique_ptr<Subject>(const Settings&)>;

/// A sequence that went wrong: its circumstances, its steps, and what was wrong at which of them.
struct Failure {
  Settings settings;
  std::vector<Operation> sequence;
  size_t step = 0;  ///< The number of steps: at the end, when everything was closed.
  std::string complaint;
};

/// A replayable list: the settings, then one step a line; what was wrong stands behind '#'.
std::string FormatFailure(const Failure& failure);
/// The sequence of such a list, or of its first line alone: then the one of its seed. Nothing for other text.
std::optional<std::pair<Settings, std::vector<Operation>>> ParseList(std::string_view text);

/// Plays sequences on subjects beside the reference. A step that hangs ends the process, with its list.
class Runner {
 public:
  explicit Runner(SubjectFactory make_subject);

  /// Plays on a new subject.
  std::optional<Failure> Play(const Settings& settings, std::span<const Operation> sequence);
  /// Leaves out what a failure does not need, for as long as the sequence goes on failing. Not every failure comes
  /// back: what depends on threads is tried several times.
  Failure Shrink(const Failure& failure);
  /// Play the seed's sequence, and shrink what fails.
  std::optional<Failure> PlaySeed(const Settings& settings);

 private:
  class Game;

  SubjectFactory make_subject_;
  Watchdog watchdog_;
};

}  // namespace cosfuse::model
