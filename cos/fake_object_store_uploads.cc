#include <utility>

#include "base/crc32c.h"
#include "base/encoding.h"
#include "cos/body_digest.h"
#include "cos/fake_object_store.h"
#include "cos/object_key.h"

namespace cosfuse {
namespace {

/// What one page of uploads or parts holds at most, as in the service.
constexpr size_t kPageEntries = 1000;

}  // namespace

Result<std::string> FakeObjectStore::BeginUpload(const OpContext& context, const ObjectKey& key,
                                                 const ObjectMetadata& metadata, const Conditions& conditions) {
  RecordedOperation call(StoreOperation::kBeginUpload, key);
  call.conditions = conditions;
  return Perform(context, call, [&]() -> Result<std::string> {
    RETURN_IF_ERROR(CheckObjectKey(key));
    RETURN_IF_ERROR(CheckMetadata(metadata));
    MutexLock lock(mutex_);
    if (options_.conditions_at_begin) RETURN_IF_ERROR(CheckWriteLocked(key, conditions));
    std::string id = "upload-" + std::to_string(next_upload_++);
    uploads_[id] = {.key = key, .metadata = metadata, .parts = {}, .begun_at = NowInSeconds()};
    return id;
  });
}

Result<UploadedPart> FakeObjectStore::UploadPart(const OpContext& context, const ObjectKey& key,
                                                 const std::string& upload_id, int number, BodySource& body) {
  RecordedOperation call(StoreOperation::kUploadPart, key);
  call.part_number = number;
  call.bytes = body.size();
  return Perform(context, call, [&]() -> Result<UploadedPart> {
    ASSIGN_OR_RETURN(auto content, ReadWholeBody(body));
    return StorePart(key, upload_id, number, std::make_shared<const std::string>(std::move(content)));
  });
}

Result<UploadedPart> FakeObjectStore::UploadPartCopy(const OpContext& context, const ObjectKey& key,
                                                     const std::string& upload_id, int number, const CopySource& source,
                                                     ByteRange range) {
  RecordedOperation call(StoreOperation::kUploadPartCopy, key);
  call.part_number = number;
  call.source = source.key;
  call.range = range;
  return Perform(context, call, [&]() -> Result<UploadedPart> {
    std::shared_ptr<const std::string> content;
    {
      MutexLock lock(mutex_);
      RETURN_IF_ERROR(FindUploadLocked(key, upload_id));
      ASSIGN_OR_RETURN(const Version from, FindSourceLocked(source));
      if (range.empty() || range.end() > from.content->size()) {
        return Fail(ErrorCode::kInvalidArgument, source.key + ": the range is not inside the source");
      }
      content = std::make_shared<const std::string>(*from.content, range.offset, range.length);
    }
    return StorePart(key, upload_id, number, std::move(content));
  });
}

Result<WrittenVersion> FakeObjectStore::CompleteUpload(const OpContext& context, const ObjectKey& key,
                                                       const std::string& upload_id,
                                                       std::span<const UploadedPart> parts,
                                                       const Conditions& conditions) {
  RecordedOperation call(StoreOperation::kCompleteUpload, key);
  call.conditions = conditions;
  return Perform(context, call, [&]() -> Result<WrittenVersion> {
    MutexLock lock(mutex_);
    ASSIGN_OR_RETURN(Upload* const upload, FindUploadLocked(key, upload_id));
    if (options_.conditions_at_complete) RETURN_IF_ERROR(CheckWriteLocked(key, conditions));
    ASSIGN_OR_RETURN(Part whole, JoinParts(*upload, parts));
    const ObjectMetadata metadata = upload->metadata;
    uploads_.erase(upload_id);
    return StoreLocked(key, std::move(whole.content), std::move(whole.etag), metadata);
  });
}

Result<> FakeObjectStore::AbortUpload(const OpContext& context, const ObjectKey& key, const std::string& upload_id) {
  return Perform(context, {StoreOperation::kAbortUpload, key}, [&]() -> Result<> {
    MutexLock lock(mutex_);
    if (FindUploadLocked(key, upload_id)) uploads_.erase(upload_id);
    return {};
  });
}

UploadedPart FakeObjectStore::Describe(int number, const Part& part) {
  return {.number = number,
          .etag = part.etag,
          .size = part.content->size(),
          .crc32c = ExtendCrc32c(0, AsBytes(*part.content))};
}

Result<PartPage> FakeObjectStore::ListParts(const OpContext& context, const ObjectKey& key,
                                            const std::string& upload_id, int after) {
  return Perform(context, {StoreOperation::kListParts, key}, [&]() -> Result<PartPage> {
    MutexLock lock(mutex_);
    ASSIGN_OR_RETURN(const Upload* const upload, FindUploadLocked(key, upload_id));
    PartPage page;
    for (auto part = upload->parts.upper_bound(after); part != upload->parts.end(); ++part) {
      if (page.parts.size() == kPageEntries) {
        page.next_after = page.parts.back().number;
        break;
      }
      page.parts.push_back(Describe(part->first, part->second));
    }
    return page;
  });
}

Result<UploadPage> FakeObjectStore::ListUploads(const OpContext& context, const std::string& prefix,
                                                const UploadMarker& after) {
  return Perform(context, {StoreOperation::kListUploads, prefix}, [&]() -> Result<UploadPage> {
    MutexLock lock(mutex_);
    std::map<std::pair<ObjectKey, std::string>, WallTime> sorted;
    for (const auto& [id, upload] : uploads_) {
      if (upload.key.starts_with(prefix)) sorted[{upload.key, id}] = upload.begun_at;
    }
    UploadPage page;
    for (auto entry = sorted.upper_bound({after.key, after.upload_id}); entry != sorted.end(); ++entry) {
      if (page.uploads.size() == kPageEntries) {
        page.next_after = {.key = page.uploads.back().key, .upload_id = page.uploads.back().upload_id};
        break;
      }
      page.uploads.push_back({.key = entry->first.first, .upload_id = entry->first.second, .begun_at = entry->second});
    }
    return page;
  });
}

Result<VersionPage> FakeObjectStore::ListVersions(const OpContext& context, const std::string& prefix,
                                                  const VersionMarker& after) {
  return Perform(context, {StoreOperation::kListVersions, prefix}, [&]() -> Result<VersionPage> {
    MutexLock lock(mutex_);
    std::vector<ObjectVersion> all;
    const auto add = [&](const ObjectKey& key, const Version& version) {
      if (!key.starts_with(prefix)) return;
      all.push_back({key, version.id.empty() ? "null" : version.id, version.etag, version.content->size()});
    };
    for (const auto& [name, version] : versions_) add(name.first, version);
    for (const auto& [key, version] : objects_) {
      if (version.id.empty()) add(key, version);
    }
    const auto before = [](const ObjectVersion& one, const ObjectVersion& other) {
      return one.key != other.key ? one.key < other.key : one.version_id > other.version_id;
    };
    std::ranges::sort(all, before);
    auto next = all.begin();
    if (!after.key.empty()) {
      next = std::ranges::upper_bound(all, ObjectVersion{after.key, after.version_id, {}, 0}, before);
    }
    VersionPage page;
    for (; next != all.end(); ++next) {
      if (page.versions.size() == kPageEntries) {
        page.next_after = {.key = page.versions.back().key, .version_id = page.versions.back().version_id};
        break;
      }
      page.versions.push_back(*next);
    }
    return page;
  });
}

Result<FakeObjectStore::Upload*> FakeObjectStore::FindUploadLocked(const ObjectKey& key, const std::string& upload_id) {
  const auto found = uploads_.find(upload_id);
  if (found == uploads_.end() || found->second.key != key) {
    return Fail(ErrorCode::kMissingUpload, key + ": no such multipart upload");
  }
  return &found->second;
}

Result<UploadedPart> FakeObjectStore::StorePart(const ObjectKey& key, const std::string& upload_id, int number,
                                                std::shared_ptr<const std::string> content) {
  if (number < 1 || number > options_.max_parts) {
    return Fail(ErrorCode::kInvalidArgument, "no part can have the number " + std::to_string(number));
  }
  Part part = {.content = std::move(content), .etag = {}};
  part.etag = ContentETag(*part.content);
  UploadedPart stored = Describe(number, part);
  MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(Upload* const upload, FindUploadLocked(key, upload_id));
  upload->parts[number] = std::move(part);
  return stored;
}

Result<FakeObjectStore::Part> FakeObjectStore::JoinParts(const Upload& upload,
                                                         std::span<const UploadedPart> parts) const {
  if (parts.empty()) return Fail(ErrorCode::kInvalidArgument, "an upload without parts");
  std::string content;
  std::string etags;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && parts[i].number <= parts[i - 1].number) {
      return Fail(ErrorCode::kInvalidArgument, "parts are not in ascending order");
    }
    const auto found = upload.parts.find(parts[i].number);
    if (found == upload.parts.end() || found->second.etag != parts[i].etag) {
      return Fail(ErrorCode::kInvalidArgument, "part " + std::to_string(parts[i].number) + " was never uploaded");
    }
    if (i + 1 < parts.size() && found->second.content->size() < options_.min_part_size) {
      return Fail(ErrorCode::kInvalidArgument, "part " + std::to_string(parts[i].number) + " is too small");
    }
    content += *found->second.content;
    etags += found->second.etag.value;
  }
  return Part{.content = std::make_shared<const std::string>(std::move(content)),
              .etag = {ContentETag(etags).value + "-" + std::to_string(parts.size())}};
}

}  // namespace cosfuse
