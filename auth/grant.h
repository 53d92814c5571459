#pragma once

#include <string>

#include "auth/iam_exchange.h"
#include "base/error.h"
#include "base/secret.h"

namespace cosfuse {

/// What IAM is asked with, once: made anew for each exchange.
struct PreparedGrant {
  Secret credential;        ///< What the file held: whether it is another one by now, decides if IAM is asked again.
  Secret form;              ///< Of the request.
  ExchangeContext context;  ///< What IAM's no is explained with; the endpoint is left to the one who sends.
};

/// A way to prove to IAM who we are. What can be had by it, when it is used and by how many is not its business
/// (IamTokenSource). Thread-safe.
class Grant {
 public:
  virtual ~Grant() = default;

  /// Whose tokens these are, for logs: "trusted profile Profile-…". Never a secret.
  virtual const std::string& label() const = 0;

  /// Reads the credential anew from its file. Errors: kUnauthenticated, with cause and remedy. Blocks on local files.
  virtual Result<PreparedGrant> Prepare() const = 0;
};

}  // namespace cosfuse
