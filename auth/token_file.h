#pragma once

#include <string>

#include "base/disk.h"
#include "base/error.h"
#include "base/secret.h"

namespace cosfuse {

/// The projected service-account token. Kubelet replaces it by swapping a symlink, so the file is opened anew, by its
/// path, for each reading, and no descriptor is kept. Thread-safe.
class TokenFile {
 public:
  /// `disk` outlives this object. `path` is absolute.
  TokenFile(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}

  const std::string& path() const { return path_; }

  /// The token without surrounding white space. Errors: kUnauthenticated for everything (missing, unreadable, empty, no
  /// JWT), with the remedy in the message: without a token there is no authorisation.
  Result<Secret> Read() const;

 private:
  Disk& disk_;
  const std::string path_;
};

}  // namespace cosfuse
