#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace cosfuse {

/// Extended attributes by their whole names ("user.comment"). Values are any bytes.
using ExtendedAttributes = std::map<std::string, std::string, std::less<>>;

/// How setxattr may meet an attribute of the name. Source: setxattr(2), XATTR_CREATE and XATTR_REPLACE.
enum class ExtendedAttributeMode { kAny, kCreateOnly, kReplaceOnly };

/// What is done with names of a namespace.
enum class AttributeNamespace {
  kUser,         ///< `user.*`: kept.
  kTrusted,      ///< `trusted.*`: kept; the kernel shows their values to root alone.
  kSecurity,     ///< `security.*`: never there, so that the kernel and `ls` get their answer without a request.
  kUnsupported,  ///< `system.posix_acl_*` and everything else.
};
AttributeNamespace NamespaceOf(std::string_view name);

/// The attributes after setxattr. Errors: kAlreadyExists, kNoAttribute (by `mode`). Pure.
Result<ExtendedAttributes> WithAttribute(const ExtendedAttributes& present, std::string_view name,
                                         std::string_view value, ExtendedAttributeMode mode);
/// The attributes after removexattr. Errors: kNoAttribute. Pure.
Result<ExtendedAttributes> WithoutAttribute(const ExtendedAttributes& present, std::string_view name);
/// The names that a caller sees: of the namespaces that are kept, `trusted.*` only `for_root`. Pure.
std::vector<std::string> VisibleNames(const ExtendedAttributes& present, bool for_root);

/// The metadata field `xattr`: percent-encoded `{"name":"base64 of the value",…}`. A quote or backslash in a name has a
/// backslash before it, where s3fs has nothing and cannot read its own. Source: s3fs-fuse, build_xattrs().
std::string FormatExtendedAttributes(const ExtendedAttributes& attributes);
/// The reverse. Tolerant: space between the tokens, text that was not percent-encoded, base64 without padding. What
/// makes no sense is left out, and so is all behind it when its end cannot be found.
ExtendedAttributes ParseExtendedAttributes(std::string_view field);

}  // namespace cosfuse
