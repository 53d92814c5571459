#include "emulator/iam/kubelet.h"

#include <fstream>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "emulator/iam/jwt.h"

namespace cosfuse::emulator {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTokenName = "service-account-token";
constexpr double kRenewalPoint = 0.8;  // Kubernetes, "Service account token volume projection".

Result<> WriteToken(const fs::path& path, const std::string& token) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << token;
  file.close();
  if (!file) return Fail(ErrorCode::kUnavailable, "cannot write " + path.string());
  using enum fs::perms;
  fs::permissions(path, owner_read | owner_write | group_read | others_read);
  return {};
}

/// The directory that ..data points to now; empty where there is none.
fs::path CurrentData(const fs::path& directory) {
  std::error_code error;
  const fs::path target = fs::read_symlink(directory / "..data", error);
  return error ? fs::path() : directory / target;
}

}  // namespace

Kubelet::Kubelet(Options options, RsaKey key, Clock& clock)
    : options_(std::move(options)), key_(std::move(key)), clock_(clock) {}

Kubelet::~Kubelet() { stop_->Cancel(); }

fs::path Kubelet::token_file() const { return options_.directory / kTokenName; }

Result<> Kubelet::Rotate() {
  MutexLock lock(mutex_);
  const WallTime now = clock_.WallNow();
  const int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const int64_t lifetime = std::chrono::duration_cast<std::chrono::seconds>(options_.token_lifetime).count();
  const ServiceAccountClaims claims{{options_.audience},      seconds,   seconds + lifetime, options_.namespace_name,
                                    options_.service_account, "demo-pod"};
  ASSIGN_OR_RETURN(const std::string token, MakeServiceAccountToken(claims, key_));
  // std::filesystem reports by exception here: each of these steps may fail, and all of them mean the same.
  try {
    fs::create_directories(options_.directory);
    const fs::path old_data = CurrentData(options_.directory);
    const std::string name = ".." + std::to_string(now.time_since_epoch().count()) + "." + std::to_string(++rotations_);
    fs::create_directory(options_.directory / name);
    RETURN_IF_ERROR(WriteToken(options_.directory / name / kTokenName, token));
    fs::remove(options_.directory / "..data_tmp");
    fs::create_symlink(name, options_.directory / "..data_tmp");
    fs::rename(options_.directory / "..data_tmp", options_.directory / "..data");
    if (!fs::is_symlink(fs::symlink_status(token_file()))) {
      fs::create_symlink(fs::path("..data") / kTokenName, token_file());
    }
    if (!old_data.empty()) {
      fs::remove(old_data / kTokenName);
      fs::remove(old_data);
    }
  } catch (const fs::filesystem_error& error) {
    return Fail(ErrorCode::kUnavailable, error.what());
  }
  return {};
}

void Kubelet::Start() {
  thread_ = Thread("kubelet", [this] { RenewalLoop(); });
}

void Kubelet::RenewalLoop() {
  const OpContext context = OpContext().WithCancellation(stop_);
  const auto pause = std::chrono::duration_cast<Duration>(options_.token_lifetime * kRenewalPoint);
  while (clock_.Sleep(context, pause)) {
    const auto rotated = Rotate();
    if (!rotated) Log(LogLevel::kError, "cannot renew the projected token", {{"error", rotated.error().ToString()}});
  }
}

}  // namespace cosfuse::emulator
