#include "cache/changes_archive.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <numeric>
#include <utility>

#include "base/encoding.h"

namespace cosfuse {
namespace {

constexpr ByteCount kTarBlock = 512;
constexpr std::string_view kManifestName = "MANIFEST";
constexpr std::string_view kSparsePlace = "GNUSparseFile.0/changes";
constexpr std::string_view kFirstLine = "cosfuse changes 1";
constexpr char kRegularFile = '0';
constexpr char kExtendedHeader = 'x';

// Fields of a header (POSIX.1-2017, pax, "ustar Interchange Format").
struct Field {
  size_t offset;
  size_t length;
};
constexpr Field kName{0, 100};
constexpr Field kMode{100, 8};
constexpr Field kOwner{108, 8};
constexpr Field kGroup{116, 8};
constexpr Field kSize{124, 12};
constexpr Field kModified{136, 12};
constexpr Field kChecksum{148, 8};
constexpr size_t kType = 156;
constexpr Field kMagic{257, 8};
constexpr std::string_view kMagicOfUstar{"ustar\00000", 8};

ByteCount InBlocks(ByteCount size) { return RoundUp(size, kTarBlock); }

void Pad(std::string& text) { text.resize(InBlocks(text.size()), '\0'); }

void SetOctal(std::string& block, Field field, uint64_t number) {
  // A number that does not fit stands in an extended header, which goes before this one.
  const uint64_t largest = (uint64_t{1} << (3 * (field.length - 1))) - 1;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%0*llo", static_cast<int>(field.length - 1),
                static_cast<unsigned long long>(std::min(number, largest)));
  block.replace(field.offset, field.length - 1, text.data(), field.length - 1);
}

std::string TarHeader(std::string_view name, char type, ByteCount size, WallTime modified) {
  constexpr uint64_t kReadableByOwner = 0600;
  std::string block(kTarBlock, '\0');
  block.replace(kName.offset, name.size(), name);
  SetOctal(block, kMode, kReadableByOwner);
  SetOctal(block, kOwner, 0);
  SetOctal(block, kGroup, 0);
  SetOctal(block, kSize, size);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(modified).time_since_epoch().count();
  SetOctal(block, kModified, static_cast<uint64_t>(std::max<int64_t>(seconds, 0)));
  block[kType] = type;
  block.replace(kMagic.offset, kMagic.length, kMagicOfUstar);
  block.replace(kChecksum.offset, kChecksum.length, kChecksum.length, ' ');
  const auto sum = std::accumulate(block.begin(), block.end(), uint64_t{0},
                                   [](uint64_t total, char c) { return total + static_cast<unsigned char>(c); });
  SetOctal(block, {kChecksum.offset, kChecksum.length - 1}, sum);
  block[kChecksum.offset + kChecksum.length - 2] = '\0';
  return block;
}

/// "LENGTH keyword=value\n", where LENGTH counts itself.
std::string ExtendedRecord(std::string_view keyword, std::string_view value) {
  const std::string rest = " " + std::string(keyword) + "=" + std::string(value) + "\n";
  size_t length = rest.size() + 1;
  while (std::to_string(length).size() + rest.size() != length) ++length;
  return std::to_string(length) + rest;
}

std::string EncodeManifest(const ChangesManifest& manifest) {
  std::string text = std::string(kFirstLine) + "\nkey: " + PercentEncode(manifest.key, "/") +
                     "\nbase: " + PercentEncode(manifest.base.value) + "\nsize: " + std::to_string(manifest.size) +
                     "\n";
  for (const ByteRange range : manifest.missing) {
    text += "missing: " + std::to_string(range.offset) + " " + std::to_string(range.length) + "\n";
  }
  return text;
}

std::string EncodeSparseMap(std::span<const ByteRange> stored, ByteCount size) {
  std::vector<ByteRange> ranges(stored.begin(), stored.end());
  // A hole at the end is said by an empty range behind it.
  if (ranges.empty() || ranges.back().end() < size) ranges.push_back({size, 0});
  std::string map = std::to_string(ranges.size()) + "\n";
  for (const ByteRange range : ranges) {
    map += std::to_string(range.offset) + "\n" + std::to_string(range.length) + "\n";
  }
  Pad(map);
  return map;
}

/// Reads what EncodeArchiveHead wrote, piece by piece.
class HeadReader {
 public:
  explicit HeadReader(std::string_view text) : text_(text) {}

