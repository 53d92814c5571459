#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "emulator/iam/roles.h"

namespace cosfuse::emulator {

/// The cluster whose kubelet the emulator plays: every projected token that it signs is from there.
inline constexpr std::string_view kOwnCluster = "emulator";

/// A trusted profile: who may take it on, and what it may do.
struct TrustedProfile {
  std::string id = "Profile-00000000-0000-4000-8000-000000000001";
  std::string name = "demo-profile";
  std::string namespace_name = "default";
  std::string service_account = "default";
  std::string cluster = std::string(kOwnCluster);
  RoleSet roles = Role::kWriter;
};

/// The profile's CRN.
std::string ProfileCrn(const TrustedProfile& profile);

/// The account that all profiles belong to.
std::string_view AccountId();

/// All trusted profiles. Thread-safe.
class TrustPolicy {
 public:
  explicit TrustPolicy(std::vector<TrustedProfile> profiles) : profiles_(std::move(profiles)) {}

  std::vector<TrustedProfile> profiles() const EXCLUDES(mutex_);
  /// Empty roles for a profile that does not exist.
  RoleSet RolesOf(const std::string& profile_id) const EXCLUDES(mutex_);
  /// Also for tokens issued before. False where there is no such profile.
  bool SetRoles(const std::string& profile_id, RoleSet roles) EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  std::vector<TrustedProfile> profiles_ GUARDED_BY(mutex_);
};

}  // namespace cosfuse::emulator
