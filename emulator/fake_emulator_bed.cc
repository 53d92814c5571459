#include "emulator/fake_emulator_bed.h"

#include <stdlib.h>

#include <filesystem>
#include <system_error>

namespace cosfuse::emulator {

namespace {

constexpr unsigned kTestKeyBits = 1024;  // Nothing is secret here, and longer ones take long to make.

}  // namespace

const RsaKey& TestKey() {
  static const RsaKey key = RsaKey::Generate(kTestKeyBits).value();
  return key;
}

TemporaryDirectory::TemporaryDirectory()
    : path_((std::filesystem::temp_directory_path() / "cosfuse-test-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) ADD_FAILURE() << "cannot make " << path_;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

EmulatorTest::EmulatorTest() {
  options_.buckets = {"bucket"};
  options_.public_buckets = {"public-bucket"};
  options_.profiles.emplace_back();
  options_.threads = 2;
  Restart();
}

void EmulatorTest::Restart() {
  client_.reset();
  emulator_.reset();
  auto started = Emulator::Start(options_, TestKey(), clock_, random_);
  ASSERT_TRUE(started) << started.error().ToString();
  emulator_ = *std::move(started);
  client_ = std::make_unique<HttpClient>(NewClient("Writer"));
}

HttpClient EmulatorTest::NewClient(const std::string& roles) const {
  HttpClient client(port());
  if (!roles.empty()) {
    const auto token = emulator_->services().iam.IssueToken(ParseRoles(roles).value());
    client.SetHeader("Authorization", "Bearer " + token.value());
  }
  return client;
}

HttpAnswer EmulatorTest::Command(std::string_view method, std::string_view command) const {
  return HttpClient(port()).Do(method, "/_emulator/" + std::string(command));
}

std::string EmulatorTest::Put(std::string_view target, std::string_view body) {
  const HttpAnswer answer = Do("PUT", target, {}, body);
  EXPECT_EQ(answer.status, 200) << answer.body;
  return answer.Header("etag");
}

std::string XmlText(const std::string& document, const std::string& name) {
  const size_t start = document.find("<" + name + ">");
  if (start == std::string::npos) return "(none)";
  const size_t text = start + name.size() + 2;
  return document.substr(text, document.find("</" + name + ">", text) - text);
}

std::string XmlTexts(const std::string& document, const std::string& name) {
  std::string all;
  const std::string open = "<" + name + ">";
  for (size_t at = document.find(open); at != std::string::npos; at = document.find(open, at + 1)) {
    if (!all.empty()) all += ",";
    const size_t text = at + open.size();
    all += document.substr(text, document.find("</" + name + ">", text) - text);
  }
  return all;
}

}  // namespace cosfuse::emulator
