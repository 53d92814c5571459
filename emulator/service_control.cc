#include "emulator/service_control.h"

#include <optional>
#include <utility>

#include "emulator/faults/parameters.h"

namespace cosfuse::emulator {
namespace {

Reply Ok(std::string_view text = "ok") { return Reply::Text(200, "text/plain", std::string(text) + "\n"); }

/// Nothing where the query has no such parameter.
Parsed<std::optional<uint64_t>> ReadOptionalNumber(const Query& query, std::string_view name) {
  if (!query.Has(name)) return std::nullopt;
  ASSIGN_OR_RETURN(const uint64_t value, ReadNumber(query, name));
  return value;
}

Parsed<Bucket*> FindNamedBucket(const Services& services, const Query& query) {
  Bucket* bucket = services.cos.FindBucket(query.Get("bucket"));
  if (bucket == nullptr) return std::unexpected("no such bucket");
  return bucket;
}

Parsed<std::optional<Versioning>> ReadVersioning(const Query& query) {
  const std::string* text = query.Find("versioning");
  if (text == nullptr) return std::nullopt;
  if (*text == "enabled") return Versioning::kEnabled;
  if (*text == "suspended") return Versioning::kSuspended;
  return std::unexpected("\"versioning\" has to be enabled or suspended");
}

}  // namespace

ControlOutcome ChangeDialect(const Services& services, const RequestHead& /*head*/, const Query& query) {
  Dialect dialect = services.cos.dialect();
  for (const auto& [name, value] : query.parameters()) {
    const auto changed = SetDialectSwitch(dialect, name, value);
    if (!changed) return std::unexpected(changed.error().message());
  }
  services.cos.SetDialect(dialect);
  return Ok(FormatDialect(dialect));
}

ControlOutcome ChangeBucket(const Services& services, const RequestHead& /*head*/, const Query& query) {
  ASSIGN_OR_RETURN(Bucket* const bucket, FindNamedBucket(services, query));
  ASSIGN_OR_RETURN(const auto versioning, ReadVersioning(query));
  ASSIGN_OR_RETURN(const auto retention, ReadOptionalNumber(query, "retention-seconds"));
  ASSIGN_OR_RETURN(const auto quota, ReadOptionalNumber(query, "quota-bytes"));
  BucketRules rules = bucket->rules();
  if (retention) rules.retention = *retention == 0 ? std::nullopt : std::optional(std::chrono::seconds(*retention));
  if (quota) rules.quota = *quota == 0 ? std::nullopt : quota;
  bucket->SetRules(rules);
  if (versioning) bucket->SetVersioning(*versioning);
  return Ok();
}

ControlOutcome MultiplyObject(const Services& services, const RequestHead& /*head*/, const Query& query) {
  constexpr uint64_t kMost = 10'000'000;
  constexpr size_t kDigits = 7;
  ASSIGN_OR_RETURN(Bucket* const bucket, FindNamedBucket(services, query));
  ASSIGN_OR_RETURN(const uint64_t count, ReadNumber(query, "count"));
  if (count > kMost) return std::unexpected("\"count\" has to be 10000000 or less");
  const ObjectPtr original = bucket->Find(query.Get("key"));
  if (original == nullptr) return std::unexpected("no such object");
  for (uint64_t i = 0; i < count; ++i) {
    std::string number = std::to_string(i);
    number.insert(0, kDigits - number.size(), '0');
    const auto put = bucket->Put(std::string(query.Get("prefix")) + number, std::make_shared<Object>(*original), {});
    if (!put) return std::unexpected(put.error().message);
  }
  return Ok();
}

ControlOutcome ArchiveObject(const Services& services, const RequestHead& /*head*/, const Query& query) {
  ASSIGN_OR_RETURN(Bucket* const bucket, FindNamedBucket(services, query));
  const std::string_view storage_class = query.Get("class");
  if (storage_class != "GLACIER" && storage_class != "ACCELERATED" && storage_class != "STANDARD") {
    return std::unexpected("\"class\" has to be GLACIER, ACCELERATED or STANDARD");
  }
  const std::string key(query.Get("key"));
  for (;;) {
    const ObjectPtr current = bucket->Find(key);
    if (current == nullptr) return std::unexpected("no such object");
    auto archived = std::make_shared<Object>(*current);
    archived->archive_class = storage_class == "STANDARD" ? std::string_view() : storage_class;
    const auto replaced = bucket->Replace(key, current, std::move(archived));
    if (!replaced) return std::unexpected(replaced.error().message);
    if (*replaced) return Ok();
  }
}

ControlOutcome ForceIamAnswer(const Services& services, const RequestHead& /*head*/, const Query& query) {
  ForcedAnswer answer;
  answer.html = query.Get("html") == "1";
  if (!answer.html && query.Get("code").empty()) return std::unexpected("say code=… or html=1");
  answer.error = answer.html ? IamError{502, "", "", ""} : DescribeIamCode(query.Get("code"));
  answer.error.details = query.Get("details");
  ASSIGN_OR_RETURN(const auto status, ReadOptionalNumber(query, "status"));
  if (status && (*status < 200 || *status > 599)) return std::unexpected("\"status\" has to be 200 to 599");
  if (status) answer.error.status = static_cast<int>(*status);
  ASSIGN_OR_RETURN(answer.retry_after, ReadOptionalNumber(query, "retry-after"));
  ASSIGN_OR_RETURN(answer.count, ReadOptionalNumber(query, "count"));
  if (answer.count == 0) return std::unexpected("\"count\" has to be 1 or more");
  services.iam.forced_answers().Set(std::move(answer));
  return Ok();
}

ControlOutcome ClearIamAnswer(const Services& services, const RequestHead& /*head*/, const Query& /*query*/) {
  services.iam.forced_answers().Clear();
  return Ok();
}

}  // namespace cosfuse::emulator
