#pragma once

#include <array>
#include <string>
#include <string_view>

namespace cosfuse {

/// Where pods have the projected token, in the order in which IBM's SDKs and services look.
inline constexpr std::array<std::string_view, 4> kDefaultTokenFiles = {
    "/var/run/secrets/tokens/service-account-token", "/var/run/secrets/tokens/vault-token",
    "/var/run/secrets/tokens/sa-token", "/var/run/secrets/codeengine.cloud.ibm.com/compute-resource-token/token"};

/// `named`, or else the first default that exists, or else the first default, whose absence is then reported.
std::string ChooseTokenFile(const std::string& named);

}  // namespace cosfuse
