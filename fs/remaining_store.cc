#include "fs/remaining_store.h"

#include <algorithm>

namespace cosfuse {
namespace {

constexpr int kMostKeys = 1000;

std::unexpected<Error> FailRemoved(const ObjectKey& key) {
  return Fail(ErrorCode::kNotFound, key + ": it was removed here");
}

}  // namespace

Result<ObjectInfo> RemainingStore::Head(const OpContext& context, const ObjectKey& key, const Conditions& conditions) {
  const RemovedVersions::Question question(removed_, clock_.WallNow());
  auto info = store().Head(context, key, conditions);
  if (info && question.Hides(key, info->etag, info->last_modified, info->answered_at)) return FailRemoved(key);
  return info;
}

Result<ObjectInfo> RemainingStore::Get(const OpContext& context, const ObjectKey& key, ByteRange range,
                                       const Conditions& conditions, const DataCallback& on_data) {
  const RemovedVersions::Question question(removed_, clock_.WallNow());
  const auto on_data_of_others = [&](const ObjectInfo& info, ByteCount offset,
                                     std::span<const std::byte> data) -> Result<> {
    if (question.Hides(key, info.etag, info.last_modified, info.answered_at)) return FailRemoved(key);
    return on_data(info, offset, data);
  };
  auto info = store().Get(context, key, range, conditions, on_data_of_others);
  if (info && question.Hides(key, info->etag, info->last_modified, info->answered_at)) return FailRemoved(key);
  return info;
}

Result<ListPage> RemainingStore::List(const OpContext& context, const ListRequest& request) {
  const RemovedVersions::Question question(removed_, clock_.WallNow());
  ListRequest wider = request;
  const int hidden = static_cast<int>(std::min<size_t>(kMostKeys, removed_.CountBelow(request.prefix)));
  wider.max_keys = std::min(kMostKeys, request.max_keys + hidden);
  auto page = store().List(context, wider);
  if (!page) return page;
  std::erase_if(page->objects, [&](const ListedObject& object) {
    return question.Hides(object.key, object.etag, object.last_modified, page->answered_at);
  });
  return page;
}

}  // namespace cosfuse
