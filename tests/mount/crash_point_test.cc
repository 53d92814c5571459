#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include "tests/mount/crash_program.h"
#include "tests/mount/mount_fixture.h"

namespace cosfuse::testing {
namespace {

#ifdef COSFUSE_SANITIZED
constexpr bool kSanitized = true;  // Slow, and looking for other things: it plays each third boundary.
#else
constexpr bool kSanitized = false;
#endif

/// How often a process has passed each boundary (base/crash_point.h).
using Passages = std::map<std::string, uint64_t>;

/// What the program passes with certainty, in either mode: a boundary that is lost fails the test.
const std::vector<std::string> kBoundaries = {"journal.append.before",
                                              "journal.append.after",
                                              "journal.sync.before",
                                              "journal.sync.after",
                                              "new_journal.write.before",
                                              "new_journal.sync.before",
                                              "new_journal.rename.before",
                                              "new_journal.rename.after",
                                              "staging.create.before",
                                              "staging.create.after",
                                              "staging.write.before",
                                              "staging.write.after",
                                              "staging.cut.before",
                                              "staging.cut.after",
                                              "staging.release.before",
                                              "staging.release.after",
                                              "staging.remove.before",
                                              "staging.remove.after",
                                              "open_upload.note.after",
                                              "PutObject.before",
                                              "PutObject.after",
                                              "CopyObject.before",
                                              "CopyObject.after",
                                              "DeleteObject.before",
                                              "DeleteObject.after",
                                              "DeleteObjects.before",
                                              "DeleteObjects.after",
                                              "CreateMultipartUpload.before",
                                              "CreateMultipartUpload.after",
                                              "UploadPart.before",
                                              "UploadPart.after",
                                              "UploadPartCopy.before",
                                              "UploadPartCopy.after",
                                              "CompleteMultipartUpload.before",
                                              "CompleteMultipartUpload.after"};

/// A program on a mount that dies at a boundary, each time with an empty bucket and an empty cache directory, and what
/// is in the bucket after the next mount. Plays in both modes of durability.
class CrashPointTest : public ::testing::TestWithParam<std::string> {
 protected:
  using Program = void (CrashProgram::*)();

  CrashPointTest() { mount_.Terminate(); }

  /// Plays the program on a new mount, whose daemon is killed at a boundary ("journal.sync.before:2"; "" for none), or
  /// is asked to end when the program has.
  void Play(Program program, const std::string& crash_at) {
    for (const std::string& key : emulator_.Keys()) emulator_.DeleteObject(key);
    for (const auto& entry : std::filesystem::directory_iterator(mount_.cache_directory())) {
      std::filesystem::remove_all(entry);
    }
    std::filesystem::remove(log_);
    open_uploads_ = OpenUploads();
    CrashProgram played(emulator_, mount_.mountpoint());
    if (mount_.TryRestart({{"COSFUSE_CRASH_AT", crash_at}, {"COSFUSE_CRASH_LOG", log_}})) (played.*program)();
    const bool killed = Reached(crash_at, {});
    EXPECT_TRUE(played.finished() || killed) << played.failed() << "\n" << mount_.Log();
    kills_ += killed ? 1 : 0;
    mount_.Terminate();
    unanswered_ = played.failed();
    possible_ = played.possible();
  }

  /// Another daemon, after the first one, that dies at a boundary of what it does with what was left.
  void Recover(const std::string& crash_at) {
    const Passages before = Passed();
    mount_.TryRestart({{"COSFUSE_CRASH_AT", crash_at}, {"COSFUSE_CRASH_LOG", log_}});
    mount_.Terminate();
    kills_ += Reached(crash_at, before) ? 1 : 0;
  }

  /// A process was killed there: it has come to that passage since.
  bool Reached(const std::string& crash_at, const Passages& before) const {
    const size_t colon = crash_at.rfind(':');
    if (colon == std::string::npos) return false;
    const std::string boundary = crash_at.substr(0, colon);
    const auto earlier = before.find(boundary);
    const uint64_t since = Passed()[boundary] - (earlier == before.end() ? 0 : earlier->second);
    return since >= std::stoull(crash_at.substr(colon + 1));
  }

  /// How often a program, or a recovery, comes to a boundary is as the moment has it; nearly all have to.
  void ExpectKills(int chosen) const { EXPECT_GE(kills_, chosen * 3 / 4) << "of " << chosen; }

  /// By the processes since the last Play began.
  Passages Passed() const {
    Passages passed;
    std::istringstream lines(ReadWholeFile(log_));
    for (std::string point; std::getline(lines, point);) ++passed[point];
    return passed;
  }

  /// What was acknowledged is in the bucket when the next mount has ended, and nothing else is.
  void CheckAfterRestart() {
    mount_.Restart();
    ASSERT_EQ(mount_.Terminate().code, 0) << mount_.Log();
    const BucketBytes found = ReadBucket(emulator_);
    EXPECT_NE(std::ranges::find(possible_, found), possible_.end())
        << "without an answer: " << (unanswered_.empty() ? "none" : unanswered_) << "\n"
        << Differences(possible_.front(), found) << mount_.Log();
    // An upload whose id had not come to the journal yet cannot be told from another mount's (SEMANTICS).
    Passages passed = Passed();
    const uint64_t unknown = passed["CreateMultipartUpload.before"] - passed["open_upload.note.after"];
    EXPECT_LE(OpenUploads() - open_uploads_, unknown);
  }

