#include <algorithm>

#include "fs/bucket_file_system.h"
#include "fs/content_type.h"
#include "fs/directory_state.h"
#include "fs/resolve.h"

namespace cosfuse {

Result<> BucketFileSystem::EnsureDirectoryStays(const OpContext& context, const DirectoryRef& directory,
                                                std::string_view leaving) {
  if (directory->id() == NodeId::kRoot) return {};
  PosixAttributes attributes;
  {
    MutexLock lock(directory->mutex);
    const DirectoryState& state = directory->state();
    if (state.marker == MarkerState::kPresent) return {};
    if (state.listing) {
      // Also an old listing will do: that others remove the rest at this very moment is their affair. What is here
      // alone implies nothing.
      const auto stays = [&](const auto& each) {
        const ListedName& listed = each.second;
        return listed.name != leaving && (listed.is_directory || !listed.etag.empty());
      };
      if (std::ranges::any_of(state.listing->names(), stays)) return {};
    }
    attributes = state.attributes;
  }
  const auto key = parts_.nodes.KeyOf(*directory);
  const auto leaving_key = parts_.nodes.KeyOfChild(*directory, leaving);
  if (!key || !leaving_key) return {};
  ListRequest request;
  request.prefix = *key;
  request.max_keys = 3;
  const MonotonicTime at = parts_.clock.Now();
  ASSIGN_OR_RETURN(const ListPage page, parts_.store.List(context, request));
  const auto stays = [&](const ObjectKey& listed) { return listed != *leaving_key && listed != *leaving_key + '/'; };
  if (std::ranges::any_of(page.objects, stays, &ListedObject::key) ||
      std::ranges::any_of(page.common_prefixes, stays)) {
    const auto marker = std::ranges::find(page.objects, *key, &ListedObject::key);
    if (marker == page.objects.end()) return {};
    MutexLock lock(directory->mutex);
    LearnMarker(directory->state(), *marker, at);
    return {};
  }
  ObjectMetadata metadata;
  metadata.content_type = kDirectoryContentType;
  EncodeAttributes(attributes, metadata);
  const auto etag = storer_.PutNew(context, *key, {}, metadata);
  if (!etag && etag.error().code() == ErrorCode::kAlreadyExists) return {};
  if (!etag) return Fail(etag.error());
  MutexLock lock(directory->mutex);
  LearnOwnMarker(directory->state(), metadata, *etag, parts_.clock.Now());
  return {};
}

Result<> BucketFileSystem::WaitForUpload(const OpContext& context, const FileRef& file) {
  std::shared_ptr<CachedFile> content;
  {
    MutexLock lock(file->mutex);
    if (!file->state().dirty()) return {};
    content = file->state().content;
  }
  return content->WaitForUpload(context);
}

Result<> BucketFileSystem::KeepBytes(const OpContext& context, const FileRef& file) {
  std::shared_ptr<CachedFile> content;
  {
    MutexLock lock(file->mutex);
    if (file->state().handles == 0) return {};
    content = file->state().content;
  }
  return content->MakeLocal(context);
}

void BucketFileSystem::Disown(const FileRef& file) {
  parts_.nodes.Detach(*file);
  parts_.kept_contents.Remove(file->id());
  std::shared_ptr<CachedFile> content;
  {
    MutexLock lock(file->mutex);
    FileState& state = file->state();
    state.unlinked = true;
    state.changes_handed_over.reset();
    content = state.content;
    if (state.handles == 0) state.content.reset();
  }
  if (content != nullptr) content->Discard();
}

void BucketFileSystem::LoseName(const DirectoryRef& directory, const FileRef& file) {
  parts_.nodes.Detach(*file);
  RecordForeign(directory);
}

void BucketFileSystem::RecordForeign(const DirectoryRef& directory) {
  MutexLock lock(directory->mutex);
  RecordUnknown(directory->state());
}

Result<bool> BucketFileSystem::DeleteVersion(const OpContext& context, const ObjectKey& key, const ETag& etag,
                                             const CachedFile* content) {
  ASSIGN_OR_RETURN(const auto info, InterpretHead(parts_.store.Head(context, key, {})));
  if (!info) return true;
  if (info->etag != etag && (content == nullptr || !content->MayHaveMade(info->metadata))) return false;
  RETURN_IF_ERROR(parts_.store.Delete(context, key));
  return true;
}

Result<> BucketFileSystem::CheckEmpty(const OpContext& context, const DirectoryRef& directory, const ObjectKey& key) {
  if (parts_.nodes.HoldsUnsent(*directory)) return Fail(ErrorCode::kNotEmpty, key + ": the directory has entries");
  ListRequest request;
  request.prefix = key;
  request.delimited = false;
  request.max_keys = 2;
  const MonotonicTime at = parts_.clock.Now();
  ASSIGN_OR_RETURN(const ListPage page, parts_.store.List(context, request));
  std::optional<ListedObject> marker;
  bool entries = !page.next_token.empty();
  for (const ListedObject& object : page.objects) {
    // A marker with bytes is somebody's data.
    if (object.key == key && object.size == 0) {
      marker = object;
    } else {
      entries = true;
    }
  }
  MutexLock lock(directory->mutex);
  if (entries) {
    // Whoever is told so finds them, also where the directory was thought to be empty.
    if (CountListed(directory->state()) == 0) RecordUnknown(directory->state());
    return Fail(ErrorCode::kNotEmpty, key + ": the directory has entries");
  }
  LearnMarker(directory->state(), marker, at);
  return {};
}

}  // namespace cosfuse
