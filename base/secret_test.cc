#include "base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

namespace cosfuse {
namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!Printable<Secret>, "a secret cannot be printed");
static_assert(!std::equality_comparable<Secret>, "a secret is not compared by accident");
static_assert(!std::convertible_to<std::string, Secret> && !std::convertible_to<Secret, std::string>);

TEST(Secret, RevealsItsValueAndSurvivesCopies) {
  const Secret secret(std::string("a-token"));
  const Secret copy = secret;  // NOLINT(performance-unnecessary-copy-initialization): a copy is what is tested.
  EXPECT_EQ(secret.Reveal(), "a-token");
  EXPECT_EQ(copy.Reveal(), "a-token");
  EXPECT_FALSE(copy.empty());
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, AMoveLeavesNothingBehind) {
  for (const size_t length : {size_t{8}, size_t{2000}}) {  // Within the string object itself, and on the heap.
    Secret source(std::string(length, 'x'));
    Secret constructed(std::move(source));
    EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move): that is what is tested.
    EXPECT_EQ(constructed.Reveal(), std::string(length, 'x'));
    Secret assigned(std::string("before"));
    assigned = std::move(constructed);
    EXPECT_TRUE(constructed.empty());  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(assigned.Reveal(), std::string(length, 'x'));
  }
}

TEST(Secret, AssignmentToItselfKeepsTheValue) {
  Secret secret(std::string("a-token"));
  const Secret& same = secret;
  secret = same;
  EXPECT_EQ(secret.Reveal(), "a-token");
}

TEST(WipeString, OverwritesTheWholeBufferInPlace) {
  std::string text(200, 'x');
  text.resize(10);
  const char* buffer = text.data();
  const size_t capacity = text.capacity();
  WipeString(text);
  EXPECT_TRUE(text.empty());
  ASSERT_EQ(text.data(), buffer);
  EXPECT_EQ(std::count(buffer, buffer + capacity, '\0'), static_cast<std::ptrdiff_t>(capacity));
}

}  // namespace
}  // namespace cosfuse
