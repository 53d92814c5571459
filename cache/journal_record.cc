#include "cache/journal_record.h"

#include <type_traits>
#include <utility>

#include "base/coding.h"
#include "base/crc32c.h"
#include "base/encoding.h"

namespace cosfuse {
namespace {

constexpr std::string_view kJournalMagic = "cosfuse journal";
constexpr size_t kFrameHeader = 2 * sizeof(uint32_t);
constexpr size_t kLargestRecord = 64 * kMiB;

/// Writes each value that it is given. Together with Decoder, which has the same names for the reverse, it allows one
/// list of fields for each kind of record.
class Encoder {
 public:
  explicit Encoder(ByteWriter& out) : out_(out) {}

  void operator()(uint64_t value) { out_.Integer(value); }
  void operator()(bool value) { out_.Flag(value); }
  void operator()(int value) { out_.Integer(static_cast<uint64_t>(value)); }
  void operator()(const std::string& value) { out_.Text(value); }
  void operator()(JournalFileId value) { out_.Integer(static_cast<uint64_t>(value)); }
  void operator()(LayerId value) { out_.Integer(static_cast<uint64_t>(value)); }
  void operator()(WriteMode value) { out_.Integer(static_cast<uint64_t>(value)); }
  void operator()(const ETag& value) { out_.Text(value.value); }
  void operator()(WallTime value) { out_.Integer(static_cast<uint64_t>(value.time_since_epoch().count())); }
  void operator()(const ExtentMap& value) { (*this)(value.ranges()); }
  template <typename T>
  void operator()(const std::optional<T>& value) {
    out_.Flag(value.has_value());
    if (value) (*this)(*value);
  }
  template <typename T>
  void operator()(const std::vector<T>& values) {
    out_.Integer(values.size());
    for (const T& value : values) (*this)(value);
  }
  void operator()(const std::map<std::string, std::string>& values) {
    out_.Integer(values.size());
    for (const auto& [name, value] : values) {
      out_.Text(name);
      out_.Text(value);
    }
  }
  template <typename T>
  void operator()(const T& value) {
    VisitFields(*this, value);
  }

 private:
  ByteWriter& out_;
};

class Decoder {
 public:
  explicit Decoder(ByteReader& in) : in_(in) {}

  void operator()(uint64_t& value) { value = in_.Integer(); }
  void operator()(bool& value) { value = in_.Flag(); }
  void operator()(int& value) { value = static_cast<int>(in_.Integer()); }
  void operator()(std::string& value) { value = in_.Text(); }
  void operator()(JournalFileId& value) { value = JournalFileId{in_.Integer()}; }
  void operator()(LayerId& value) { value = LayerId{in_.Integer()}; }
  void operator()(WriteMode& value) {
    const uint64_t number = in_.Integer();
    if (number > static_cast<uint64_t>(WriteMode::kReplaceAny)) in_.Spoil();
    value = static_cast<WriteMode>(number);
  }
  void operator()(ETag& value) { value.value = in_.Text(); }
  void operator()(WallTime& value) { value = WallTime(Duration(static_cast<int64_t>(in_.Integer()))); }
  void operator()(ByteRange& value) {
    value.offset = in_.Integer();
    value.length = in_.Integer();
    if (value.end() < value.offset) in_.Spoil();
  }
  void operator()(ExtentMap& value) {
    std::vector<ByteRange> ranges;
    (*this)(ranges);
    for (const ByteRange range : ranges) value.Insert(range);
  }
  template <typename T>
  void operator()(std::optional<T>& value) {
    if (in_.Flag()) (*this)(value.emplace());
  }
  template <typename T>
  void operator()(std::vector<T>& values) {
    const size_t count = in_.Count();
    for (size_t i = 0; i < count && in_.ok(); ++i) (*this)(values.emplace_back());
  }
  void operator()(std::map<std::string, std::string>& values) {
    const size_t count = in_.Count();
    for (size_t i = 0; i < count && in_.ok(); ++i) {
      std::string name = in_.Text();
      values.emplace(std::move(name), in_.Text());
    }
  }
  template <typename T>
  void operator()(T& value) {
    VisitFields(*this, value);
  }

