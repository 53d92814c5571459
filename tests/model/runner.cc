#include "tests/model/runner.h"

#include <fcntl.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "base/clock.h"
#include "base/op_context.h"
#include "tests/model/generator.h"
#include "tests/model/operation_table.h"
#include "tests/model/reference.h"

namespace cosfuse::model {
namespace {

constexpr Duration kLongestStep = std::chrono::seconds(60);
constexpr Duration kLongestEnd = std::chrono::seconds(10);

Operation MakeOperation(std::string_view row, int slot, const std::string& path) {
  Operation operation;
  operation.row =
      static_cast<size_t>(std::ranges::find(OperationTable(), row, &OperationRow::name) - OperationTable().begin());
  operation.slot = slot;
  operation.path = path;
  operation.length = kMiB;
  return operation;
}

}  // namespace

/// One sequence on one subject.
class Runner::Game {
 public:
  Game(const Settings& settings, Subject& subject) : settings_(settings), subject_(subject), reference_(settings) {
    SetFaults(settings.faults);
  }

  Complaint Step(const Operation& operation) {
    const OperationRow& row = OperationTable()[operation.row];
    if (!subject_.Offers(row.name) || !reference_.Promises(operation, row.name)) return {};
    // Whoever loses a file for good hears the truth about it: what is tried again later is told to nobody.
    const bool spared = faults_ && row.name == "close" && reference_.LosesAtClose(operation.slot);
    if (spared) SetFaults(false);
    const Outcome outcome = row.perform(subject_, operation);
    if (spared) SetFaults(true);
    auto complaint = row.judge(reference_, operation, outcome);
    if (complaint.empty()) complaint = Learn(outcome.error != 0);
    return complaint;
  }

  /// Everything is closed, and then the bucket and the mount have to be right.
  Complaint End() {
    SetFaults(false);
    for (int slot = 0; slot < kSlots; ++slot) {
      if (!reference_.open(slot)) continue;
      // Somebody's upload may be about to fail from before.
      reference_.SetFaults(settings_.faults);
      auto complaint = Step(MakeOperation("close", slot, ""));
      if (!complaint.empty()) return complaint;
    }
    reference_.SetFaults(false);
    // What cannot be stored, because another client has changed it, is judged below.
    static_cast<void>(subject_.Drain());
    if (auto complaint = JudgeLeaks(); !complaint.empty()) return "left: " + complaint;
    if (auto complaint = AwaitBucket(); !complaint.empty()) return complaint;
    reference_.Settle(subject_.FetchBucket());
    subject_.Expire();
    return ReadAll();
  }

  Complaint JudgeLeaks() {
    if (reference_.keeps_files()) return {};
    return Await([this] { return subject_.DescribeLeaks(); });
  }

 private:
  void SetFaults(bool on) {
    reference_.SetFaults(on);
    subject_.SetFaults(on);
    faults_ = on;
  }

  Complaint Learn(bool failed) {
    if (reference_.awaits_sibling()) {
      auto complaint = reference_.LearnSibling(subject_.FetchBucket());
      subject_.Expire();
      if (!complaint.empty()) return complaint;
    }
    const std::set<std::string> touched = reference_.TakeTouched();
    if (touched.empty()) return {};
    const bool faults = faults_;
    if (failed) {
      SetFaults(false);
      subject_.Expire();
    }
    Complaint complaint;
    for (const std::string& key : touched) {
      const Outcome shown = failed && !key.ends_with('/') ? subject_.Stat(key) : Outcome();
      complaint = reference_.Learn(key, subject_.FetchObject(key), shown);
      if (!complaint.empty()) break;
    }
    if (complaint.empty()) complaint = reference_.CheckPairs();
    if (failed) SetFaults(faults);
    return complaint;
  }

  template <typename Judge>
  Complaint Await(const Judge& judge) {
    SystemClock clock;
    const MonotonicTime end = clock.Now() + kLongestEnd;
    for (;;) {
      auto complaint = judge();
      if (complaint.empty() || clock.Now() >= end) return complaint;
      static_cast<void>(clock.Sleep({}, std::chrono::microseconds(200)));
    }
  }
  Complaint AwaitBucket() {
    return Await([this] { return reference_.JudgeBucket(subject_.FetchBucket()); });
  }

