#include "emulator/ready_file.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

namespace cosfuse::emulator {

std::string FormatReadyFacts(const ReadyFacts& facts) {
  nlohmann::ordered_json json = {{"pid", facts.pid},      {"port", facts.port},     {"endpoint", facts.endpoint},
                                 {"iam", facts.endpoint}, {"bucket", facts.bucket}, {"profile_id", facts.profile_id}};
  if (!facts.token_file.empty()) json["token_file"] = facts.token_file;
  if (!facts.ca_file.empty()) json["ca_file"] = facts.ca_file;
  return json.dump() + "\n";
}

Result<> WriteReadyFile(const std::string& path, const ReadyFacts& facts) {
  const std::string temporary = path + "." + std::to_string(facts.pid) + ".tmp";
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file << FormatReadyFacts(facts);
  file.close();
  if (!file) return Fail(ErrorCode::kUnavailable, "cannot write " + temporary);
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (error) return Fail(ErrorCode::kUnavailable, path + ": " + error.message());
  return {};
}

}  // namespace cosfuse::emulator
