#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/cos/operation.h"

namespace cosfuse::emulator {

enum class Role : uint8_t { kWriter = 1, kManager = 2, kContentReader = 4, kObjectWriter = 8 };

/// The roles that a profile has on every bucket. The empty set is "None": a token is given, but every call is refused.
class RoleSet {
 public:
  RoleSet() = default;
  RoleSet(Role role) : bits_(static_cast<uint8_t>(role)) {}  // NOLINT(google-explicit-constructor)

  bool Has(Role role) const { return (bits_ & static_cast<uint8_t>(role)) != 0; }
  void Add(RoleSet other) { bits_ |= other.bits_; }
  friend bool operator==(RoleSet, RoleSet) = default;

 private:
  uint8_t bits_ = 0;
};

/// "Writer", "ContentReader+ObjectWriter", "None". Nothing on an unknown name.
std::optional<RoleSet> ParseRoles(std::string_view text);

/// Whether one of the roles permits the operation.
/// Source: IBM Cloud Object Storage, "IAM roles and actions".
bool Permits(RoleSet roles, Operation operation);

/// Whether anybody may do this in a public bucket (the access group "Public Access" with the role Content Reader).
bool PermitsAnonymous(Operation operation);

}  // namespace cosfuse::emulator
