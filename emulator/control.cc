#include "emulator/control.h"

#include <array>
#include <expected>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/cos/etag.h"
#include "emulator/cos/operation.h"
#include "emulator/faults/parameters.h"
#include "emulator/service_control.h"

namespace cosfuse::emulator {
namespace {

using Json = nlohmann::json;
/// The answer, or what is wrong with the request.
using Outcome = std::expected<Reply, std::string>;
using Command = Outcome (*)(const Services& services, const RequestHead& head, const Query& query);

Reply Done() { return Reply::Text(200, "text/plain", "ok\n"); }

Reply JsonReply(const Json& json) {
  return Reply::Text(200, "application/json", json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Outcome SetLatency(const Services& services, const RequestHead& /*head*/, const Query& query) {
  ASSIGN_OR_RETURN(const LatencyModel model, ParseLatencyModel(query));
  services.network.SetLatency(model);
  return Done();
}

Outcome SetHandshakeDelay(const Services& services, const RequestHead& /*head*/, const Query& query) {
  ASSIGN_OR_RETURN(const uint64_t milliseconds, ReadNumber(query, "ms"));
  services.network.SetHandshakeDelay(std::chrono::milliseconds(milliseconds));
  return Done();
}

Outcome SetBandwidth(const Services& services, const RequestHead& /*head*/, const Query& query) {
  ASSIGN_OR_RETURN(const uint64_t rate, ReadNumber(query, "bytes-per-second"));
  services.network.pacer().SetRate(rate);
  return Done();
}

Outcome SetTokenLifetime(const Services& services, const RequestHead& /*head*/, const Query& query) {
  ASSIGN_OR_RETURN(const uint64_t seconds, ReadNumber(query, "seconds"));
  services.iam.SetTokenLifetime(std::chrono::seconds(seconds));
  return Done();
}

Outcome RevokeTokens(const Services& services, const RequestHead& /*head*/, const Query& /*query*/) {
  services.iam.RevokeAllTokens();
  return Done();
}

Outcome SetBlackHole(const Services& services, const RequestHead& /*head*/, const Query& query) {
  const std::string_view on = query.Get("on");
  const std::string_view what = query.Has("what") ? query.Get("what") : std::string_view("all");
  if (on != "0" && on != "1") return std::unexpected("\"on\" has to be 0 or 1");
  if (what != "cos" && what != "iam" && what != "all") return std::unexpected("\"what\" has to be cos, iam or all");
  if (what != "iam") services.network.SetBlackHole(ServiceKind::kCos, on == "1");
  if (what != "cos") services.network.SetBlackHole(ServiceKind::kIam, on == "1");
  return Done();
}

Outcome SetRole(const Services& services, const RequestHead& /*head*/, const Query& query) {
  const auto roles = ParseRoles(query.Get("role"));
  if (!roles) return std::unexpected("\"role\" is unknown");
  if (!services.iam.SetRoles(std::string(query.Get("profile")), *roles)) return std::unexpected("no such profile");
  return Done();
}

Outcome RotateToken(const Services& services, const RequestHead& /*head*/, const Query& /*query*/) {
  if (services.kubelet == nullptr) return std::unexpected("started without --kubelet-dir");
  const auto rotated = services.kubelet->Rotate();
  if (!rotated) return std::unexpected(rotated.error().message());
  return Done();
}

Outcome AddFault(const Services& services, const RequestHead& /*head*/, const Query& query) {
  ASSIGN_OR_RETURN(FaultRule rule, ParseFaultRule(query));
  services.faults.Add(std::move(rule));
  return Done();
}

Outcome ClearFaults(const Services& services, const RequestHead& /*head*/, const Query& /*query*/) {
  services.faults.Clear();
  return Done();
}

Outcome ShowCounters(const Services& services, const RequestHead& /*head*/, const Query& /*query*/) {
  Json requests = Json::object();
  for (size_t i = 0; i < kOperationCount; ++i) {
    const auto operation = static_cast<Operation>(i);
    const uint64_t count = services.counters.requests(operation);
    if (count > 0) requests[std::string(OperationName(operation))] = count;
  }
  Json faults = Json::object();
  for (const Fault::Kind kind : kFaultKinds) {
    const uint64_t count = services.counters.faults(kind);
    if (count > 0) faults[std::string(FaultKindName(kind))] = count;
  }
  return JsonReply({{"requests", requests},
                    {"faults", faults},
                    {"bytes_in", services.counters.bytes_in()},
                    {"bytes_out", services.counters.bytes_out()},
                    {"token_exchanges", services.iam.exchanges()},
                    {"open_uploads", services.cos.open_uploads()}});
}

Outcome ResetCounters(const Services& services, const RequestHead& /*head*/, const Query& /*query*/) {
  services.counters.Reset();
  services.iam.ResetCounters();
  return Done();
}

Outcome ShowObjects(const Services& services, const RequestHead& /*head*/, const Query& query) {
  const Bucket* bucket = services.cos.FindBucket(query.Get("bucket"));
  if (bucket == nullptr) return std::unexpected("no such bucket");
  ListQuery everything;
  everything.max_keys = SIZE_MAX;
  Json objects = Json::array();
  for (const ListEntry& entry : bucket->List(everything).entries) {
    objects.push_back({{"key", entry.key},
                       {"size", entry.object->body.size()},
                       {"etag", QuoteETag(entry.object->etag)},
                       {"content_type", entry.object->attributes.headers.at("content-type")},
                       {"metadata", entry.object->attributes.metadata},
                       {"tags", entry.object->attributes.tags}});
  }
  return JsonReply(objects);
}

Outcome ShowToken(const Services& services, const RequestHead& head, const Query& query) {
  if (!head.from_loopback) return std::unexpected("tokens are shown to callers on loopback only");
  const auto roles = query.Has("role") ? ParseRoles(query.Get("role")) : RoleSet(Role::kWriter);
  if (!roles) return std::unexpected("\"role\" is unknown");
  const auto token = services.iam.IssueToken(*roles);
  if (!token) return std::unexpected(token.error().message());
  return Reply::Text(200, "text/plain", *token);
}

struct Entry {
  std::string_view path;
  std::string_view method;
  Command command;
  /// The parameters that there are, with a space before and after each; null where the command judges the names itself.
  const char* parameters = " ";
};

constexpr std::array<Entry, 20> kCommands = {{
    {"latency", "POST", &SetLatency, nullptr},
    {"tls-handshake", "POST", &SetHandshakeDelay, " ms "},
    {"bandwidth", "POST", &SetBandwidth, " bytes-per-second "},
    {"token-lifetime", "POST", &SetTokenLifetime, " seconds "},
    {"revoke-tokens", "POST", &RevokeTokens},
    {"blackhole", "POST", &SetBlackHole, " on what "},
    {"role", "POST", &SetRole, " profile role "},
    {"rotate-token", "POST", &RotateToken},
    {"fault", "POST", &AddFault, nullptr},
    {"fault/clear", "POST", &ClearFaults},
    {"counters", "GET", &ShowCounters},
    {"counters/reset", "POST", &ResetCounters},
    {"objects", "GET", &ShowObjects, " bucket "},
    {"token", "GET", &ShowToken, " role "},
    {"dialect", "POST", &ChangeDialect, nullptr},
    {"bucket", "POST", &ChangeBucket, " bucket versioning retention-seconds quota-bytes "},
    {"copies", "POST", &MultiplyObject, " bucket key prefix count "},
    {"archive", "POST", &ArchiveObject, " bucket key class "},
    {"iam-answer", "POST", &ForceIamAnswer, " code status details html retry-after count "},
    {"iam-answer/clear", "POST", &ClearIamAnswer},
}};

/// A parameter that the command does not have; null where all are known.
const std::string* FindUnknownParameter(const Entry& entry, const Query& query) {
  if (entry.parameters == nullptr) return nullptr;
  for (const auto& [name, value] : query.parameters()) {
    if (!std::string_view(entry.parameters).contains(" " + name + " ")) return &name;
  }
  return nullptr;
}

class ControlExchange final : public Exchange {
 public:
  ControlExchange(const Control& control, RequestHead head, Target target)
      : control_(control), head_(std::move(head)), target_(std::move(target)) {}

  bool refused() const override { return false; }
  void Consume(std::span<const std::byte> /*piece*/) override {}
  Admission Admit(MonotonicTime /*now*/) override { return {}; }
  Reply Finish() override { return control_.Handle(head_, target_); }
  bool paced() const override { return false; }

 private:
  const Control& control_;
  const RequestHead head_;
  const Target target_;
};

}  // namespace

Reply Control::Handle(const RequestHead& head, const Target& target) const {
  const std::string_view path = std::string_view(target.path).substr(kControlPrefix.size());
  for (const Entry& entry : kCommands) {
    if (entry.path != path) continue;
    if (entry.method != head.method) {
      return Reply::Text(405, "text/plain", "use " + std::string(entry.method) + "\n");
    }
    if (const std::string* unknown = FindUnknownParameter(entry, target.query)) {
      return Reply::Text(400, "text/plain", "\"" + *unknown + "\" is no parameter\n");
    }
    auto outcome = entry.command(services_, head, target.query);
    if (!outcome) return Reply::Text(400, "text/plain", outcome.error() + "\n");
    if (entry.command == &SetBlackHole || entry.command == &ClearFaults) wake_held_();
    return *std::move(outcome);
  }
  return Reply::Text(404, "text/plain", "no such command\n");
}

std::unique_ptr<Exchange> NewControlExchange(const Control& control, RequestHead head, Target target) {
  return std::make_unique<ControlExchange>(control, std::move(head), std::move(target));
}

}  // namespace cosfuse::emulator
