#include "emulator/cos/storage.h"

namespace cosfuse::emulator {
namespace {

class NothingStaged final : public StagedObject {
 public:
  Result<> Commit() override { return {}; }
};

class MemoryStorage final : public Storage {
 public:
  Result<std::unique_ptr<BodySink>> NewSink(ByteCount expected) override { return NewMemorySink(expected); }
  Result<std::unique_ptr<StagedObject>> Stage(const std::string& /*bucket*/, std::string_view /*key*/,
                                              const Object& /*object*/) override {
    return std::make_unique<NothingStaged>();
  }
  Result<> Remove(const std::string& /*bucket*/, std::string_view /*key*/) override { return {}; }
  Result<ObjectMap> Load(const std::string& /*bucket*/) override { return ObjectMap(); }
  void Close() override {}
};

}  // namespace

std::unique_ptr<Storage> NewMemoryStorage() { return std::make_unique<MemoryStorage>(); }

}  // namespace cosfuse::emulator
