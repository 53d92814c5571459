#include "fs/same_bytes.h"

#include <gtest/gtest.h>

#include <string>

#include "base/fake_clock.h"
#include "cos/fake_object_store.h"
#include "cos/faulty_object_store.h"

namespace cosfuse {
namespace {

TEST(SameBytes, AreFoundToTheLastOne) {
  FakeClock clock;
  FakeObjectStore store(clock);
  FaultyObjectStore faulty(store, clock);
  const std::string content(3 * kMiB + 5, 'x');
  std::string other = content;
  other.back() = 'y';
  const PinnedObject a{"a", store.SetObject("a", content)};
  const PinnedObject b{"b", store.SetObject("b", content)};
  const PinnedObject c{"c", store.SetObject("c", other)};
  EXPECT_EQ(HaveSameBytes({}, faulty, a, b, content.size()).value(), true);
  EXPECT_EQ(HaveSameBytes({}, faulty, a, c, content.size()).value(), false);
  EXPECT_EQ(HaveSameBytes({}, faulty, a, {"b", {"another version"}}, content.size()).value(), false);
  EXPECT_EQ(HaveSameBytes({}, faulty, {"missing", a.etag}, b, content.size()).value(), false);
  faulty.FailNext(StoreOperation::kGet, Error(ErrorCode::kUnavailable, "injected"));
  EXPECT_EQ(HaveSameBytes({}, faulty, a, b, content.size()).error().code(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace cosfuse
