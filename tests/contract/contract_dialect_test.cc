#ifdef COSFUSE_EMULATOR_BINARY

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "cache/dialect_probe.h"
#include "cache/fake_disk.h"
#include "tests/support/emulator_process.h"
#include "tests/support/live_store.h"

namespace cosfuse::testing {
namespace {

TEST(DialectOverEmulator, ProbeTellsWhatTheServiceHonours) {
  const EmulatorProcess emulator;
  SystemClock clock;
  SystemRandom random;
  LiveStore live({.endpoint = emulator.endpoint(), .bucket = emulator.bucket()},
                 std::string(TrimWhitespace(emulator.Get("token?role=Writer"))),
                 CurlTransport::Options{.network_threads = 1, .ca_file = {}}, clock);
  struct Row {
    std::string multipart;
    StoreDialect found;
  };
  for (const Row& row : {Row{"initiate-and-complete", {.conditions_at_begin = true, .conditions_at_complete = false}},
                         Row{"complete", {.conditions_at_begin = false, .conditions_at_complete = true}},
                         Row{"ignored", {.conditions_at_begin = false, .conditions_at_complete = false}}}) {
    emulator.Post("dialect?multipart=" + row.multipart);
    FakeDisk disk;
    DialectProbe probe("emulator", live.client, disk, clock, random);
    EXPECT_EQ(probe.Fetch({}, "dir/large file"), row.found) << row.multipart;
    EXPECT_TRUE(emulator.Keys().empty()) << row.multipart;
    EXPECT_TRUE(live.client.ListUploads({}, "", {})->uploads.empty()) << row.multipart;
  }
}

}  // namespace
}  // namespace cosfuse::testing

#endif  // COSFUSE_EMULATOR_BINARY
