#include <algorithm>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "cos/client.h"
#include "cos/limits.h"
#include "cos/object_key.h"
#include "cos/xml_responses.h"
#include "cos/xml_text.h"

namespace cosfuse {

Result<ObjectTags> CosClient::GetTags(const OpContext& context, const ObjectKey& key, const std::string& version_id) {
  RETURN_IF_ERROR(CheckObjectKey(key));
  return Send(context, {RequestKind::Of(StoreOperation::kGetTags), key}, GetTagsRequest(address_, key, version_id),
              [](const Answer& answer) { return ParseTags(answer.body); });
}

Result<> CosClient::SetTags(const OpContext& context, const ObjectKey& key, const ObjectTags& tags) {
  RETURN_IF_ERROR(CheckObjectKey(key));
  const bool fit = tags.size() <= kMaxTags && std::ranges::all_of(tags, [](const auto& tag) {
                     return !tag.first.empty() && IsXmlText(tag.first) && IsXmlText(tag.second);
                   });
  if (!fit) return Fail(ErrorCode::kInvalidArgument, "PutObjectTagging " + key + ": impossible tags");
  const std::string xml = SetTagsBody(tags);
  SpanBodySource body(AsBytes(xml));
  return Send(context, {RequestKind::Of(StoreOperation::kSetTags), key},
              SetTagsRequest(address_, key, body, ExtendCrc32c(0, AsBytes(xml))),
              [](const Answer& /*answer*/) -> Result<> { return {}; });
}

}  // namespace cosfuse
