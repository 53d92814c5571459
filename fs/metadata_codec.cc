#include "fs/metadata_codec.h"

#include <sys/stat.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "base/encoding.h"
#include "cache/uploader.h"
#include "cos/limits.h"
#include "fs/content_type.h"

namespace cosfuse {
namespace {

constexpr std::string_view kMode = "mode";
constexpr std::string_view kUid = "uid";
constexpr std::string_view kGid = "gid";
constexpr std::string_view kDevice = "rdev";
constexpr std::string_view kAccessTime = "atime";
constexpr std::string_view kModificationTime = "mtime";
constexpr std::string_view kChangeTime = "ctime";
constexpr std::string_view kExtended = "xattr";

/// Of the value that marks an upload: 32 hexadecimal digits now, and some to spare.
constexpr size_t kUploadMarkBytes = 64;

std::optional<std::string_view> FindField(const UserMetadata& user, std::string_view name) {
  const auto found = user.find(std::string(name));
  if (found == user.end()) return std::nullopt;
  return TrimWhitespace(found->second);
}

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text, int base = 10) {
  Number value = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [rest, error] = std::from_chars(begin, end, value, base);
  if (error != std::errc() || rest != end || text.empty()) return std::nullopt;
  return value;
}

template <typename Number>
Number NumberField(const UserMetadata& user, std::string_view name, Number otherwise) {
  const auto text = FindField(user, name);
  return text ? ParseNumber<Number>(*text).value_or(otherwise) : otherwise;
}

ExtendedAttributes ExtendedField(const UserMetadata& user) {
  const auto text = FindField(user, kExtended);
  return text ? ParseExtendedAttributes(*text) : ExtendedAttributes();
}

WallTime TimeField(const UserMetadata& user, std::string_view name, WallTime otherwise) {
  const auto text = FindField(user, name);
  return text ? ParseSeconds(*text).value_or(otherwise) : otherwise;
}

/// Decimal, or octal after a leading zero, as s3fs reads it.
std::optional<mode_t> ModeField(const UserMetadata& user) {
  const auto text = FindField(user, kMode);
  if (!text) return std::nullopt;
  const auto mode = ParseNumber<mode_t>(*text, text->starts_with('0') ? 8 : 10);
  if (!mode || *mode > (S_IFMT | kPermissionBits)) return std::nullopt;
  return mode;
}

bool IsKnownFileType(mode_t type) {
  return type == S_IFREG || type == S_IFLNK || type == S_IFIFO || type == S_IFSOCK || type == S_IFCHR ||
         type == S_IFBLK;
}

mode_t DecodeMode(const UserMetadata& user, bool is_directory, const AttributeDefaults& defaults) {
  const auto mode = ModeField(user);
  if (is_directory) return S_IFDIR | (mode ? *mode & kPermissionBits : defaults.directory_mode);
  if (!mode) return S_IFREG | defaults.file_mode;
  const mode_t type = *mode & S_IFMT;
  return (IsKnownFileType(type) ? type : S_IFREG) | (*mode & kPermissionBits);
}

}  // namespace

PosixAttributes DecodeAttributes(const ObjectInfo& info, bool is_directory, const AttributeDefaults& defaults) {
  const UserMetadata& user = info.metadata.user;
  PosixAttributes attributes;
  attributes.mode = DecodeMode(user, is_directory, defaults);
  attributes.uid = NumberField<uid_t>(user, kUid, defaults.uid);
  attributes.gid = NumberField<gid_t>(user, kGid, defaults.gid);
  if (S_ISCHR(attributes.mode) || S_ISBLK(attributes.mode)) attributes.device = NumberField<dev_t>(user, kDevice, 0);
  attributes.modification_time = TimeField(user, kModificationTime, info.last_modified);
  attributes.change_time = TimeField(user, kChangeTime, info.last_modified);
  attributes.access_time = TimeField(user, kAccessTime, attributes.modification_time);
  attributes.extended = ExtendedField(user);
  return attributes;
}

void EncodeAttributes(const PosixAttributes& attributes, ObjectMetadata& metadata) {
  const auto set = [&metadata](std::string_view name, std::string value) {
    metadata.user[std::string(name)] = std::move(value);
  };
  set(kMode, std::to_string(attributes.mode));
  set(kUid, std::to_string(attributes.uid));
  set(kGid, std::to_string(attributes.gid));
  set(kAccessTime, FormatSeconds(attributes.access_time));
  set(kModificationTime, FormatSeconds(attributes.modification_time));
  set(kChangeTime, FormatSeconds(attributes.change_time));
  if (S_ISCHR(attributes.mode) || S_ISBLK(attributes.mode)) set(kDevice, std::to_string(attributes.device));
  // The field stays to the byte until it is changed: it may hold what only its writer understands.
  if (attributes.extended == ExtendedField(metadata.user)) return;
  if (attributes.extended.empty()) {
    metadata.user.erase(std::string(kExtended));
  } else {
    set(kExtended, FormatExtendedAttributes(attributes.extended));
  }
}

bool FitsIntoMetadata(const PosixAttributes& attributes, const ObjectMetadata& metadata) {
  PosixAttributes longest = attributes;
  longest.uid = std::numeric_limits<uid_t>::max();
  longest.gid = std::numeric_limits<gid_t>::max();
  // The earliest time whose whole seconds are one, too.
  constexpr WallTime kEarliest = WallTime::min() + std::chrono::seconds(1);
  longest.access_time = kEarliest;
  longest.modification_time = kEarliest;
  longest.change_time = kEarliest;
  ObjectMetadata stored = metadata;
  EncodeAttributes(longest, stored);
  stored.user[std::string(kUploadIdField)] = std::string(kUploadMarkBytes, '0');
  ByteCount bytes = 0;
  for (const auto& [name, value] : stored.user) bytes += name.size() + value.size();
  return bytes <= kMaxUserMetadataBytes;
}

bool IsOldDirectoryMarker(const ObjectInfo& info) {
  if (info.size > 0) return false;
  const auto mode = ModeField(info.metadata.user);
  return info.metadata.content_type == kDirectoryContentType || (mode && S_ISDIR(*mode));
}

std::optional<WallTime> ParseSeconds(std::string_view text) {
  constexpr int64_t kMostSeconds = std::numeric_limits<int64_t>::max() / 1'000'000'000 - 1;
  const size_t dot = text.find('.');
  const auto seconds = ParseNumber<int64_t>(text.substr(0, dot));
  if (!seconds || std::abs(*seconds) > kMostSeconds) return std::nullopt;
  int64_t nanoseconds = 0;
  if (dot != std::string_view::npos) {
    std::string fraction(text.substr(dot + 1, 9));
    if (text.find_first_not_of("0123456789", dot + 1) != std::string_view::npos) return std::nullopt;
    fraction.resize(9, '0');
    nanoseconds = ParseNumber<int64_t>(fraction).value_or(0);
  }
  // s3fs writes tv_sec and tv_nsec side by side: the fraction counts upwards before the epoch too.
  return WallTime(std::chrono::seconds(*seconds) + std::chrono::nanoseconds(nanoseconds));
}

std::string FormatSeconds(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  std::string text = std::to_string(seconds.time_since_epoch().count());
  std::string fraction = std::to_string((time - seconds).count());
  if (fraction == "0") return text;
  // All nine digits: s3fs takes them for a number of nanoseconds.
  fraction.insert(0, 9 - fraction.size(), '0');
  return text + "." + fraction;
}

}  // namespace cosfuse
