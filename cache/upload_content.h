#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#include "base/byte_range.h"
#include "base/op_context.h"
#include "cache/cached_file.h"
#include "cache/content_map.h"
#include "cache/kept_bytes.h"
#include "http/transport.h"

namespace cosfuse {

/// What an upload sends: the frozen content of a file. Its bytes do not change while it lives. Thread-safe.
class UploadContent {
 public:
  virtual ~UploadContent() = default;

  virtual ByteCount size() const = 0;
  /// What the base version has of it; Prepare fetches what is missing.
  virtual KeptBytes kept() const { return {}; }
  /// Where all of it is. Errors: kStale: some bytes are in parts of an unfinished upload alone.
  virtual Result<ContentMap> Locate() const { return ContentMap{.data = {{0, size()}}, .missing = {}}; }
  /// The base version is not current any more, but can be had under this id.
  virtual void BaseIsVersion(const std::string& /*version_id*/) {}
  /// The version of another object that it keeps bytes of is gone. True: they are in another one by now, which
  /// `copied_from` becomes. Blocks on the network. Errors: the store's, that time may mend.
  virtual Result<bool> FollowCopied(const OpContext& /*context*/, BaseVersion& /*copied_from*/) { return false; }
  /// Makes every byte of `range` local. Blocks on the network. Errors: kStale (the base is gone, and bytes of it are
  /// missing), kNoSpace, the store's, the context's.
  virtual Result<> Prepare(const OpContext& context, ByteRange range) = 0;
  /// The range has been sent, or nobody will send it: what Prepare took is given back.
  virtual void Done(ByteRange /*range*/) {}
  /// Fills `out` with prepared bytes. Local.
  virtual Result<> Read(ByteCount offset, std::span<std::byte> out) = 0;
};

/// One prepared range as the body of a request.
class UploadBody final : public BodySource {
 public:
  UploadBody(UploadContent& content, ByteRange range) : content_(content), range_(range) {}
  ByteCount size() const override { return range_.length; }
  Result<size_t> Read(ByteCount offset, std::span<std::byte> out) override {
    const size_t length = std::min<ByteCount>(out.size(), range_.length - std::min(offset, range_.length));
    RETURN_IF_ERROR(content_.Read(range_.offset + offset, out.first(length)));
    return length;
  }

 private:
  UploadContent& content_;
  const ByteRange range_;
};

}  // namespace cosfuse