 private:
  ByteReader& in_;
};

// The fields of each type, in the order in which they are written. V is an Encoder or a Decoder, and T a type or its
// const form: a field that is missing here does not survive a restart.

template <typename T, typename Expected>
concept Is = std::is_same_v<std::remove_const_t<T>, Expected>;

template <typename V>
void VisitAll(V& /*visit*/) {}
template <typename V, typename First, typename... Rest>
void VisitAll(V& visit, First& first, Rest&... rest) {
  visit(first);
  VisitAll(visit, rest...);
}

template <typename V, Is<ByteRange> T>
void VisitFields(V& visit, T& range) {
  VisitAll(visit, range.offset, range.length);
}
template <typename V, Is<BaseVersion> T>
void VisitFields(V& visit, T& version) {
  VisitAll(visit, version.key, version.etag, version.size, version.version_id);
}
template <typename V, Is<ObjectMetadata> T>
void VisitFields(V& visit, T& metadata) {
  VisitAll(visit, metadata.user, metadata.content_type, metadata.standard, metadata.tags, metadata.tag_count);
}
template <typename V, Is<UploadTarget> T>
void VisitFields(V& visit, T& target) {
  VisitAll(visit, target.key, target.metadata, target.mode, target.replaced);
}
template <typename V, Is<LayerImage> T>
void VisitFields(V& visit, T& layer) {
  VisitAll(visit, layer.id, layer.written, layer.zeroed, layer.parked, layer.clip);
}
template <typename V, Is<ContentImage> T>
void VisitFields(V& visit, T& image) {
  VisitAll(visit, image.base_size, image.size, image.layers);
}
template <typename V, Is<ContentSnapshot> T>
void VisitFields(V& visit, T& snapshot) {
  VisitAll(visit, snapshot.top, snapshot.size);
}
template <typename V, Is<JournaledFile> T>
void VisitFields(V& visit, T& file) {
  VisitAll(visit, file.base, file.copied_from, file.target, file.on_sibling, file.archive, file.upload_ids,
           file.content, file.closed, file.closed_order);
}
template <typename V, Is<JournalHeader> T>
void VisitFields(V& visit, T& header) {
  VisitAll(visit, header.version, header.store, header.boot_id, header.first_id);
}
template <typename V, Is<JournalFileRecord> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.file, record.state);
}
template <typename V, Is<JournalWrite> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.file, record.layer, record.range);
}
template <typename V, Is<JournalBytes> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.file, record.layer, record.offset, record.bytes);
}
template <typename V, Is<JournalTruncate> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.file, record.layer, record.size);
}
template <typename V, Is<JournalZero> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.file, record.layer, record.range);
}
template <typename V, Is<JournalPark> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.file, record.layer, record.range);
}
template <typename V, Is<JournalMerge> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.file, record.from, record.into);
}
template <typename V, Is<JournalTarget> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.file, record.target);
}
template <typename V, Is<JournalClosed> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.file, record.snapshot);
}
template <typename V, Is<JournalUpload> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.file, record.id);
}
template <typename V, Is<JournalStored> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.file, record.snapshot, record.version);
}
template <typename V, Is<JournalGone> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.file);
}
template <typename V, Is<JournalPartsBegun> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.key, record.upload_id);
}
template <typename V, Is<JournalPartsEnded> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.upload_id);
}
template <typename V, Is<JournaledCopy> T>
void VisitFields(V& visit, T& copy) {
  VisitAll(visit, copy.source, copy.modified, copy.made);
}
template <typename V, Is<JournalMoveBegun> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.move, record.from, record.to, record.target_was_there);
}
template <typename V, Is<JournalMoveCopied> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.move, record.key, record.copy);
}
template <typename V, Is<JournalMoveSwitched> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.move);
}
template <typename V, Is<JournalMoveEnded> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.move);
}
template <typename V, Is<JournaledRemoval> T>
void VisitFields(V& visit, T& removal) {
  VisitAll(visit, removal.etag, removal.modified, removal.removed_at);
}
template <typename V, Is<JournalRemovalBegun> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.key, record.removal);
}
template <typename V, Is<JournalRemovalEnded> T>
void VisitFields(V& visit, T& record) {
  VisitAll(visit, record.key);
}

