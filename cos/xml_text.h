#pragma once

#include <string>
#include <string_view>

namespace cosfuse {

/// Whether `text` can stand in XML 1.0: UTF-8 without the characters that no escape can carry.
bool IsXmlText(std::string_view text);

/// The text of an XML element, escaped so that every parser gives back the same bytes.
std::string EscapeXml(std::string_view text);

}  // namespace cosfuse
