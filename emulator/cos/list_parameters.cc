#include "emulator/cos/list_parameters.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/encoding.h"

namespace cosfuse::emulator {
namespace {

constexpr size_t kMaxKeys = 1000;  // COS S3 API, "List objects in a given bucket".
constexpr std::string_view kTokenMark = "1:";

}  // namespace

std::string ListEncoding::Apply(std::string_view name) const {
  return url ? PercentEncode(name, "/") : std::string(name);
}

S3Result<ListEncoding> ParseListEncoding(const Query& query) {
  const std::string_view type = query.Get("encoding-type");
  if (!type.empty() && type != "url") return Refuse(S3Code::kInvalidArgument, "Invalid Encoding Method");
  return ListEncoding{type == "url"};
}

S3Result<ListQuery> ParseListQuery(const Query& query) {
  ListQuery list;
  list.prefix = query.Get("prefix");
  list.delimiter = query.Get("delimiter");
  ASSIGN_OR_RETURN(list.max_keys, ParseLimit(query, "max-keys", kMaxKeys));
  return list;
}

S3Result<size_t> ParseLimit(const Query& query, std::string_view name, size_t limit) {
  const std::string_view text = query.Get(name);
  if (text.empty()) return limit;
  size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Refuse(S3Code::kInvalidArgument, std::string(name) + " is not a number.");
  }
  return std::min(value, limit);
}

std::string MakeContinuationToken(std::string_view last) {
  return Base64Encode(AsBytes(std::string(kTokenMark) + std::string(last)));
}

S3Result<std::string> ParseContinuationToken(std::string_view token) {
  auto decoded = Base64Decode(token);
  if (!decoded || !decoded->starts_with(kTokenMark)) {
    return Refuse(S3Code::kInvalidArgument, "The continuation token provided is incorrect.");
  }
  return decoded->substr(kTokenMark.size());
}

}  // namespace cosfuse::emulator
