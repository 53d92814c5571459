#include "emulator/iam/trust_policy.h"

namespace cosfuse::emulator {

std::string_view AccountId() { return "0123456789abcdef0123456789abcdef"; }

std::string ProfileCrn(const TrustedProfile& profile) {
  return "crn:v1:bluemix:public:iam-identity::a/" + std::string(AccountId()) + "::profile:" + profile.id;
}

std::vector<TrustedProfile> TrustPolicy::profiles() const {
  MutexLock lock(mutex_);
  return profiles_;
}

RoleSet TrustPolicy::RolesOf(const std::string& profile_id) const {
  MutexLock lock(mutex_);
  for (const TrustedProfile& profile : profiles_) {
    if (profile.id == profile_id) return profile.roles;
  }
  return {};
}

bool TrustPolicy::SetRoles(const std::string& profile_id, RoleSet roles) {
  MutexLock lock(mutex_);
  for (TrustedProfile& profile : profiles_) {
    if (profile.id != profile_id) continue;
    profile.roles = roles;
    return true;
  }
  return false;
}

}  // namespace cosfuse::emulator
