#include "emulator/faults/spoil.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/encoding.h"
#include "emulator/cos/list_parameters.h"
#include "emulator/cos/xml_writer.h"

namespace cosfuse::emulator {
namespace {

constexpr std::string_view kOtherETag = "\"00000000000000000000000000000000\"";

bool HasContent(std::string_view method, const Reply& reply) { return method != "HEAD" && reply.body.size() > 0; }

/// The byte of the body that the fault is about.
ByteCount PlaceIn(const Body& body, const Fault& fault) {
  return std::min(fault.at.value_or(body.size() / 2), body.size() - 1);
}

bool Truncate(const Fault& fault, std::string_view method, Reply& reply) {
  if (HasContent(method, reply)) {
    reply.mishap.cut_at = PlaceIn(reply.body, fault);
  } else {
    reply.delivery = Reply::Delivery::kReset;
  }
  return true;
}

bool Stall(const Fault& fault, std::string_view method, Reply& reply) {
  if (HasContent(method, reply)) {
    reply.mishap.pauses.push_back({PlaceIn(reply.body, fault), fault.pause});
  } else {
    reply.delivery = Reply::Delivery::kSwallow;
  }
  return true;
}

bool Corrupt(const Fault& fault, std::string_view method, Reply& reply) {
  if (!HasContent(method, reply)) return false;
  const ByteCount at = PlaceIn(reply.body, fault);
  auto byte = reply.body.Sub({at, 1}).ToText();
  if (!byte) return false;
  byte->front() = static_cast<char>(byte->front() ^ 1);
  Body body = reply.body.Sub({0, at});
  body.Append(Body::FromText(*byte));
  body.Append(reply.body.Sub(ByteRange::FromTo(at + 1, reply.body.size())));
  reply.body = std::move(body);
  return true;
}

/// "bytes 5-9/20" one byte further on: "bytes 6-10/20".
std::string ShiftContentRange(const std::string& value) {
  const size_t first = value.find(' ') + 1;
  const size_t dash = value.find('-');
  const size_t slash = value.find('/');
  ByteCount from = 0;
  ByteCount to = 0;
  std::from_chars(value.data() + first, value.data() + dash, from);
  std::from_chars(value.data() + dash + 1, value.data() + slash, to);
  return value.substr(0, first) + std::to_string(from + 1) + "-" + std::to_string(to + 1) + value.substr(slash);
}

/// A value of the same form that is not the right one.
std::string NearlyRight(const std::string& lower_case_name, const std::string& value) {
  if (lower_case_name == "etag") return std::string(kOtherETag);
  if (lower_case_name == "content-range") return ShiftContentRange(value);
  if (value.empty()) return "x";
  return (value.front() == 'A' ? 'B' : 'A') + value.substr(1);
}

/// How many bytes the client is told that there are, in place of `size`.
ByteCount WrongLength(const Fault& fault, ByteCount size) {
  if (!fault.value) return size > 0 ? size - 1 : 1;
  ByteCount announced = 0;
  std::from_chars(fault.value->data(), fault.value->data() + fault.value->size(), announced);
  return announced;
}

bool ForbidsBody(int status) { return status == 204 || status == 304; }

bool ChangeHeader(const Fault& fault, Reply& reply) {
  const std::string name = ToLowerAscii(fault.header);
  const bool removes = fault.kind == Fault::Kind::kMissingHeader;
  if (name == "content-length") {  // The server writes it.
    if (ForbidsBody(reply.status)) return false;
    if (removes) {
      reply.mishap.unannounced = true;
    } else {
      reply.mishap.announced = WrongLength(fault, reply.body.size());
    }
    return true;
  }
  const auto found =
      std::ranges::find_if(reply.headers, [&](const auto& header) { return ToLowerAscii(header.first) == name; });
  if (found == reply.headers.end()) {
    if (removes || !fault.value) return false;
    reply.headers.emplace_back(fault.header, *fault.value);
  } else if (removes) {
    reply.headers.erase(found);
  } else {
    found->second = fault.value.value_or(NearlyRight(name, found->second));
  }
  return true;
}

bool RepeatTokenOf(const Query& query, Reply& reply) {
  auto document = reply.body.ToText();
  if (reply.status != 200 || !document) return false;
  const std::string* token = query.Find("continuation-token");
  // A first page leads to itself from now on.
  reply.body = Body::FromText(
      RepeatToken(*std::move(document), token != nullptr ? *token : MakeContinuationToken(query.Get("start-after"))));
  return true;
}

}  // namespace

bool IsCarriedOut(Fault::Kind kind) {
  switch (kind) {
    case Fault::Kind::kStatus:
    case Fault::Kind::kHtml:
    case Fault::Kind::kErrorIn200:
    case Fault::Kind::kResetBefore:
    case Fault::Kind::kBlackHole: return false;
    case Fault::Kind::kDelay:
    case Fault::Kind::kResetAfter:
    case Fault::Kind::kBlackHoleAfter:
    case Fault::Kind::kTruncate:
    case Fault::Kind::kStall:
    case Fault::Kind::kCorrupt:
    case Fault::Kind::kWrongHeader:
    case Fault::Kind::kMissingHeader:
    case Fault::Kind::kSpaces:
    case Fault::Kind::kRepeatToken: return true;
  }
  return true;
}

bool Spoil(const Fault& fault, std::string_view method, const Query& query, Reply& reply) {
  switch (fault.kind) {
    case Fault::Kind::kStatus:
    case Fault::Kind::kHtml:
    case Fault::Kind::kErrorIn200:
    case Fault::Kind::kResetBefore:
    case Fault::Kind::kBlackHole: return false;
    case Fault::Kind::kDelay: return true;  // Before the request was carried out.
    case Fault::Kind::kResetAfter: reply.delivery = Reply::Delivery::kReset; return true;
    case Fault::Kind::kBlackHoleAfter: reply.delivery = Reply::Delivery::kSwallow; return true;
    case Fault::Kind::kTruncate: return Truncate(fault, method, reply);
    case Fault::Kind::kStall: return Stall(fault, method, reply);
    case Fault::Kind::kCorrupt: return Corrupt(fault, method, reply);
    case Fault::Kind::kWrongHeader:
    case Fault::Kind::kMissingHeader: return ChangeHeader(fault, reply);
    case Fault::Kind::kSpaces: return HasContent(method, reply) && AddSpaces(fault.spaces, fault.pause, reply);
    case Fault::Kind::kRepeatToken: return RepeatTokenOf(query, reply);
  }
  return false;
}

std::string RepeatToken(std::string document, std::string_view token) {
  constexpr std::string_view kOpen = "<NextContinuationToken>";
  constexpr std::string_view kClose = "</NextContinuationToken>";
  constexpr std::string_view kLast = "<IsTruncated>false</IsTruncated>";
  constexpr std::string_view kMore = "<IsTruncated>true</IsTruncated>";
  const size_t open = document.find(kOpen);
  if (open != std::string::npos) document.erase(open, document.find(kClose) + kClose.size() - open);
  const size_t last = document.find(kLast);
  if (last != std::string::npos) document.replace(last, kLast.size(), kMore);
  const size_t more = document.find(kMore);
  if (more == std::string::npos) return document;
  return document.insert(more + kMore.size(), std::string(kOpen) + EscapeXml(token) + std::string(kClose));
}

bool AddSpaces(size_t count, Duration pause, Reply& reply) {
  auto text = reply.body.ToText();
  if (!text) return false;
  size_t place = 0;
  if (text->starts_with("<?xml")) place = text->find("?>") + 2;  // Nothing may stand before the declaration.
  if (pause > Duration::zero()) {
    for (size_t i = 0; i < count; ++i) reply.mishap.pauses.push_back({place + i, pause});
  }
  reply.body = Body::FromText(text->insert(place, count, ' '));
  return true;
}

}  // namespace cosfuse::emulator
