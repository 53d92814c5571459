#pragma once

#include <string>
#include <string_view>

namespace cosfuse::emulator {

inline constexpr std::string_view kS3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

/// Writes an XML document from its first line on. Control characters become numeric references, as S3 writes them,
/// although XML 1.0 cannot carry most of them: clients ask for encoding-type=url instead.
class XmlWriter {
 public:
  XmlWriter() : text_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {}

  void Open(std::string_view name);
  /// The outermost element, in the namespace of S3.
  void OpenRoot(std::string_view name);
  void Close(std::string_view name);
  void Element(std::string_view name, std::string_view content);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// `text` as the content of an element.
std::string EscapeXml(std::string_view text);

}  // namespace cosfuse::emulator
