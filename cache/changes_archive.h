#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_range.h"
#include "base/clock.h"
#include "base/error.h"
#include "cache/upload_content.h"
#include "cos/object_store.h"

namespace cosfuse {

/// Of what file an archive has changes.
struct ChangesManifest {
  ObjectKey key;
  ETag base;  ///< The version that was changed, and is gone.
  ByteCount size = 0;
  std::vector<ByteRange> missing;  ///< What only that version had.
  friend bool operator==(const ChangesManifest&, const ChangesManifest&) = default;
};

/// What of a file an archive stores where data are: whole blocks of a tar, because some tars begin each stretch in a
/// block of its own and some do not. `data` in order; neighbours become one. Pure.
std::vector<ByteRange> StoredRanges(std::span<const ByteRange> data, ByteCount size);

/// The bytes of a changes archive before the first byte of the file.
///
/// The archive is a POSIX tar of two members, which any tar unpacks: `MANIFEST`, a text, and the file under the last
/// component of its key, sparse, with holes where bytes are missing or zero (GNU tar manual, "Storing Sparse Files",
/// format 1.0). Pure.
std::string EncodeArchiveHead(const ChangesManifest& manifest, std::span<const ByteRange> stored, WallTime now);

struct ArchiveHead {
  ChangesManifest manifest;
  std::vector<ByteRange> stored;  ///< One behind the other in the archive,
  ByteCount length = 0;           ///< from there on. What is missing in them is zeros.
};
/// Reads the head from the first bytes of an archive; nothing where more of them are needed. Errors: kInvalidArgument:
/// this is no changes archive. Pure.
Result<std::optional<ArchiveHead>> ParseArchiveHead(std::string_view begin);

/// A changes archive as something to upload: the head, the file's data as `content` has it, and padding.
class ChangesArchive final : public UploadContent {
 public:
  /// `content` is borrowed; `data` of it must be local, and stay so.
  ChangesArchive(UploadContent& content, const ChangesManifest& manifest, std::span<const ByteRange> data,
                 WallTime now);

  ByteCount size() const override { return size_; }
  Result<> Prepare(const OpContext& /*context*/, ByteRange /*range*/) override { return {}; }
  Result<> Read(ByteCount offset, std::span<std::byte> out) override;

 private:
  /// A stretch of the archive that is one of the file.
  struct Piece {
    ByteRange range;   // Of the archive.
    ByteCount source;  // Where it begins in the file.
  };

  UploadContent& content_;
  const std::string head_;
  std::vector<Piece> pieces_;
  ByteCount size_ = 0;
};

}  // namespace cosfuse
