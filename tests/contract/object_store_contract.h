#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cos/object_store.h"

namespace cosfuse::testing {

/// An implementation of ObjectStore under test. `make` gives access to it; one may serve many tests.
struct ContractSubject {
  std::string name;
  std::function<std::shared_ptr<ObjectStore>()> make;
  /// Whether CompleteUpload checks conditions again. What the public service does there is documented nowhere.
  bool conditions_at_complete = true;
  bool distant = false;  ///< Each request takes long and costs money.

  friend std::ostream& operator<<(std::ostream& out, const ContractSubject& subject) { return out << subject.name; }
};

/// What cos/object_store.h promises, over every implementation. Each test works below a prefix of its own and removes
/// what it made, so that a real bucket can be used, also by several runs at once.
class ObjectStoreContract : public ::testing::TestWithParam<ContractSubject> {
 protected:
  ObjectStoreContract();
  ~ObjectStoreContract() override;

  ObjectStore& store() { return *store_; }
  const OpContext& context() const { return context_; }
  /// The key of this test's object `name`.
  ObjectKey Key(std::string_view name) const { return prefix_ + std::string(name); }
  const std::string& prefix() const { return prefix_; }

  Result<WrittenVersion> Put(const ObjectKey& key, std::string_view content, const ObjectMetadata& metadata = {},
                             const Conditions& conditions = {});
  /// Put that must succeed.
  ETag MustPut(const ObjectKey& key, std::string_view content, const ObjectMetadata& metadata = {});
  /// The bytes of an object (or a range) after checking that they came in order; "!" and the error's code where it
  /// cannot be read.
  std::string Read(const ObjectKey& key, ByteRange range = {}, const Conditions& conditions = {});
  /// Every key below this test's prefix, read page by page, without the prefix.
  std::vector<std::string> ListNames(ListRequest request);
  /// The part, which must succeed.
  UploadedPart MustUpload(const ObjectKey& key, const std::string& id, int number, std::string_view content);

  static Conditions IfMatch(const ETag& etag) { return {.if_match = etag}; }
  static Conditions IfNoneMatch(const ETag& etag) { return {.if_none_match = etag}; }
  static Conditions CreateOnly() { return {.create_only = true}; }

 private:
  const std::shared_ptr<ObjectStore> store_;
  const std::string prefix_;
  const OpContext context_;
};

/// Bytes without a pattern, the same for the same seed.
std::string RandomBytes(size_t size, uint64_t seed);

/// The code of a result's error; none for a success.
template <typename T>
std::optional<ErrorCode> CodeOf(const Result<T>& result) {
  if (result) return std::nullopt;
  return result.error().code();
}

}  // namespace cosfuse::testing