/// The alternative number `kind` of the variant, read from the rest; nothing where there is no such number.
template <size_t... kNumbers>
std::optional<JournalRecord> DecodeKind(uint64_t kind, ByteReader& in, std::index_sequence<kNumbers...> /*all*/) {
  std::optional<JournalRecord> record;
  const auto try_one = [&]<size_t kNumber>() {
    if (kind != kNumber) return;
    auto& value = record.emplace().emplace<kNumber>();
    Decoder visit(in);
    visit(value);
  };
  (try_one.template operator()<kNumbers>(), ...);
  return record;
}

uint32_t FrameChecksum(std::string_view length, std::string_view record) {
  return ExtendCrc32c(ExtendCrc32c(0, AsBytes(length)), AsBytes(record));
}

/// The record of the frame that the log begins with; nothing where that is not whole.
std::optional<std::string_view> TakeFrame(std::string_view log) {
  if (log.size() < kFrameHeader) return std::nullopt;
  ByteReader header(log.substr(0, kFrameHeader));
  const uint32_t length = header.Fixed32();
  const uint32_t checksum = header.Fixed32();
  if (length > kLargestRecord || length > log.size() - kFrameHeader) return std::nullopt;
  const std::string_view record = log.substr(kFrameHeader, length);
  if (FrameChecksum(log.substr(0, sizeof(uint32_t)), record) != checksum) return std::nullopt;
  return record;
}

}  // namespace

std::string EncodeJournalRecord(const JournalRecord& record) {
  ByteWriter out;
  // The header's kind and magic text come first in every version of the format.
  out.Integer(record.index());
  if (std::holds_alternative<JournalHeader>(record)) out.Text(kJournalMagic);
  Encoder visit(out);
  std::visit(visit, record);
  return std::move(out).bytes();
}

std::optional<JournalRecord> DecodeJournalRecord(std::string_view bytes) {
  ByteReader in(bytes);
  const uint64_t kind = in.Integer();
  if (kind == 0 && in.Text() != kJournalMagic) return std::nullopt;
  auto record = DecodeKind(kind, in, std::make_index_sequence<std::variant_size_v<JournalRecord>>());
  if (!in.ok()) return std::nullopt;
  // A later version may have put more into its header than this one knows.
  const auto* const header = record ? std::get_if<JournalHeader>(&*record) : nullptr;
  const bool newer = header != nullptr && header->version > JournalHeader::kVersion;
  if (!in.done() && !newer) return std::nullopt;
  return record;
}

void AppendJournalFrame(std::string& log, std::string_view record) {
  ByteWriter length;
  length.Fixed32(static_cast<uint32_t>(record.size()));
  ByteWriter checksum;
  checksum.Fixed32(FrameChecksum(length.bytes(), record));
  log.append(length.bytes()).append(checksum.bytes()).append(record);
}

JournalScan ScanJournal(std::string_view log) {
  JournalScan scan;
  while (scan.valid < log.size()) {
    const auto bytes = TakeFrame(log.substr(scan.valid));
    auto record = bytes ? DecodeJournalRecord(*bytes) : std::nullopt;
    if (!record) break;
    scan.records.push_back(*std::move(record));
    scan.valid += kFrameHeader + bytes->size();
  }
  if (scan.valid == log.size()) return scan;
  scan.end = JournalScan::End::kTorn;
  // What was being written when all ended is followed by nothing that is whole.
  for (size_t at = scan.valid + 1; at < log.size(); ++at) {
    if (TakeFrame(log.substr(at))) {
      scan.end = JournalScan::End::kDamaged;
      break;
    }
  }
  return scan;
}

}  // namespace cosfuse
