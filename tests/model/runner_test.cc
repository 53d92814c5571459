#include "tests/model/runner.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/log.h"
#include "tests/model/fake_subject.h"
#include "tests/model/generator.h"
#include "tests/model/operation_table.h"

namespace cosfuse::model {
namespace {

/// A mount with a defect: it says that it has written, and has not, once in a while.
class LosingSubject final : public FakeSubject {
 public:
  using FakeSubject::FakeSubject;
  Outcome Write(int slot, ByteCount offset, const std::string& bytes) override {
    return offset % 7 == 3 ? Outcome() : FakeSubject::Write(slot, offset, bytes);
  }
};

/// One that closes without waiting for the store.
class HastySubject final : public FakeSubject {
 public:
  using FakeSubject::FakeSubject;
  Outcome Close(int slot) override {
    FlushUnheard(slot);
    static_cast<void>(FakeSubject::Close(slot));
    return {};
  }
};

template <typename SubjectType>
std::unique_ptr<Subject> MakeSubject(const Settings& settings) {
  return std::make_unique<SubjectType>(settings);
}

std::optional<Failure> FirstFailure(Runner& runner, bool faults) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    if (auto failure = runner.PlaySeed(MakeSettings(seed, 100, faults, false))) return failure;
  }
  return std::nullopt;
}

TEST(ModelRunner, LostWriteIsFoundAndShrunkToWhatItNeeds) {
  Runner runner(MakeSubject<LosingSubject>);
  const auto failure = FirstFailure(runner, false);
  ASSERT_TRUE(failure.has_value());
  EXPECT_LE(failure->sequence.size(), 3U) << FormatFailure(*failure);  // An open, the write, and whatever looks.
  EXPECT_TRUE(std::ranges::any_of(failure->sequence, [](const Operation& operation) {
    return OperationTable()[operation.row].name == "write" && operation.offset % 7 == 3;
  })) << FormatFailure(*failure);
}

TEST(ModelRunner, CloseThatHidesItsFailureIsFound) {
  SetLogLevel(LogLevel::kError);
  Runner runner(MakeSubject<HastySubject>);
  EXPECT_TRUE(FirstFailure(runner, true).has_value());
}

TEST(ModelRunner, PrintedListIsTheSequenceAgain) {
  const Settings settings = MakeSettings(12, 100, true, true);
  const Failure failure{settings, GenerateSequence(settings), 5, "a complaint"};
  const std::string text = FormatFailure(failure);
  const auto parsed = ParseList(text);
  ASSERT_TRUE(parsed.has_value()) << text;
  EXPECT_EQ(parsed->second.size(), 100U);
  EXPECT_EQ(FormatFailure({parsed->first, parsed->second, 5, "a complaint"}), text);
}

TEST(ModelRunner, FirstLineOfAListStandsForTheSequenceOfItsSeed) {
  const Settings settings = MakeSettings(12, 30, false, false);
  const auto parsed = ParseList(FormatSettings(settings));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(FormatFailure({parsed->first, parsed->second, 0, ""}),
            FormatFailure({settings, GenerateSequence(settings), 0, ""}));
  EXPECT_FALSE(ParseList("no list").has_value());
  EXPECT_FALSE(ParseList(FormatSettings(settings) + "\nnonsense slot=1\n").has_value());
}

}  // namespace
}  // namespace cosfuse::model
