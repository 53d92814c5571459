#include "fs/packed_names.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/coding.h"
#include "base/encoding.h"

namespace cosfuse {
namespace {

/// How an ETag is packed: mostly it is an MD5 in hexadecimal digits, which are half as many bytes.
enum class ETagForm : uint64_t { kText = 0, kHex = 1 };

constexpr std::string_view kDigits = "0123456789abcdef";

bool IsHex(std::string_view text) {
  return text.size() % 2 == 0 && text.find_first_not_of(kDigits) == std::string_view::npos;
}

std::string HexToBytes(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    bytes += static_cast<char>(kDigits.find(text[i]) << 4 | kDigits.find(text[i + 1]));
  }
  return bytes;
}

void Pack(const ListedName& name, ByteWriter& writer) {
  writer.Text(name.name);
  writer.Flag(name.is_directory);
  writer.Integer(name.size);
  writer.Integer(static_cast<uint64_t>(name.last_modified.time_since_epoch().count()));
  const std::string& etag = name.etag.value;
  const ETagForm form = IsHex(etag) ? ETagForm::kHex : ETagForm::kText;
  writer.Integer(std::to_underlying(form));
  writer.Text(form == ETagForm::kHex ? HexToBytes(etag) : etag);
}

ListedName Unpack(ByteReader& reader) {
  ListedName name;
  name.name = reader.Text();
  name.is_directory = reader.Flag();
  name.size = reader.Integer();
  name.last_modified = WallTime(WallTime::duration(static_cast<int64_t>(reader.Integer())));
  const bool hex = ETagForm{reader.Integer()} == ETagForm::kHex;
  std::string etag = reader.Text();
  name.etag.value = hex ? HexEncode(AsBytes(etag)) : std::move(etag);
  return name;
}

}  // namespace

void PackedNames::Append(ListedName name) {
  last_.push_back(std::move(name));
  if (last_.size() < kNamesInPiece) return;
  ByteWriter writer;
  for (const ListedName& packed : last_) Pack(packed, writer);
  // A copy has no more than it needs.
  pieces_.emplace_back(writer.bytes());
  last_.clear();
}

const ListedName& PackedNames::At(size_t index) {
  const size_t piece = index / kNamesInPiece;
  if (piece == pieces_.size()) return last_[index % kNamesInPiece];
  if (piece != unpacked_piece_) {
    unpacked_.clear();
    ByteReader reader(pieces_[piece]);
    while (unpacked_.size() < kNamesInPiece) unpacked_.push_back(Unpack(reader));
    unpacked_piece_ = piece;
  }
  return unpacked_[index % kNamesInPiece];
}

void PackedNames::FreeBefore(size_t index) {
  for (const size_t end = index / kNamesInPiece; freed_ < end; ++freed_) std::string().swap(pieces_[freed_]);
}

}  // namespace cosfuse
