#include "emulator/faults/parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <variant>

#include "base/encoding.h"
#include "base/error.h"

namespace cosfuse::emulator {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMostSpaces = 100'000;

template <typename Number>
Parsed<Number> Read(const Query& query, std::string_view name, std::string_view what) {
  const std::string_view text = query.Get(name);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return std::unexpected("\"" + std::string(name) + "\" has to be " + std::string(what));
  }
  return value;
}

Parsed<uint64_t> ReadNumberOr(const Query& query, std::string_view name, uint64_t otherwise) {
  return query.Has(name) ? ReadNumber(query, name) : Parsed<uint64_t>(otherwise);
}

Parsed<double> ReadShareOr(const Query& query, std::string_view name, double otherwise) {
  if (!query.Has(name)) return otherwise;
  ASSIGN_OR_RETURN(const double share, Read<double>(query, name, "0 to 1"));
  if (!(share >= 0 && share <= 1)) return std::unexpected("\"" + std::string(name) + "\" has to be 0 to 1");
  return share;
}

/// A value that goes into a header as it is.
Parsed<std::string> ReadHeaderText(const Query& query, std::string_view name) {
  const std::string_view text = query.Get(name);
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
      return std::unexpected("\"" + std::string(name) + "\" cannot stand in a header");
    }
  }
  return std::string(text);
}

template <size_t n>
Parsed<std::monostate> CheckNames(const Query& query, const std::array<std::string_view, n>& known) {
  for (const auto& [name, value] : query.parameters()) {
    if (std::ranges::find(known, name) == known.end()) return std::unexpected("\"" + name + "\" is no parameter");
  }
  return std::monostate{};
}

Parsed<Fault> ParseFault(const Query& query) {
  Fault fault;
  if (query.Has("kind")) {
    const auto kind = ParseFaultKind(query.Get("kind"));
    if (!kind) return std::unexpected("\"kind\" is unknown");
    fault.kind = *kind;
  }
  ASSIGN_OR_RETURN(const uint64_t status, ReadNumberOr(query, "status", static_cast<uint64_t>(fault.status)));
  if (status < 200 || status > 599) return std::unexpected("\"status\" has to be 200 to 599");
  fault.status = static_cast<int>(status);
  if (query.Has("code")) fault.code = query.Get("code");
  ASSIGN_OR_RETURN(fault.retry_after, ReadHeaderText(query, "retry-after"));
  if (query.Has("at")) {
    ASSIGN_OR_RETURN(fault.at, ReadNumber(query, "at"));
  }
  ASSIGN_OR_RETURN(const uint64_t pause, ReadNumberOr(query, "ms", 0));
  fault.pause = milliseconds(pause);
  if (fault.kind == Fault::Kind::kDelay && pause == 0) return std::unexpected("a delay needs \"ms\"");
  ASSIGN_OR_RETURN(fault.spaces, ReadNumberOr(query, "spaces", fault.kind == Fault::Kind::kSpaces ? 1 : 0));
  if (fault.spaces > kMostSpaces) return std::unexpected("\"spaces\" has to be 100000 at most");
  ASSIGN_OR_RETURN(fault.header, ReadHeaderText(query, "header"));
  const bool needs_header = fault.kind == Fault::Kind::kWrongHeader || fault.kind == Fault::Kind::kMissingHeader;
  if (needs_header && fault.header.empty()) return std::unexpected("\"header\" has to name one");
  if (query.Has("value")) {
    ASSIGN_OR_RETURN(fault.value, ReadHeaderText(query, "value"));
    if (ToLowerAscii(fault.header) == "content-length") RETURN_IF_ERROR(ReadNumber(query, "value"));
  }
  return fault;
}

}  // namespace

Parsed<uint64_t> ReadNumber(const Query& query, std::string_view name) {
  return Read<uint64_t>(query, name, "a number");
}

Parsed<FaultRule> ParseFaultRule(const Query& query) {
  constexpr std::array<std::string_view, 15> kNames = {"op",     "key",    "kind", "rate",        "seed",
                                                       "skip",   "count",  "code", "status",      "at",
                                                       "spaces", "header", "ms",   "retry-after", "value"};
  RETURN_IF_ERROR(CheckNames(query, kNames));
  FaultRule rule;
  ASSIGN_OR_RETURN(rule.fault, ParseFault(query));
  const std::string_view operation = query.Get("op");
  if (operation != "*") {
    rule.operation = ParseOperation(operation);
    if (!rule.operation) return std::unexpected("\"op\" is no operation and not *");
  }
  if (rule.fault.kind == Fault::Kind::kRepeatToken) {
    if (rule.operation && rule.operation != Operation::kListObjectsV2) {
      return std::unexpected("only ListObjectsV2 has a continuation token to repeat");
    }
    rule.operation = Operation::kListObjectsV2;
  }
  rule.key = query.Get("key");
  ASSIGN_OR_RETURN(rule.rate, ReadShareOr(query, "rate", 1));
  ASSIGN_OR_RETURN(rule.seed, ReadNumberOr(query, "seed", 1));
  ASSIGN_OR_RETURN(rule.skip, ReadNumberOr(query, "skip", 0));
  if (query.Has("count")) {
    ASSIGN_OR_RETURN(rule.count, ReadNumber(query, "count"));
  } else if (!query.Has("rate")) {
    rule.count = 1;
  }
  return rule;
}

Parsed<LatencyModel> ParseLatencyModel(const Query& query) {
  constexpr std::array<std::string_view, 5> kNames = {"ms", "jitter-ms", "tail-rate", "tail-ms", "seed"};
  RETURN_IF_ERROR(CheckNames(query, kNames));
  LatencyModel model;
  ASSIGN_OR_RETURN(const uint64_t base, ReadNumber(query, "ms"));
  ASSIGN_OR_RETURN(const uint64_t jitter, ReadNumberOr(query, "jitter-ms", 0));
  ASSIGN_OR_RETURN(const uint64_t tail, ReadNumberOr(query, "tail-ms", 0));
  ASSIGN_OR_RETURN(model.tail_rate, ReadShareOr(query, "tail-rate", 0));
  ASSIGN_OR_RETURN(model.seed, ReadNumberOr(query, "seed", model.seed));
  model.base = milliseconds(base);
  model.jitter = milliseconds(jitter);
  model.tail = milliseconds(tail);
  return model;
}

}  // namespace cosfuse::emulator