  /// Some bytes of what is to come are not there yet.
  bool short_of_bytes() const { return short_; }
  ByteCount position() const { return position_; }

  std::string_view TakeBlocks(ByteCount length) {
    const ByteCount padded = InBlocks(length);
    if (text_.size() - position_ < padded) {
      short_ = true;
      return {};
    }
    const std::string_view taken = text_.substr(position_, length);
    position_ += padded;
    return taken;
  }
  /// The size in the header of a member of that type.
  std::optional<ByteCount> TakeHeader(char type) {
    const std::string_view block = TakeBlocks(kTarBlock);
    if (block.empty() || block.substr(kMagic.offset, kMagic.length) != kMagicOfUstar || block[kType] != type) return {};
    ByteCount size = 0;
    const std::string_view digits = block.substr(kSize.offset, kSize.length - 1);
    constexpr int kOctal = 8;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, kOctal);
    if (error != std::errc() || end != digits.data() + digits.size()) return {};
    return size;
  }
  /// A decimal number up to `delimiter`, as lines of the manifest and the sparse map have them.
  static std::optional<ByteCount> CutNumber(std::string_view& text, char delimiter) {
    const size_t end = text.find(delimiter);
    if (end == std::string_view::npos) return {};
    const std::string_view digits = text.substr(0, end);
    ByteCount number = 0;
    const auto [stopped, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || stopped != digits.data() + digits.size()) return {};
    text.remove_prefix(end + 1);
    return number;
  }

 private:
  const std::string_view text_;
  ByteCount position_ = 0;
  bool short_ = false;
};

/// The value of a line "NAME: value" at the beginning.
std::optional<std::string_view> CutLine(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name) || !text.substr(name.size()).starts_with(": ")) return {};
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return {};
  const std::string_view value = text.substr(name.size() + 2, end - name.size() - 2);
  text.remove_prefix(end + 1);
  return value;
}

std::optional<ChangesManifest> DecodeManifest(std::string_view text) {
  ChangesManifest manifest;
  if (!text.starts_with(std::string(kFirstLine) + "\n")) return {};
  text.remove_prefix(kFirstLine.size() + 1);
  const auto key = CutLine(text, "key");
  const auto base = key ? CutLine(text, "base") : std::nullopt;
  if (!base || !text.starts_with("size: ")) return {};
  text.remove_prefix(std::string_view("size: ").size());
  const auto size = HeadReader::CutNumber(text, '\n');
  auto decoded_key = PercentDecode(*key);
  auto decoded_base = PercentDecode(*base);
  if (!size || !decoded_key || !decoded_base) return {};
  manifest.key = *std::move(decoded_key);
  manifest.base = {*std::move(decoded_base)};
  manifest.size = *size;
  constexpr std::string_view kMissing = "missing: ";
  while (text.starts_with(kMissing)) {
    text.remove_prefix(kMissing.size());
    const auto offset = HeadReader::CutNumber(text, ' ');
    const auto length = offset ? HeadReader::CutNumber(text, '\n') : std::nullopt;
    if (!length) return {};
    manifest.missing.push_back({*offset, *length});
  }
  if (!text.empty()) return {};
  return manifest;
}

}  // namespace

std::vector<ByteRange> StoredRanges(std::span<const ByteRange> data, ByteCount size) {
  std::vector<ByteRange> stored;
  for (const ByteRange range : data) {
    const ByteRange blocks =
        ByteRange::FromTo(RoundDown(range.offset, kTarBlock), std::min(InBlocks(range.end()), size));
    if (!stored.empty() && stored.back().end() >= blocks.offset) {
      stored.back() = ByteRange::FromTo(stored.back().offset, std::max(stored.back().end(), blocks.end()));
    } else {
      stored.push_back(blocks);
    }
  }
  return stored;
}

