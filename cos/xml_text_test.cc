#include "cos/xml_text.h"

#include <gtest/gtest.h>

namespace cosfuse {
namespace {

TEST(XmlText, TakesUtf8AndTheThreeControlsOfXml) {
  EXPECT_TRUE(IsXmlText(""));
  EXPECT_TRUE(IsXmlText("plain \t\r\n <&>"));
  EXPECT_TRUE(IsXmlText("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"));
}

TEST(XmlText, RefusesWhatNoEscapeCanCarry) {
  EXPECT_FALSE(IsXmlText(std::string("a\0b", 3)));
  EXPECT_FALSE(IsXmlText("a\x01"));
  EXPECT_FALSE(IsXmlText("\x1f"));
  EXPECT_FALSE(IsXmlText("\xef\xbf\xbe")) << "U+FFFE";
  EXPECT_FALSE(IsXmlText("\xef\xbf\xbf")) << "U+FFFF";
}

TEST(XmlText, RefusesWhatIsNotUtf8) {
  EXPECT_FALSE(IsXmlText("\xff"));
  EXPECT_FALSE(IsXmlText("\x80")) << "a continuation alone";
  EXPECT_FALSE(IsXmlText("\xc3")) << "cut short";
  EXPECT_FALSE(IsXmlText("\xe2\x82")) << "cut short";
  EXPECT_FALSE(IsXmlText("\xc3z")) << "no continuation";
  EXPECT_FALSE(IsXmlText("\xc0\xaf")) << "overlong";
  EXPECT_FALSE(IsXmlText("\xed\xa0\x80")) << "a surrogate";
  EXPECT_FALSE(IsXmlText("\xf4\x90\x80\x80")) << "beyond U+10FFFF";
}

TEST(XmlText, EscapesMarkupAndWhiteSpaceThatParsersChange) {
  EXPECT_EQ(EscapeXml("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c'");
  EXPECT_EQ(EscapeXml("\r\n\t "), "&#13;&#10;&#9; ");
}

}  // namespace
}  // namespace cosfuse
