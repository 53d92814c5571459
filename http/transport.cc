#include "http/transport.h"

#include <algorithm>

#include "base/encoding.h"

namespace cosfuse {
namespace {

bool NamesEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ToLowerAscii(a) == ToLowerAscii(b);
}

}  // namespace

std::string_view HttpMethodName(HttpMethod method) {
  switch (method) {
    case HttpMethod::kGet: return "GET";
    case HttpMethod::kHead: return "HEAD";
    case HttpMethod::kPut: return "PUT";
    case HttpMethod::kPost: return "POST";
    case HttpMethod::kDelete: return "DELETE";
  }
  return "UNKNOWN";
}

void HttpHeaders::Set(std::string_view name, std::string value) {
  std::erase_if(fields_, [name](const Field& field) { return NamesEqual(field.first, name); });
  Add(std::string(name), std::move(value));
}

std::optional<std::string_view> HttpHeaders::Get(std::string_view name) const {
  const auto field = std::ranges::find_if(fields_, [name](const Field& f) { return NamesEqual(f.first, name); });
  if (field == fields_.end()) return std::nullopt;
  return field->second;
}

std::optional<std::string> HttpHeaders::GetJoined(std::string_view name) const {
  std::optional<std::string> joined;
  for (const auto& [field_name, value] : fields_) {
    if (!NamesEqual(field_name, name)) continue;
    joined = joined ? *joined + ", " + value : value;
  }
  return joined;
}

Result<size_t> SpanBodySource::Read(ByteCount offset, std::span<std::byte> out) {
  if (offset >= bytes_.size()) return 0;
  const size_t count = std::min<size_t>(out.size(), bytes_.size() - offset);
  std::copy_n(bytes_.begin() + static_cast<ptrdiff_t>(offset), count, out.begin());
  return count;
}

Result<> StringBodySink::OnHead(const HttpResponseHead& /*head*/) {
  body_.clear();
  return {};
}

Result<> StringBodySink::OnData(std::span<const std::byte> data) {
  if (data.size() > limit_ - std::min<ByteCount>(limit_, body_.size())) {
    return Fail(ErrorCode::kTooLarge, "the answer is longer than " + std::to_string(limit_) + " bytes");
  }
  body_ += AsText(data);
  return {};
}

}  // namespace cosfuse
