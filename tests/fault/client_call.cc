#include "tests/fault/client_call.h"

#include <utility>
#include <vector>

#include "base/encoding.h"
#include "cos/limits.h"

namespace cosfuse::testing {
namespace {

constexpr ByteRange kRange = {.offset = 1000, .length = 20'000};
const ObjectTags kOldTags = {{"state", "old"}};
const ObjectTags kNewTags = {{"state", "new"}, {"by", "test"}};

/// Bytes of which no piece is like another.
std::string Text(std::string_view name, size_t size) {
  std::string text;
  for (size_t i = 0; text.size() < size; ++i) text.append(name).append(std::to_string(i)).append(" ");
  text.resize(size);
  return text;
}

const std::string& OldContent() {
  static const std::string content = Text("old", 50'000);
  return content;
}

const std::string& NewContent() {
  static const std::string content = Text("new", 70'000);
  return content;
}

Result<> Check(bool right, std::string_view what) {
  if (right) return {};
  return Fail(ErrorCode::kInternal, "wrong: " + std::string(what));
}

}  // namespace

std::string_view ClientCallName(ClientCall call) {
  switch (call) {
    case ClientCall::kHead: return "Head";
    case ClientCall::kGetWhole: return "Get of all";
    case ClientCall::kGetRange: return "Get of a range";
    case ClientCall::kPut: return "Put";
    case ClientCall::kPutNew: return "Put create only";
    case ClientCall::kPutOver: return "Put if match";
    case ClientCall::kDelete: return "Delete";
    case ClientCall::kDeleteMany: return "DeleteMany";
    case ClientCall::kList: return "List";
    case ClientCall::kCopy: return "Copy";
    case ClientCall::kBeginUpload: return "BeginUpload";
    case ClientCall::kUploadPart: return "UploadPart";
    case ClientCall::kUploadPartCopy: return "UploadPartCopy";
    case ClientCall::kCompleteUpload: return "CompleteUpload";
    case ClientCall::kAbortUpload: return "AbortUpload";
    case ClientCall::kListParts: return "ListParts";
    case ClientCall::kListUploads: return "ListUploads";
    case ClientCall::kListVersions: return "ListVersions";
    case ClientCall::kGetTags: return "GetTags";
    case ClientCall::kSetTags: return "SetTags";
  }
  return "";
}

std::string_view ServiceOperationOf(ClientCall call) {
  switch (call) {
    case ClientCall::kHead: return "HeadObject";
    case ClientCall::kGetWhole:
    case ClientCall::kGetRange: return "GetObject";
    case ClientCall::kPut:
    case ClientCall::kPutNew:
    case ClientCall::kPutOver: return "PutObject";
    case ClientCall::kDelete: return "DeleteObject";
    case ClientCall::kDeleteMany: return "DeleteObjects";
    case ClientCall::kList: return "ListObjectsV2";
    case ClientCall::kCopy: return "CopyObject";
    case ClientCall::kBeginUpload: return "CreateMultipartUpload";
    case ClientCall::kUploadPart: return "UploadPart";
    case ClientCall::kUploadPartCopy: return "UploadPartCopy";
    case ClientCall::kCompleteUpload: return "CompleteMultipartUpload";
    case ClientCall::kAbortUpload: return "AbortMultipartUpload";
    case ClientCall::kListParts: return "ListParts";
    case ClientCall::kListUploads: return "ListMultipartUploads";
    case ClientCall::kListVersions: return "ListObjectVersions";
    case ClientCall::kGetTags: return "GetObjectTagging";
    case ClientCall::kSetTags: return "PutObjectTagging";
  }
  return "";
}

Result<> ClientCallRun::Prepare(ObjectStore& store) {
  const OpContext context;
  SpanBodySource body(AsBytes(OldContent()));
  ObjectMetadata metadata;
  metadata.tags = kOldTags;
  ASSIGN_OR_RETURN(const WrittenVersion version, store.Put(context, key(), body, metadata, {}));
  etag_ = version.etag;
  ASSIGN_OR_RETURN(upload_id_, store.BeginUpload(context, target(), {}, {}));
  const bool takes_part = call_ == ClientCall::kUploadPart || call_ == ClientCall::kUploadPartCopy;
  if (takes_part) return {};
  SpanBodySource part(AsBytes(NewContent()));
  ASSIGN_OR_RETURN(part_, store.UploadPart(context, target(), upload_id_, 1, part));
  return {};
}

Result<> ClientCallRun::Run(ObjectStore& store, const OpContext& context) {
  switch (call_) {
    case ClientCall::kHead:
    case ClientCall::kGetWhole:
    case ClientCall::kGetRange:
    case ClientCall::kList:
    case ClientCall::kListParts:
    case ClientCall::kListUploads:
    case ClientCall::kListVersions:
    case ClientCall::kGetTags: return RunRead(store, context);
    case ClientCall::kPut:
    case ClientCall::kPutNew:
    case ClientCall::kPutOver:
    case ClientCall::kDelete:
    case ClientCall::kDeleteMany:
    case ClientCall::kCopy:
    case ClientCall::kSetTags: return RunWrite(store, context);
    case ClientCall::kBeginUpload:
    case ClientCall::kUploadPart:
    case ClientCall::kUploadPartCopy:
    case ClientCall::kCompleteUpload:
    case ClientCall::kAbortUpload: return RunUpload(store, context);
  }
  return {};
}

Result<> ClientCallRun::RunRead(ObjectStore& store, const OpContext& context) const {
  if (call_ == ClientCall::kHead) {
    ASSIGN_OR_RETURN(const ObjectInfo info, store.Head(context, key(), {}));
    return Check(info.size == OldContent().size() && info.etag == etag_, "the description of the object");
  }
  if (call_ == ClientCall::kList) {
    ASSIGN_OR_RETURN(const ListPage page, store.List(context, {.prefix = prefix_}));
    return Check(page.objects.size() == 1 && page.objects[0].key == key() && page.next_token.empty(), "the listing");
  }
  if (call_ == ClientCall::kListParts) {
    ASSIGN_OR_RETURN(const PartPage page, store.ListParts(context, target(), upload_id_, 0));
    return Check(page.parts.size() == 1 && page.parts[0].etag == part_.etag && page.next_after == 0, "the parts");
  }
  if (call_ == ClientCall::kListUploads) {
    ASSIGN_OR_RETURN(const UploadPage page, store.ListUploads(context, prefix_, {}));
    return Check(page.uploads.size() == 1 && page.uploads[0].upload_id == upload_id_, "the uploads");
  }
  if (call_ == ClientCall::kListVersions) {
    ASSIGN_OR_RETURN(const VersionPage page, store.ListVersions(context, key(), {}));
    return Check(page.versions.size() == 1 && page.versions[0].etag == etag_, "the versions");
  }
  if (call_ == ClientCall::kGetTags) {
    ASSIGN_OR_RETURN(const ObjectTags tags, store.GetTags(context, key(), {}));
    return Check(tags == kOldTags, "the tags");
  }
  const ByteRange range = call_ == ClientCall::kGetRange ? kRange : ByteRange();
  std::string bytes;
  bool in_order = true;
  RETURN_IF_ERROR(store.Get(context, key(), range, {}, [&](const ObjectInfo&, ByteCount offset, auto data) -> Result<> {
    in_order = in_order && offset == range.offset + bytes.size();
    bytes += AsText(data);
    return {};
  }));
  const std::string expected = range.empty() ? OldContent() : OldContent().substr(range.offset, range.length);
  return Check(in_order && bytes == expected, "the bytes that were read");
}

Result<> ClientCallRun::RunWrite(ObjectStore& store, const OpContext& context) {
  SpanBodySource body(AsBytes(NewContent()));
  if (call_ == ClientCall::kPut) RETURN_IF_ERROR(store.Put(context, key(), body, {}, {}));
  if (call_ == ClientCall::kPutNew) RETURN_IF_ERROR(store.Put(context, target(), body, {}, {.create_only = true}));
  if (call_ == ClientCall::kPutOver) RETURN_IF_ERROR(store.Put(context, key(), body, {}, {.if_match = etag_}));
  if (call_ == ClientCall::kCopy) {
    RETURN_IF_ERROR(store.Copy(context, {.key = key(), .if_match = etag_}, target(), std::nullopt));
  }
  if (call_ == ClientCall::kSetTags) return store.SetTags(context, key(), kNewTags);
  if (call_ == ClientCall::kDelete) return store.Delete(context, key());
  if (call_ == ClientCall::kDeleteMany) {
    const std::vector<ObjectKey> keys = {key(), prefix_ + "missing"};
    ASSIGN_OR_RETURN(const auto left, store.DeleteMany(context, keys));
    return Check(left.empty(), "keys are left");
  }
  return {};
}

Result<> ClientCallRun::RunUpload(ObjectStore& store, const OpContext& context) {
  if (call_ == ClientCall::kBeginUpload) {
    ASSIGN_OR_RETURN(upload_id_, store.BeginUpload(context, target(), {}, {}));
  }
  if (call_ == ClientCall::kUploadPart) {
    SpanBodySource body(AsBytes(NewContent()));
    ASSIGN_OR_RETURN(part_, store.UploadPart(context, target(), upload_id_, 1, body));
  }
  if (call_ == ClientCall::kUploadPartCopy) {
    const CopySource source = {.key = key(), .if_match = etag_};
    ASSIGN_OR_RETURN(part_, store.UploadPartCopy(context, target(), upload_id_, 1, source, kRange));
  }
  if (call_ == ClientCall::kCompleteUpload) {
    RETURN_IF_ERROR(store.CompleteUpload(context, target(), upload_id_, {&part_, 1}, {}));
  }
  if (call_ == ClientCall::kAbortUpload) return store.AbortUpload(context, target(), upload_id_);
  return {};
}

Result<std::string> ClientCallRun::Content(ObjectStore& store, const ObjectKey& key) {
  std::string bytes;
  const auto info = store.Get({}, key, {}, {}, [&](const ObjectInfo&, ByteCount, auto data) -> Result<> {
    bytes += AsText(data);
    return {};
  });
  if (!info && info.error().code() == ErrorCode::kNotFound) return "(none)";
  if (!info) return Fail(info.error());
  return bytes;
}

Result<> ClientCallRun::Inspect(ObjectStore& store, bool succeeded) const {
  const auto expect = [&](const ObjectKey& where, const std::string& before, const std::string& after) -> Result<> {
    ASSIGN_OR_RETURN(const std::string content, Content(store, where));
    return Check(content == after || (!succeeded && content == before), "the content of " + where);
  };
  switch (call_) {
    case ClientCall::kPut:
    case ClientCall::kPutOver: return expect(key(), OldContent(), NewContent());
    case ClientCall::kPutNew:
    case ClientCall::kCompleteUpload: return expect(target(), "(none)", NewContent());
    case ClientCall::kCopy:
      RETURN_IF_ERROR(expect(target(), "(none)", OldContent()));
      return expect(key(), OldContent(), OldContent());
    case ClientCall::kDelete:
    case ClientCall::kDeleteMany: return expect(key(), OldContent(), "(none)");
    case ClientCall::kSetTags: {
      ASSIGN_OR_RETURN(const ObjectTags tags, store.GetTags({}, key(), {}));
      return Check(tags == kNewTags || (!succeeded && tags == kOldTags), "the tags");
    }
    case ClientCall::kBeginUpload:
    case ClientCall::kAbortUpload: {
      const auto parts = store.ListParts({}, target(), upload_id_, 0);
      if (!parts && parts.error().code() != ErrorCode::kMissingUpload) return Fail(parts.error());
      const bool exists = parts.has_value();
      return Check(!succeeded || exists == (call_ == ClientCall::kBeginUpload), "the upload");
    }
    case ClientCall::kUploadPart:
    case ClientCall::kUploadPartCopy: {
      ASSIGN_OR_RETURN(const PartPage page, store.ListParts({}, target(), upload_id_, 0));
      const ByteCount size = call_ == ClientCall::kUploadPart ? NewContent().size() : kRange.length;
      const bool whole = page.parts.size() == 1 && page.parts[0].size == size;
      return Check(whole || (!succeeded && page.parts.empty()), "the part");
    }
    case ClientCall::kHead:
    case ClientCall::kGetWhole:
    case ClientCall::kGetRange:
    case ClientCall::kList:
    case ClientCall::kListParts:
    case ClientCall::kListUploads:
    case ClientCall::kListVersions:
    case ClientCall::kGetTags: return expect(key(), OldContent(), OldContent());
  }
  return {};
}

}  // namespace cosfuse::testing
