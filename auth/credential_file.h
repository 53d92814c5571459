#pragma once

#include <string>
#include <string_view>

#include "base/disk.h"
#include "base/secret.h"

namespace cosfuse {

/// A small file that holds what IAM exchanges. It is replaced while the process lives (kubelet swaps a symlink), so it
/// is opened anew, by its path, for each reading, and no descriptor is kept. Thread-safe.
class CredentialFile {
 public:
  /// How messages speak of it.
  struct Words {
    std::string_view name;         ///< "the token file".
    std::string_view holds;        ///< "a token".
    std::string_view when_absent;  ///< A sentence without its full stop: what to do where there is none.
  };

  /// `disk` outlives this object. `path` is absolute.
  CredentialFile(Disk& disk, std::string path, Words words) : disk_(disk), path_(std::move(path)), words_(words) {}

  const std::string& path() const { return path_; }

  /// The content without surrounding white space. Errors: kUnauthenticated for everything (missing, unreadable, too
  /// long, empty), with cause and remedy in the message: without it there is no authorisation.
  Result<Secret> Read() const;

 private:
  std::string Describe(const Error& error) const;

  Disk& disk_;
  const std::string path_;
  const Words words_;
};

}  // namespace cosfuse
