#include "emulator/cos/etag.h"

#include "base/encoding.h"
#include "emulator/wire/http_date.h"

namespace cosfuse::emulator {
namespace {

std::optional<std::string> Copy(const std::string* text) {
  return text == nullptr ? std::nullopt : std::optional<std::string>(*text);
}

std::optional<WallTime> ReadDate(const std::string* text) {
  return text == nullptr ? std::nullopt : ParseHttpDate(*text);
}

}  // namespace

std::string NewOpaqueETag(Random& random) { return random.Hex(16); }

std::string QuoteETag(std::string_view etag) { return "\"" + std::string(etag) + "\""; }

std::string UnquoteETag(std::string_view text) {
  text = TrimWhitespace(text);
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"')) text = text.substr(1, text.size() - 2);
  return std::string(text);
}

bool ETagListNames(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const size_t comma = list.find(',');
    const std::string entry = UnquoteETag(list.substr(0, comma));
    if (entry == "*" || entry == etag) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

ReadConditions ParseReadConditions(const Headers& headers, std::string_view prefix) {
  const std::string start(prefix);
  return {Copy(headers.Find(start + "if-match")), Copy(headers.Find(start + "if-none-match")),
          ReadDate(headers.Find(start + "if-modified-since")), ReadDate(headers.Find(start + "if-unmodified-since"))};
}

ReadVerdict Judge(const ReadConditions& conditions, std::string_view etag, WallTime last_modified) {
  if (conditions.if_match) {
    if (!ETagListNames(*conditions.if_match, etag)) return ReadVerdict::kFailed;
  } else if (conditions.if_unmodified_since && last_modified > *conditions.if_unmodified_since) {
    return ReadVerdict::kFailed;
  }
  if (conditions.if_none_match) {
    if (ETagListNames(*conditions.if_none_match, etag)) return ReadVerdict::kNotModified;
  } else if (conditions.if_modified_since && last_modified <= *conditions.if_modified_since) {
    return ReadVerdict::kNotModified;
  }
  return ReadVerdict::kProceed;
}

WriteConditions ParseWriteConditions(const Headers& headers) {
  return {Copy(headers.Find("if-match")), Copy(headers.Find("if-none-match")),
          ReadDate(headers.Find("if-unmodified-since"))};
}

bool Hold(const WriteConditions& conditions, const std::optional<CurrentVersion>& current) {
  if (conditions.if_match) {
    if (!current || !ETagListNames(*conditions.if_match, current->etag)) return false;
  } else if (conditions.if_unmodified_since && current && current->last_modified > *conditions.if_unmodified_since) {
    return false;
  }
  return !(conditions.if_none_match && current && ETagListNames(*conditions.if_none_match, current->etag));
}

}  // namespace cosfuse::emulator
