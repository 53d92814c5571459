#include <array>
#include <ctime>
#include <iostream>

#include "app/capabilities.h"
#include "app/commands.h"
#include "app/explain.h"
#include "app/object_graph.h"
#include "auth/jwt_claims.h"
#include "base/log.h"

namespace cosfuse {
namespace {

constexpr Duration kLimit = std::chrono::seconds(10);

std::string FormatTime(WallTime time) {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(time));
  std::tm parts{};
  std::array<char, 32> text{};
  gmtime_r(&seconds, &parts);
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

/// What the token says of itself; a token that says nothing is still good for requests.
void PrintClaims(const JwtClaims& claims, WallTime now) {
  const auto line = [](std::string_view name, const std::string& value) {
    std::cout << name << ": " << (value.empty() ? "unknown" : value) << "\n";
  };
  line("profile", claims.identifier);
  line("iam id", claims.iam_id);
  line("account", claims.account);
  if (!claims.expires_at) return line("expires", "");
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(*claims.expires_at - now);
  line("expires", FormatTime(*claims.expires_at) + " (in " + std::to_string(left.count()) + " s)");
}

}  // namespace

int RunTokenCommand(const TokenCommand& command) {
  ForbidCoreDumps();
  ConfigureLogging(command.log.level == LogLevel::kDebug ? LogLevel::kDebug : LogLevel::kError, command.log.format);
  SystemClock clock;
  SystemRandom random;
  const std::unique_ptr<Disk> disk = OpenPosixDisk("/");
  const std::unique_ptr<Transport> transport = MakeTransport(command.identity, clock);
  const std::unique_ptr<TokenSource> tokens = MakeTokenSource(command.identity, *transport, *disk, clock, random);
  const Result<AccessToken> token = tokens->Get(OpContext().WithDeadline(clock.Now() + kLimit));
  if (!token) return PrintFailure(ExplainIdentityFailure(token.error()));
  if (command.header) {
    std::cout << "Authorization: Bearer " << token->bearer.Reveal() << "\n" << std::flush;
  } else {
    PrintClaims(ParseJwtClaims(token->bearer.Reveal()).value_or(JwtClaims()), clock.WallNow());
    std::cout << std::flush;
  }
  return std::cout ? kExitOk : kExitFailed;
}

}  // namespace cosfuse
