#include <nlohmann/json.hpp>

#include "tests/mount/mount_fixture.h"
#include "tests/support/subprocess.h"

namespace cosfuse::testing {
namespace {

/// Two mounts edit one file: the first to close wins, the other one is told, and keeps its bytes.
class ConflictTest : public ::testing::Test {
 protected:
  /// `edit` changes the open file in one mount, while the other replaces it. Then the winner is untouched, and the one
  /// object beside it is returned: its key and its bytes.
  template <typename Edit>
  std::pair<std::string, std::string> Lose(int flags, const Edit& edit) {
    FileDescriptor loser = MustOpen(loser_.Path("dir/f"), flags);
    edit(loser);
    WriteWholeFile(winner_.Path("dir/f"), "the winner's");
    EXPECT_EQ(CloseStatus(loser), ESTALE);
    EXPECT_EQ(emulator_.FetchObject("dir/f").body, "the winner's");
    EXPECT_EQ(ReadWholeFile(loser_.Path("dir/f")), "the winner's") << "the name shows the winner";
    const auto keys = emulator_.Keys();
    for (const std::string& key : keys) {
      if (key.starts_with("dir/f.conflict-")) return {key, emulator_.FetchObject(key).body};
    }
    ADD_FAILURE() << "nothing is kept among " << keys.size() << " objects";
    return {};
  }

  ByteCount Fetched() const {
    return nlohmann::json::parse(emulator_.Get("counters")).at("bytes_out").get<ByteCount>();
  }

  EmulatorProcess emulator_;
  MountProcess loser_{emulator_, {"--ttl", "0"}};
  MountProcess winner_{emulator_, {"--ttl", "0"}};
};

TEST_F(ConflictTest, Pitfall25_ANewFileIsKeptWhole) {
  ASSERT_EQ(mkdir(loser_.Path("dir").c_str(), 0755), 0);
  const auto [key, bytes] =
      Lose(O_CREAT | O_EXCL | O_WRONLY, [](const FileDescriptor& fd) { MustWrite(fd, "the loser's"); });
  EXPECT_EQ(bytes, "the loser's");
}

TEST_F(ConflictTest, Pitfall25_ARewrittenFileIsKeptWhole) {
  emulator_.PutObject("dir/f", std::string(100'000, 'b'));
  const auto [key, bytes] = Lose(O_TRUNC | O_WRONLY, [](const FileDescriptor& fd) { MustWrite(fd, "the loser's"); });
  EXPECT_EQ(bytes, "the loser's");
}

TEST_F(ConflictTest, Pitfall25_ASmallEditedFileIsKeptWhole) {
  const std::string base(4 * kMiB, 'b');
  emulator_.PutObject("dir/f", base);
  const auto [key, bytes] = Lose(O_WRONLY, [&](const FileDescriptor& fd) {
    MustWrite(fd, "the loser's");
    // The rest is fetched beside the write: nobody has asked for it.
    ASSERT_TRUE(Eventually([&] { return Fetched() >= base.size(); }));
  });
  EXPECT_TRUE(bytes == "the loser's" + base.substr(11));
}

TEST_F(ConflictTest, Pitfall25_ALargeEditedFileIsKeptAsAnArchiveThatTarUnpacks) {
  constexpr size_t kSize = 12 * kMiB;
  constexpr off_t kFar = 9 * kMiB;
  emulator_.PutObject("dir/f", std::string(kSize, 'b'));
  const auto [key, bytes] = Lose(O_WRONLY, [&](const FileDescriptor& fd) {
    MustWrite(fd, "the loser's");
    ASSERT_EQ(pwrite(fd.get(), "far away", 8, kFar), 8);
  });
  EXPECT_TRUE(key.ends_with(".changes.tar")) << key;
  const TemporaryDirectory unpacked;
  WriteWholeFile(unpacked.path() + "/changes.tar", bytes);
  ASSERT_EQ(RunShell("tar -xf changes.tar", unpacked.path()).status.code, 0);
  std::string wanted(kSize, '\0');
  wanted.replace(0, 11, "the loser's");
  wanted.replace(kFar, 8, "far away");
  EXPECT_TRUE(ReadWholeFile(unpacked.path() + "/f") == wanted);
  EXPECT_TRUE(
      ReadWholeFile(unpacked.path() + "/MANIFEST").ends_with("missing: 11 9437173\nmissing: 9437192 3145720\n"));
}

}  // namespace
}  // namespace cosfuse::testing
