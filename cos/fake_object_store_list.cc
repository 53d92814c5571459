#include <algorithm>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "cos/fake_object_store.h"

namespace cosfuse {
namespace {

/// The least string that is greater than every string with this prefix. Prefixes here end in '/'.
std::string AfterPrefix(std::string prefix) {
  ++prefix.back();
  return prefix;
}

/// A token names the least key that the next page may show.
std::string EncodeToken(std::string_view next) { return "from-" + HexEncode(AsBytes(next)); }

std::optional<std::string> DecodeToken(std::string_view token) {
  if (!token.starts_with("from-") || token.size() % 2 == 0) return std::nullopt;
  token.remove_prefix(5);
  std::string percent;
  for (size_t i = 0; i < token.size(); i += 2) percent.append("%").append(token.substr(i, 2));
  return PercentDecode(percent);
}

}  // namespace

Result<ListPage> FakeObjectStore::List(const OpContext& context, const ListRequest& request) {
  return Perform(context, {StoreOperation::kList, request.prefix}, [&]() -> Result<ListPage> {
    MutexLock lock(mutex_);
    return ListLocked(request);
  });
}

Result<ListPage> FakeObjectStore::ListLocked(const ListRequest& request) const {
  std::string from = request.prefix;
  if (!request.continuation_token.empty()) {
    const auto next = DecodeToken(request.continuation_token);
    if (!next) return Fail(ErrorCode::kInvalidArgument, "not a continuation token");
    from = std::max(from, *next);
  } else if (!request.start_after.empty()) {
    from = std::max(from, request.start_after + '\0');
  }
  const auto limit = static_cast<size_t>(std::clamp(request.max_keys, 1, 1000));
  ListPage page;
  page.answered_at = NowInSeconds();
  auto entry = objects_.lower_bound(from);
  while (entry != objects_.end() && entry->first.starts_with(request.prefix)) {
    if (page.objects.size() + page.common_prefixes.size() == limit) {
      page.next_token = EncodeToken(entry->first);
      break;
    }
    const auto& [key, version] = *entry;
    const size_t slash = request.delimited ? key.find('/', request.prefix.size()) : std::string::npos;
    if (slash != std::string::npos) {
      page.common_prefixes.push_back(key.substr(0, slash + 1));
      entry = objects_.lower_bound(AfterPrefix(page.common_prefixes.back()));
      continue;
    }
    page.objects.push_back({.key = key,
                            .size = version.content->size(),
                            .etag = version.etag,
                            .last_modified = version.last_modified,
                            .storage_class = version.storage_class});
    ++entry;
  }
  return page;
}

}  // namespace cosfuse
