#include "emulator/cos/object_record.h"

#include <nlohmann/json.hpp>

#include "base/encoding.h"

namespace cosfuse::emulator {
namespace {

using Json = nlohmann::json;
using TextMap = std::map<std::string, std::string>;

constexpr std::string_view kReadable = " /:;,=+@()";

Json Encode(const TextMap& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json[PercentEncode(name, kReadable)] = PercentEncode(value, kReadable);
  return json;
}

/// Throws std::out_of_range where the text is broken.
std::string Decode(const Json& json) {
  auto text = PercentDecode(json.get_ref<const std::string&>());
  if (!text) throw std::out_of_range("broken percent sequence");
  return *std::move(text);
}

TextMap DecodeMap(const Json& json) {
  TextMap values;
  for (const auto& [name, value] : json.items()) values.emplace(Decode(name), Decode(value));
  return values;
}

ObjectRecord Read(const Json& json) {
  ObjectRecord record;
  record.key = Decode(json.at("key"));
  Object& object = record.object;
  object.etag = json.at("etag").get<std::string>();
  object.last_modified = WallTime(std::chrono::seconds(json.at("last_modified").get<int64_t>()));
  object.attributes.headers = DecodeMap(json.at("headers"));
  object.attributes.metadata = DecodeMap(json.at("metadata"));
  object.attributes.tags = DecodeMap(json.at("tags"));
  object.checksum = {json.at("checksum").at(0).get<std::string>(), json.at("checksum").at(1).get<std::string>()};
  object.archive_class = json.value("archive_class", "");
  for (const Json& slice : json.at("slices")) {
    record.slices.push_back(
        {slice.at(0).get<std::string>(), {slice.at(1).get<ByteCount>(), slice.at(2).get<ByteCount>()}});
  }
  return record;
}

}  // namespace

std::string FormatObjectRecord(std::string_view key, const Object& object) {
  Json slices = Json::array();
  for (const Slice& slice : object.body.slices()) {
    slices.push_back({std::string(slice.chunk->id()), slice.range.offset, slice.range.length});
  }
  const auto modified = std::chrono::duration_cast<std::chrono::seconds>(object.last_modified.time_since_epoch());
  const Json json = {{"key", PercentEncode(key, kReadable)},
                     {"etag", object.etag},
                     {"last_modified", modified.count()},
                     {"headers", Encode(object.attributes.headers)},
                     {"metadata", Encode(object.attributes.metadata)},
                     {"tags", Encode(object.attributes.tags)},
                     {"checksum", {object.checksum.first, object.checksum.second}},
                     {"archive_class", object.archive_class},
                     {"slices", slices}};
  return json.dump();
}

Result<ObjectRecord> ParseObjectRecord(std::string_view text) {
  try {
    return Read(Json::parse(text));
  } catch (const std::exception& error) {  // Of the JSON library, whatever is missing or of the wrong type.
    return Fail(ErrorCode::kCorrupt, error.what());
  }
}

}  // namespace cosfuse::emulator
