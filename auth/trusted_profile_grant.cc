#include "auth/trusted_profile_grant.h"

#include <utility>

namespace cosfuse {

TrustedProfileGrant::TrustedProfileGrant(TrustedProfile profile, Disk& disk, std::string token_file)
    : profile_(std::move(profile)),
      label_("trusted profile " + profile_.Label()),
      token_file_(disk, std::move(token_file)) {}

Result<PreparedGrant> TrustedProfileGrant::Prepare() const {
  PreparedGrant prepared;
  ASSIGN_OR_RETURN(prepared.credential, token_file_.Read());
  prepared.form = BuildProfileForm(profile_, prepared.credential);
  prepared.context.kind = GrantKind::kTrustedProfile;
  prepared.context.profile = profile_;
  prepared.context.claims = ParseJwtClaims(prepared.credential.Reveal());
  prepared.context.file = token_file_.path();
  return prepared;
}

}  // namespace cosfuse
