#include "emulator/cos/xml_writer.h"

namespace cosfuse::emulator {

void XmlWriter::Open(std::string_view name) { text_.append("<").append(name).append(">"); }

void XmlWriter::OpenRoot(std::string_view name) {
  text_.append("<").append(name).append(" xmlns=\"").append(kS3Namespace).append("\">");
}

void XmlWriter::Close(std::string_view name) { text_.append("</").append(name).append(">"); }

void XmlWriter::Element(std::string_view name, std::string_view content) {
  Open(name);
  text_ += EscapeXml(content);
  Close(name);
}

std::string EscapeXml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&apos;"; break;
      default:
        if (static_cast<unsigned char>(c) >= ' ') {
          out += c;
        } else {
          out += "&#" + std::to_string(static_cast<int>(c)) + ";";
        }
    }
  }
  return out;
}

}  // namespace cosfuse::emulator
