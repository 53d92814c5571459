#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "cos/object_checksum.h"
#include "cos/object_headers.h"
#include "cos/object_store.h"

namespace cosfuse {

/// Where the download of one range of one version stands, over as many answers as it takes: what to ask for next, and
/// which bytes of an answer are news. No byte is taken twice, none is skipped, and all are of the version that the
/// first answer named. Pure: no IO, no clock. Used by one thread at a time.
class Download {
 public:
  /// An empty range: all of the object.
  explicit Download(ByteRange wanted) : wanted_(wanted.empty() ? ByteRange() : wanted), position_(wanted_.offset) {}

  /// The range as it was asked for; empty: all of the object.
  ByteRange wanted() const { return wanted_; }
  /// What the next request has to ask for; nothing: the whole object.
  std::optional<ByteRange> RangeToAsk() const;
  /// The version that the next request has to be pinned to; empty before the first answer.
  ETag pin() const { return info_ ? info_->etag : ETag(); }
  /// Takes the header of an answer with status 200 or 206. A 200 holds the whole object whatever was asked for.
  /// Errors: kStale (another version than the first answer's), kInvalidArgument (the range starts beyond the end),
  /// kProtocol (another status); kCorrupt (no length or version, or not the bytes that were asked for): nothing has
  /// been taken, and another answer may be whole.
  Result<> OnAnswer(int status, const HttpHeaders& headers);

  /// The next bytes of the answer's body: what of them is wanted and new, and where it belongs.
  struct Piece {
    ByteCount offset = 0;
    std::span<const std::byte> data;
  };
  Piece Take(std::span<const std::byte> data);

  /// Whether every wanted byte has been taken.
  bool complete() const { return info_ && position_ >= end_; }
  ByteCount taken() const { return position_ - wanted_.offset; }
  /// The object, as the first answer described it; nothing before that.
  const std::optional<ObjectInfo>& info() const { return info_; }

  /// Whether the bytes differ from the checksum that the store sent for the whole object; false where it sent none or
  /// not all bytes were asked for. For a complete download.
  bool checksum_differs() const;

 private:
  Result<> CheckLength(const HttpHeaders& headers, ByteRange sent) const;

  const ByteRange wanted_;
  std::optional<ObjectInfo> info_;
  std::optional<ObjectChecksum> checksum_;  ///< Of the whole object, extended by all bytes taken.
  ByteCount position_;                      ///< The next wanted byte that has not been taken.
  ByteCount end_ = 0;                       ///< Where the wanted bytes end; known from the first answer on.
  ByteCount arriving_ = 0;                  ///< The position in the object of the next byte of the current answer.
};

}  // namespace cosfuse
