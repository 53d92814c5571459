#include "emulator/cos/dialect.h"

#include <gtest/gtest.h>

namespace cosfuse::emulator {
namespace {

TEST(Dialect, DefaultIsWhatIsDocumentedOnPremises) {
  EXPECT_EQ(FormatDialect({}), "put=honoured,multipart=initiate-and-complete,delete=ignored,copy-target=ignored");
}

TEST(Dialect, EachSwitchIsReadBack) {
  for (const char* text : {"put=ignored,multipart=complete,delete=honoured,copy-target=honoured",
                           "put=honoured,multipart=ignored,delete=ignored,copy-target=honoured",
                           "put=ignored,multipart=initiate-and-complete,delete=honoured,copy-target=ignored"}) {
    const auto dialect = ParseDialect(text);
    ASSERT_TRUE(dialect) << text;
    EXPECT_EQ(FormatDialect(*dialect), text);
  }
}

TEST(Dialect, SwitchesThatAreNotNamedStay) {
  Dialect base;
  base.conditions_on_delete = true;
  const auto dialect = ParseDialect("multipart=ignored", base);
  ASSERT_TRUE(dialect);
  EXPECT_TRUE(dialect->conditions_on_delete);
  EXPECT_FALSE(dialect->conditions_at_initiate);
  EXPECT_FALSE(dialect->conditions_at_complete);
  EXPECT_TRUE(dialect->conditions_on_put);
}

TEST(Dialect, UnknownSwitchesAreRefused) {
  for (const char* text : {"delete", "delete=yes", "multipart=initiate", "list=honoured", "=", "put=honoured,x"}) {
    EXPECT_FALSE(ParseDialect(text)) << text;
  }
}

}  // namespace
}  // namespace cosfuse::emulator
