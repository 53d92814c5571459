#include "cache/journal_record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"

namespace cosfuse {
namespace {

ExtentMap ExtentsOf(const std::vector<ByteRange>& ranges) {
  ExtentMap map;
  for (const ByteRange range : ranges) map.Insert(range);
  return map;
}

/// One record of each kind, with a value of its own in every field.
std::vector<JournalRecord> OneOfEachKind() {
  const JournalFileId file{7};
  const BaseVersion base{"dir/base", {"etag-1"}, 100, "version-1"};
  const UploadTarget target{"dir/name",
                            {.user = {{"mode", "33188"}, {"uid", "0"}},
                             .content_type = "text/plain",
                             .standard = {{"cache-control", "no-store"}},
                             .tags = {{"team", "a"}},
                             .tag_count = 1},
                            WriteMode::kReplaceAny};
  const JournaledFile state{.base = base,
                            .copied_from = BaseVersion{"other", {"etag-2"}, 5, ""},
                            .target = target,
                            .on_sibling = true,
                            .archive = BaseVersion{"archive", {"etag-3"}, 6, ""},
                            .upload_ids = {"id-1", "id-2"},
                            .content = {.base_size = 100,
                                        .size = 300,
                                        .layers = {{.id = LayerId{3},
                                                    .written = ExtentsOf({{0, 10}, {20, 5}}),
                                                    .zeroed = ExtentsOf({{12, 3}}),
                                                    .parked = ExtentsOf({{20, 2}}),
                                                    .clip = 50},
                                                   {.id = LayerId{4}, .written = ExtentsOf({{290, 10}})}}},
                            .closed = ContentSnapshot{LayerId{3}, 60}};
  return {JournalHeader{.store = "https://s3/bucket", .boot_id = "boot", .first_id = 5},
          JournalFileRecord{file, state},
          JournalWrite{file, LayerId{4}, {5, 6}},
          JournalBytes{file, LayerId{4}, 5, std::string("a\0b", 3)},
          JournalTruncate{file, LayerId{4}, 77},
          JournalZero{file, LayerId{4}, {8, 9}},
          JournalPark{file, LayerId{3}, {1, 2}},
          JournalMerge{file, LayerId{4}, LayerId{3}},
          JournalTarget{file, target},
          JournalClosed{file, {LayerId{4}, 77}},
          JournalUpload{file, "id-3"},
          JournalStored{file, {LayerId{4}, 77}, base},
          JournalGone{file},
          JournalPartsBegun{"key", "upload-1"},
          JournalPartsEnded{"upload-1"},
          JournalMoveBegun{"move-1", "from/", "to/", true},
          JournalMoveCopied{"move-1", "from/a", {{"etag-4"}, WallTime(std::chrono::seconds(-7)), {"etag-5"}}},
          JournalMoveSwitched{"move-1"},
          JournalMoveEnded{"move-1"},
          JournalRemovalBegun{"key",
                              {.etag = {"etag-6"},
                               .modified = WallTime(std::chrono::seconds(9)),
                               .removed_at = WallTime(std::chrono::seconds(10))}},
          JournalRemovalEnded{"key"}};
}

std::string LogOf(const std::vector<JournalRecord>& records) {
  std::string log;
  for (const JournalRecord& record : records) AppendJournalFrame(log, EncodeJournalRecord(record));
  return log;
}

TEST(JournalRecord, EachKindComesBackAsItWas) {
  const auto records = OneOfEachKind();
  ASSERT_EQ(records.size(), std::variant_size_v<JournalRecord>);
  for (size_t kind = 0; kind < records.size(); ++kind) {
    ASSERT_EQ(records[kind].index(), kind);
    EXPECT_EQ(DecodeJournalRecord(EncodeJournalRecord(records[kind])), records[kind]) << kind;
  }
}

TEST(JournalRecord, NothingButAWholeRecordIsOne) {
  for (const JournalRecord& record : OneOfEachKind()) {
    const std::string bytes = EncodeJournalRecord(record);
    for (size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_FALSE(DecodeJournalRecord(bytes.substr(0, length))) << record.index() << " " << length;
    }
    EXPECT_FALSE(DecodeJournalRecord(bytes + '\0'));
  }
  EXPECT_FALSE(DecodeJournalRecord("\x7f"));
}

TEST(JournalRecord, TheHeaderOfALaterVersionIsRead) {
  JournalHeader header{.version = JournalHeader::kVersion + 1, .store = "store", .boot_id = "boot"};
  const auto record = DecodeJournalRecord(EncodeJournalRecord(header) + "something new");
  ASSERT_TRUE(record);
  EXPECT_EQ(*record, JournalRecord(header));
}

TEST(JournalScan, AWholeLogIsAllItsRecords) {
  const auto records = OneOfEachKind();
  const std::string log = LogOf(records);
  const JournalScan scan = ScanJournal(log);
  EXPECT_EQ(scan.records, records);
  EXPECT_EQ(scan.valid, log.size());
  EXPECT_EQ(scan.end, JournalScan::End::kWhole);
  EXPECT_EQ(ScanJournal("").end, JournalScan::End::kWhole);
}

TEST(JournalScan, CutAtEachByteItHoldsTheRecordsBefore) {
  const auto records = OneOfEachKind();
  const std::string log = LogOf(records);
  size_t whole = 0;
  std::vector<size_t> ends;
  ends.reserve(records.size());
  for (const JournalRecord& record : records) ends.push_back(whole += 8 + EncodeJournalRecord(record).size());
  for (size_t length = 0; length < log.size(); ++length) {
    const JournalScan scan = ScanJournal(std::string_view(log).substr(0, length));
    const auto expected = std::ranges::count_if(ends, [&](size_t end) { return end <= length; });
    ASSERT_EQ(scan.records.size(), static_cast<size_t>(expected)) << length;
    const bool at_border = length == 0 || std::ranges::find(ends, length) != ends.end();
    EXPECT_EQ(scan.end, at_border ? JournalScan::End::kWhole : JournalScan::End::kTorn) << length;
  }
}

TEST(JournalScan, WithEachBitFlippedItHoldsTheRecordsBeforeAndSaysSo) {
  const auto records = OneOfEachKind();
  const std::string log = LogOf(records);
  const size_t last = log.size() - 8 - EncodeJournalRecord(records.back()).size();
  for (size_t bit = 0; bit < 8 * log.size(); ++bit) {
    std::string damaged = log;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    const JournalScan scan = ScanJournal(damaged);
    ASSERT_LT(scan.records.size(), records.size()) << bit;
    EXPECT_TRUE(std::equal(scan.records.begin(), scan.records.end(), records.begin())) << bit;
    EXPECT_EQ(scan.end, bit / 8 < last ? JournalScan::End::kDamaged : JournalScan::End::kTorn) << bit;
  }
}

TEST(JournalScan, ZerosAtTheEndAreNoRecords) {
  // As a file system leaves them that had made the file longer, and not yet written its bytes.
  const auto records = OneOfEachKind();
  const JournalScan scan = ScanJournal(LogOf(records) + std::string(5000, '\0'));
  EXPECT_EQ(scan.records, records);
  EXPECT_EQ(scan.end, JournalScan::End::kTorn);
}

TEST(JournalScan, RandomBytesAreNoRecords) {
  SeededRandom random(5);
  for (int round = 0; round < 200; ++round) {
    std::string noise(random.Next() % 300, '\0');
    for (char& byte : noise) byte = static_cast<char>(random.Next());
    EXPECT_TRUE(ScanJournal(noise).records.empty());
    static_cast<void>(DecodeJournalRecord(noise));
  }
}

}  // namespace
}  // namespace cosfuse
