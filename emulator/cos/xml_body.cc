#include "emulator/cos/xml_body.h"

#include <utility>

namespace cosfuse::emulator {
namespace {

constexpr ByteCount kLargestXml = 8 * kMiB;  // A thousand keys of 1024 bytes, each byte as a reference.

}  // namespace

S3Result<std::string> ReadXmlBody(const Body& body) {
  if (body.size() > kLargestXml) return Refuse(S3Code::kMalformedXml);
  auto text = body.ToText();
  if (!text) return Refuse(S3Code::kInternalError, text.error().message());
  return *std::move(text);
}

}  // namespace cosfuse::emulator
