#include "tests/cli/cli_fixture.h"

namespace cosfuse::testing {
namespace {

TEST_F(CliTest, Pitfall34_DoctorPrintsEachKeyThatIsNotShownAndWhy) {
  const std::string longer(256, 'n');
  const std::vector<std::string> keys = {"a//b",    "./c",        longer,          "dir/",    "dir/shown",
                                         "mark%",   "mark%/file", "alone%",        "p/../x",  "new\nline\x01",
                                         "p/\xff/", "plain",      "p/\xff\n//odd", "p/empty/"};
  for (const std::string& key : keys) emulator_.PutObject(key, key == "p/empty/" ? "" : "content");
  const CommandResult all = Cosfuse({"doctor"});
  EXPECT_EQ(all.status.code, 4) << all.errors;
  EXPECT_EQ(all.errors, "");
  EXPECT_EQ(all.output,
            "dot-component ./c\n"
            "empty-component a//b\n"
            "directory-bytes dir/\n"
            "beside-directory mark%25\n"
            "long-component " +
                longer +
                "\n"
                "dot-component p/../x\n"
                "empty-component p/%FF%0A//odd\n"
                "directory-bytes p/%FF/\n"
                "8 of 14 keys are not shown by a mount\n");
  const CommandResult part = Cosfuse({"doctor", emulator_.bucket() + ":p"});
  EXPECT_EQ(part.output,
            "dot-component p/../x\n"
            "empty-component p/%FF%0A//odd\n"
            "directory-bytes p/%FF/\n"
            "3 of 4 keys are not shown by a mount\n");
  EXPECT_EQ(emulator_.Keys().size(), keys.size()) << "nothing has been changed";
}

TEST_F(CliTest, DoctorOfABucketThatIsShownAsAWholeCostsAListForEach1000Keys) {
  emulator_.PutObject("k", "content");
  emulator_.Post("copies?bucket=" + emulator_.bucket() + "&key=k&prefix=d/f&count=2499");
  emulator_.ResetCounters();
  const CommandResult result = Cosfuse({"doctor"});
  EXPECT_EQ(result.status.code, 0) << result.errors;
  EXPECT_EQ(result.output, "0 of 2500 keys are not shown by a mount\n");
  EXPECT_EQ(emulator_.RequestCounts(), (std::map<std::string, uint64_t>{{"ListObjectsV2", 3}, {"TokenExchange", 1}}));
}

TEST_F(CliTest, DoctorThatCannotLookSaysWhy) {
  ExpectRefusal(Cosfuse({"doctor", "no-such-bucket"}), 1, {"no-such-bucket"});
  ExpectRefusal(Cosfuse({"doctor"}, {{"TRUSTED_PROFILE_ID", "Profile-unknown"}}), 1, {"Profile-unknown"});
  ExpectRefusal(Cosfuse({"doctor", "one-bucket", "--bucket", "another"}), 2, {"the bucket is given twice"});
  ExpectRefusal(Cosfuse({"doctor", "one-bucket", "another"}), 2, {"another"});
  // What was found before a failure is printed; it is a failure all the same.
  emulator_.PutObject("k", "content");
  emulator_.PutObject("//k", "content");
  emulator_.Post("copies?bucket=" + emulator_.bucket() + "&key=k&prefix=d/f&count=1000");
  emulator_.Post("fault?op=ListObjectsV2&status=403&code=AccessDenied&skip=1&count=100");
  const CommandResult cut = Cosfuse({"doctor"});
  EXPECT_EQ(cut.status.code, 1);
  EXPECT_EQ(cut.output, "empty-component //k\n");
  EXPECT_NE(cut.errors.find("may not list"), std::string::npos) << cut.errors;
}

}  // namespace
}  // namespace cosfuse::testing
