#include <cstdlib>
#include <utility>

#include "base/encoding.h"
#include "base/random.h"
#include "cos/fake_object_store.h"
#include "tests/contract/object_store_contract.h"
#include "tests/support/live_store.h"
#ifdef COSFUSE_EMULATOR_BINARY
#include "tests/support/emulator_process.h"
#endif

namespace cosfuse::testing {
namespace {

std::string EnvironmentOr(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

std::shared_ptr<LiveStore> MakeLiveStore(BucketAddress address, std::string bearer) {
  static SystemClock clock;
  return std::make_shared<LiveStore>(
      std::move(address), std::move(bearer),
      CurlTransport::Options{.network_threads = 1, .ca_file = EnvironmentOr("COSFUSE_CONTRACT_CA_FILE", "")}, clock);
}

std::shared_ptr<ObjectStore> ClientOf(std::shared_ptr<LiveStore> live) {
  ObjectStore* const store = &live->client;
  return {std::move(live), store};
}

std::shared_ptr<ObjectStore> MakeFake() {
  static SystemClock clock;
  return std::make_shared<FakeObjectStore>(clock, FakeObjectStore::Options{.versioned = true});
}

std::shared_ptr<ObjectStore> MakeRealBucket() {
  static const auto live = MakeLiveStore({.endpoint = EnvironmentOr("COSFUSE_CONTRACT_ENDPOINT", ""),
                                          .bucket = EnvironmentOr("COSFUSE_CONTRACT_BUCKET", "")},
                                         EnvironmentOr("COSFUSE_CONTRACT_TOKEN", ""));
  return ClientOf(live);
}

#ifdef COSFUSE_EMULATOR_BINARY
/// An emulator of this run: started by the first test that needs it, ended after the last.
class EmulatorOfRun final : public ::testing::Environment {
 public:
  explicit EmulatorOfRun(bool versioned) : versioned_(versioned) {}

  std::shared_ptr<ObjectStore> Store() {
    if (emulator_ == nullptr) {
      emulator_ = std::make_unique<EmulatorProcess>();
      if (versioned_) emulator_->Post("bucket?versioning=enabled&bucket=" + emulator_->bucket());
      live_ = MakeLiveStore({.endpoint = emulator_->endpoint(), .bucket = emulator_->bucket()},
                            std::string(TrimWhitespace(emulator_->Get("token?role=Writer"))));
    }
    return ClientOf(live_);
  }
  void TearDown() override {
    live_.reset();
    emulator_.reset();
  }

 private:
  const bool versioned_;
  std::unique_ptr<EmulatorProcess> emulator_;
  std::shared_ptr<LiveStore> live_;
};
#endif

std::vector<ContractSubject> MakeSubjects() {
  std::vector<ContractSubject> subjects = {{.name = "Fake", .make = MakeFake}};
#ifdef COSFUSE_EMULATOR_BINARY
  for (const bool versioned : {false, true}) {
    // Owned by GoogleTest from here on.
    auto* const emulator =
        static_cast<EmulatorOfRun*>(::testing::AddGlobalTestEnvironment(new EmulatorOfRun(versioned)));
    subjects.push_back({.name = versioned ? "ClientOverVersionedEmulator" : "ClientOverEmulator",
                        .make = [emulator] { return emulator->Store(); }});
  }
#endif
  if (std::getenv("COSFUSE_CONTRACT_ENDPOINT") != nullptr) {
    subjects.push_back(
        {.name = "ClientOverBucket", .make = MakeRealBucket, .conditions_at_complete = false, .distant = true});
  }
  return subjects;
}

/// GoogleTest asks once for each test; all of them share one emulator.
const std::vector<ContractSubject>& Subjects() {
  static const std::vector<ContractSubject> subjects = MakeSubjects();
  return subjects;
}

INSTANTIATE_TEST_SUITE_P(Store, ObjectStoreContract, ::testing::ValuesIn(Subjects()),
                         [](const auto& subject) { return subject.param.name; });

}  // namespace

ObjectStoreContract::ObjectStoreContract()
    : store_(GetParam().make()),
      prefix_("contract-" + SystemRandom().Hex(8) + "/"),
      context_(OpContext().WithPatience(std::chrono::seconds(20))) {}

ObjectStoreContract::~ObjectStoreContract() {
  ListRequest request;
  request.prefix = prefix_;
  request.delimited = false;
  for (auto page = store_->List(context_, request); page && !page->objects.empty();
       page = store_->List(context_, request)) {
    std::vector<ObjectKey> keys;
    for (const ListedObject& object : page->objects) keys.push_back(object.key);
    const auto left = store_->DeleteMany(context_, keys);
    if (!left || left->size() == keys.size()) break;
  }
}

Result<WrittenVersion> ObjectStoreContract::Put(const ObjectKey& key, std::string_view content,
                                                const ObjectMetadata& metadata, const Conditions& conditions) {
  SpanBodySource body(AsBytes(content));
  return store_->Put(context_, key, body, metadata, conditions);
}

ETag ObjectStoreContract::MustPut(const ObjectKey& key, std::string_view content, const ObjectMetadata& metadata) {
  const auto version = Put(key, content, metadata);
  EXPECT_TRUE(version.has_value()) << version.error().ToString();
  return version ? version->etag : ETag();
}

std::string ObjectStoreContract::Read(const ObjectKey& key, ByteRange range, const Conditions& conditions) {
  std::string bytes;
  const auto collect = [&](const ObjectInfo& /*info*/, ByteCount offset, std::span<const std::byte> data) -> Result<> {
    EXPECT_EQ(offset, range.offset + bytes.size()) << "a hole, or bytes twice";
    bytes += AsText(data);
    return {};
  };
  const auto info = store_->Get(context_, key, range, conditions, collect);
  if (!info) return "!" + std::string(ErrorCodeName(info.error().code()));
  return bytes;
}

std::vector<std::string> ObjectStoreContract::ListNames(ListRequest request) {
  std::vector<std::string> names;
  for (int pages = 0; pages < 1000; ++pages) {
    const auto page = store_->List(context_, request);
    EXPECT_TRUE(page.has_value()) << page.error().ToString();
    if (!page) break;
    EXPECT_LE(page->objects.size() + page->common_prefixes.size(), static_cast<size_t>(request.max_keys));
    for (const ListedObject& object : page->objects) names.push_back(object.key.substr(prefix_.size()));
    for (const std::string& common : page->common_prefixes) names.push_back(common.substr(prefix_.size()));
    if (page->next_token.empty()) return names;
    request.continuation_token = page->next_token;
  }
  ADD_FAILURE() << "a listing without an end";
  return names;
}

UploadedPart ObjectStoreContract::MustUpload(const ObjectKey& key, const std::string& id, int number,
                                             std::string_view content) {
  SpanBodySource body(AsBytes(content));
  auto part = store_->UploadPart(context_, key, id, number, body);
  EXPECT_TRUE(part.has_value()) << part.error().ToString();
  return part ? *part : UploadedPart();
}

std::string RandomBytes(size_t size, uint64_t seed) {
  SeededRandom random(seed);
  std::string bytes;
  bytes.reserve(size + sizeof(uint64_t));
  while (bytes.size() < size) {
    const uint64_t word = random.Next();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace cosfuse::testing
