#pragma once

#include <string>

#include "auth/credential_file.h"

namespace cosfuse {

/// The projected service-account token. Thread-safe.
class TokenFile {
 public:
  /// `disk` outlives this object. `path` is absolute.
  TokenFile(Disk& disk, std::string path);

  const std::string& path() const { return file_.path(); }

  /// The token. Errors: those of CredentialFile::Read; what is no JSON web token is kUnauthenticated as well.
  Result<Secret> Read() const;

 private:
  const CredentialFile file_;
};

}  // namespace cosfuse