  uint64_t OpenUploads() const {
    const std::string counters = emulator_.Get("counters");
    constexpr std::string_view kName = "\"open_uploads\":";
    return std::stoull(counters.substr(counters.find(kName) + kName.size()));
  }

  static std::string Differences(const BucketBytes& wanted, const BucketBytes& found) {
    std::string text;
    for (const auto& [key, bytes] : wanted) {
      if (!found.contains(key)) {
        text.append(key).append(" is missing\n");
      } else if (found.at(key) != bytes) {
        text.append(key).append(" has other bytes: ").append(std::to_string(found.at(key).size()));
        text.append(" of them, ").append(std::to_string(bytes.size())).append(" wanted\n");
      }
    }
    for (const auto& [key, bytes] : found) {
      if (!wanted.contains(key)) text.append(key).append(" should not be there\n");
    }
    return text;
  }

  /// Passages of a boundary at which to kill: one in the middle, in a long campaign all, also of requests that change
  /// nothing.
  std::vector<uint64_t> Chosen(const std::string& boundary, uint64_t times) {
    const bool reads = boundary.starts_with("Head") || boundary.starts_with("Get") || boundary.starts_with("List");
    if (reads && !LongCampaign()) return {};
    if (kSanitized && ++boundaries_ % 3 != 0) return {};
    if (!LongCampaign()) return {(times + 1) / 2};
    std::vector<uint64_t> all;
    for (uint64_t n = 1; n <= times; ++n) all.push_back(n);
    return all;
  }

  EmulatorProcess emulator_;
  MountProcess mount_{emulator_, {"--part-size", "5M"}, {{"COSFUSE_DURABILITY", GetParam()}}};
  TemporaryDirectory scratch_;
  const std::string log_ = scratch_.path() + "/passages";
  int boundaries_ = 0;
  int kills_ = 0;
  // Of the last Play.
  std::vector<BucketBytes> possible_;
  std::string unanswered_;
  uint64_t open_uploads_ = 0;
};

TEST_P(CrashPointTest, Pitfall39_AKillAtEachBoundaryLosesNothingThatWasAcknowledged) {
  Play(&CrashProgram::Run, "");
  const Passages passed = Passed();
  CheckAfterRestart();
  for (const std::string& boundary : kBoundaries) EXPECT_TRUE(passed.contains(boundary)) << boundary;
  EXPECT_EQ(passed.contains("staging.sync.before"), GetParam() == "journal");
  int chosen = 0;
  for (const auto& [boundary, times] : passed) {
    for (const uint64_t n : Chosen(boundary, times)) {
      const std::string crash_at = boundary + ":" + std::to_string(n);
      SCOPED_TRACE("killed at " + crash_at);
      ++chosen;
      Play(&CrashProgram::Run, crash_at);
      // The first passage is certain.
      EXPECT_TRUE(n > 1 || Reached(crash_at, {}));
      CheckAfterRestart();
    }
  }
  ExpectKills(chosen);
}

TEST_P(CrashPointTest, Pitfall39_AKillOfTheRecoveryLosesNothingEither) {
  std::vector<std::string> firsts = {"UploadPart.after:2", "DeleteObjects.before:1"};
  if (LongCampaign()) firsts.insert(firsts.end(), {"PutObject.after:4", "CopyObject.after:2"});
  int chosen = 0;
  for (const std::string& first : firsts) {
    ++chosen;
    Play(&CrashProgram::Run, first);
    const Passages before = Passed();
    Recover("");
    Passages passed = Passed();
    for (const auto& [boundary, times] : before) passed[boundary] -= times;
    CheckAfterRestart();
    for (const auto& [boundary, times] : passed) {
      if (times == 0) continue;
      for (const uint64_t n : Chosen(boundary, times)) {
        const std::string second = boundary + ":" + std::to_string(n);
        SCOPED_TRACE(::testing::Message() << "killed at " << first << ", then at " << second);
        chosen += 2;
        Play(&CrashProgram::Run, first);
        Recover(second);
        CheckAfterRestart();
      }
    }
  }
  ExpectKills(chosen);
}

class CompactionCrashTest : public CrashPointTest {};

TEST_P(CompactionCrashTest, Pitfall39_AKillWhileTheJournalIsWrittenAnewLosesNothing) {
  // The first new one is the start's.
  for (const std::string crash_at :
       {"journal.compaction.before:1", "new_journal.write.before:2", "new_journal.sync.before:2",
        "new_journal.rename.before:2", "new_journal.rename.after:2", "journal.compaction.after:1"}) {
    SCOPED_TRACE("killed at " + crash_at);
    Play(&CrashProgram::FillJournal, crash_at);
    EXPECT_NE(unanswered_, "");
    EXPECT_TRUE(Reached(crash_at, {}));
    CheckAfterRestart();
  }
}

const auto kModeName = [](const auto& parameter) { return parameter.param; };
INSTANTIATE_TEST_SUITE_P(Durability, CrashPointTest, ::testing::Values("close", "journal"), kModeName);
INSTANTIATE_TEST_SUITE_P(Durability, CompactionCrashTest, ::testing::Values("journal"), kModeName);

}  // namespace
}  // namespace cosfuse::testing
