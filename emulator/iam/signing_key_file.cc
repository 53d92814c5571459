#include "emulator/iam/signing_key_file.h"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace cosfuse::emulator {
namespace {

Result<RsaKey> ReadKey(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(ErrorCode::kUnavailable, "cannot read " + path);
  const std::string pem((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  auto key = RsaKey::FromPem(pem);
  if (!key) return Fail(key.error().WithContext(path));
  return key;
}

}  // namespace

Result<RsaKey> ReadOrMakeSigningKey(const std::string& path) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) return ReadKey(path);
  ASSIGN_OR_RETURN(const RsaKey key, RsaKey::Generate());
  std::string temporary = path + ".XXXXXX";
  const int made = mkstemp(temporary.data());  // For its owner alone.
  if (made < 0) return Fail(ErrorCode::kUnavailable, "cannot write " + temporary);
  close(made);
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  file << key.ToPem();
  file.close();
  // Whoever comes second takes what the first one has made.
  if (file) std::filesystem::create_hard_link(temporary, path, error);
  std::error_code ignored;
  std::filesystem::remove(temporary, ignored);
  if (!file) return Fail(ErrorCode::kUnavailable, "cannot write " + temporary);
  if (error && error != std::errc::file_exists) return Fail(ErrorCode::kUnavailable, path + ": " + error.message());
  return ReadKey(path);
}

}  // namespace cosfuse::emulator
