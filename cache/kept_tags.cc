#include "cache/kept_tags.h"

#include "base/log.h"

namespace cosfuse {

Result<ObjectTags> FetchKeptTags(const OpContext& context, ObjectStore& store, const ObjectKey& key,
                                 const std::string& version_id) {
  auto tags = store.GetTags(context, key, version_id);
  if (tags) return tags;
  switch (tags.error().code()) {
    case ErrorCode::kNotFound: return ObjectTags();
    case ErrorCode::kAccessDenied:
    case ErrorCode::kUnsupported:
      Log(LogLevel::kWarning, "an object is rewritten without its tags, because they cannot be read",
          {{"key", key}, {"error", tags.error().ToString()}});
      return ObjectTags();
    default: return Fail(tags.error().WithContext("reading the tags of an object that is to be rewritten"));
  }
}

}  // namespace cosfuse