  Complaint ReadAll() {
    std::vector<Operation> steps;
    for (const std::string& path : reference_.Paths()) {
      steps.push_back(MakeOperation("stat", 0, path));
      steps.push_back(MakeOperation("open", 0, path));
      steps.push_back(MakeOperation("read", 0, path));
      steps.push_back(MakeOperation("close", 0, path));
      steps.push_back(MakeOperation("list", 0, path));
    }
    for (const Operation& step : steps) {
      if (auto complaint = Step(step); !complaint.empty()) return "at the end, " + step.path + ": " + complaint;
    }
    return {};
  }

  const Settings& settings_;
  Subject& subject_;
  Reference reference_;
  bool faults_ = false;
};

Runner::Runner(SubjectFactory make_subject) : make_subject_(std::move(make_subject)), watchdog_(kLongestStep) {}

std::optional<Failure> Runner::Play(const Settings& settings, std::span<const Operation> sequence) {
  const auto fail = [&](size_t step, std::string complaint) {
    return Failure{settings, {sequence.begin(), sequence.end()}, step, std::move(complaint)};
  };
  const auto watch = [&](size_t step) { watchdog_.BeginStep([=] { return FormatFailure(fail(step, "hangs")); }); };
  watch(0);
  const auto subject = make_subject_(settings);
  Game game(settings, *subject);
  for (size_t step = 0; step < sequence.size(); ++step) {
    watch(step);
    if (auto complaint = game.Step(sequence[step]); !complaint.empty()) return fail(step, std::move(complaint));
  }
  watch(sequence.size());
  if (auto complaint = game.End(); !complaint.empty()) return fail(sequence.size(), std::move(complaint));
  if (auto complaint = game.JudgeLeaks(); !complaint.empty()) return fail(sequence.size(), "left: " + complaint);
  watchdog_.Rest();
  return std::nullopt;
}

Failure Runner::Shrink(const Failure& failure) {
  constexpr int kTries = 3;
  constexpr Duration kLongestShrinking = std::chrono::seconds(60);
  const SystemClock clock;
  const MonotonicTime end = clock.Now() + kLongestShrinking;
  Failure smallest = failure;
  for (size_t width = std::max<size_t>(failure.sequence.size() / 2, 1); width > 0;) {
    bool progress = false;
    for (size_t at = 0; at < smallest.sequence.size() && clock.Now() < end;) {
      std::vector<Operation> shorter = smallest.sequence;
      shorter.erase(shorter.begin() + static_cast<ptrdiff_t>(at),
                    shorter.begin() + static_cast<ptrdiff_t>(std::min(at + width, shorter.size())));
      std::optional<Failure> failed;
      for (int tries = 0; tries < kTries && !failed; ++tries) failed = Play(smallest.settings, shorter);
      if (failed) {
        smallest = *std::move(failed);
        progress = true;
      } else {
        at += width;
      }
    }
    if (!progress || width > 1) width /= 2;
  }
  return smallest;
}

std::optional<Failure> Runner::PlaySeed(const Settings& settings) {
  const auto failure = Play(settings, GenerateSequence(settings));
  if (!failure) return std::nullopt;
  return Shrink(*failure);
}

std::string FormatFailure(const Failure& failure) {
  std::string text = FormatSettings(failure.settings) + "\n";
  for (size_t step = 0; step < failure.sequence.size(); ++step) {
    text += FormatOperation(failure.sequence[step]);
    text += step == failure.step ? "  # " + failure.complaint + "\n" : "\n";
  }
  if (failure.step >= failure.sequence.size()) text += "# at the end: " + failure.complaint + "\n";
  return text;
}

std::optional<std::pair<Settings, std::vector<Operation>>> ParseList(std::string_view text) {
  std::istringstream lines{std::string(text)};
  std::string line;
  if (!std::getline(lines, line)) return std::nullopt;
  const auto settings = ParseSettings(line);
  if (!settings) return std::nullopt;
  std::vector<Operation> sequence;
  while (std::getline(lines, line)) {
    line = line.substr(0, line.find('#'));
    if (line.find_first_not_of(' ') == std::string::npos) continue;
    const auto operation = ParseOperation(line);
    if (!operation) return std::nullopt;
    sequence.push_back(*operation);
  }
  if (sequence.empty()) sequence = GenerateSequence(*settings);
  return std::pair(*settings, std::move(sequence));
}

}  // namespace cosfuse::model