std::string EncodeArchiveHead(const ChangesManifest& manifest, std::span<const ByteRange> stored, WallTime now) {
  const std::string text = EncodeManifest(manifest);
  std::string head = TarHeader(kManifestName, kRegularFile, text.size(), now) + text;
  Pad(head);

  const std::string map = EncodeSparseMap(stored, manifest.size);
  const ByteCount length = std::accumulate(stored.begin(), stored.end(), ByteCount{map.size()},
                                           [](ByteCount sum, ByteRange range) { return sum + range.length; });
  const std::string name = manifest.key.substr(manifest.key.rfind('/') + 1);
  const std::string records = ExtendedRecord("size", std::to_string(length)) + ExtendedRecord("GNU.sparse.major", "1") +
                              ExtendedRecord("GNU.sparse.minor", "0") +
                              ExtendedRecord("GNU.sparse.name", name.empty() ? "changes" : name) +
                              ExtendedRecord("GNU.sparse.realsize", std::to_string(manifest.size));
  head += TarHeader("PaxHeaders/changes", kExtendedHeader, records.size(), now) + records;
  Pad(head);
  return head + TarHeader(kSparsePlace, kRegularFile, length, now) + map;
}

Result<std::optional<ArchiveHead>> ParseArchiveHead(std::string_view begin) {
  HeadReader reader(begin);
  const auto refuse = [&]() -> Result<std::optional<ArchiveHead>> {
    if (reader.short_of_bytes()) return std::nullopt;
    return Fail(ErrorCode::kInvalidArgument, "not an archive of changes that a conflict has left");
  };
  const auto manifest_size = reader.TakeHeader(kRegularFile);
  if (!manifest_size) return refuse();
  const std::string_view text = reader.TakeBlocks(*manifest_size);
  if (reader.short_of_bytes()) return std::nullopt;
  auto manifest = DecodeManifest(text);
  if (!manifest) return refuse();
  const auto records_size = reader.TakeHeader(kExtendedHeader);
  if (!records_size) return refuse();
  reader.TakeBlocks(*records_size);
  if (!reader.TakeHeader(kRegularFile)) return refuse();

  std::string_view map = begin.substr(reader.position());
  const size_t before = map.size();
  const auto count = HeadReader::CutNumber(map, '\n');
  ArchiveHead head;
  ByteCount least = 0;  // Where the next range may begin.
  for (ByteCount i = 0; count && i < *count; ++i) {
    const auto offset = HeadReader::CutNumber(map, '\n');
    const auto length = offset ? HeadReader::CutNumber(map, '\n') : std::nullopt;
    if (!length) return std::nullopt;
    if (*offset < least || *offset > manifest->size || *length > manifest->size - *offset) return refuse();
    least = *offset + *length;
    if (*length > 0) head.stored.push_back({*offset, *length});
  }
  if (!count) return std::nullopt;
  const ByteCount map_length = InBlocks(before - map.size());
  if (before < map_length) return std::nullopt;
  head.manifest = *std::move(manifest);
  head.length = reader.position() + map_length;
  return head;
}

ChangesArchive::ChangesArchive(UploadContent& content, const ChangesManifest& manifest, std::span<const ByteRange> data,
                               WallTime now)
    : content_(content), head_(EncodeArchiveHead(manifest, StoredRanges(data, manifest.size), now)) {
  constexpr ByteCount kEndOfArchive = 2 * kTarBlock;
  size_ = head_.size();
  pieces_.reserve(data.size());
  auto next = data.begin();
  for (const ByteRange stored : StoredRanges(data, manifest.size)) {
    for (; next != data.end() && stored.Contains(*next); ++next) {
      pieces_.push_back({.range = {size_ + (next->offset - stored.offset), next->length}, .source = next->offset});
    }
    size_ += stored.length;
  }
  size_ = InBlocks(size_) + kEndOfArchive;
}

Result<> ChangesArchive::Read(ByteCount offset, std::span<std::byte> out) {
  std::ranges::fill(out, std::byte{0});
  const ByteRange wanted{offset, out.size()};
  const ByteRange of_head = wanted.Intersect({0, head_.size()});
  if (!of_head.empty()) {
    const auto bytes = std::as_bytes(std::span(head_)).subspan(of_head.offset, of_head.length);
    std::ranges::copy(bytes, out.begin());
  }
  auto piece = std::ranges::upper_bound(pieces_, offset, {}, [](const Piece& each) { return each.range.end(); });
  for (; piece != pieces_.end() && piece->range.offset < wanted.end(); ++piece) {
    const ByteRange part = piece->range.Intersect(wanted);
    RETURN_IF_ERROR(content_.Read(piece->source + (part.offset - piece->range.offset),
                                  out.subspan(part.offset - offset, part.length)));
  }
  return {};
}

}  // namespace cosfuse
