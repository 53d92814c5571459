#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace cosfuse::emulator {

/// Where conditional headers count; everywhere else they are ignored, as every header is that is not known. What the
/// public service does is documented nowhere for some of them; the default is what COS on premises documents, so that
/// a client which relies on more fails here.
struct Dialect {
  bool conditions_on_put = true;
  bool conditions_at_initiate = true;  ///< Judged at CreateMultipartUpload, kept, and judged again at complete.
  bool conditions_at_complete = true;  ///< Those of CompleteMultipartUpload itself.
  bool conditions_on_delete = false;
  bool conditions_on_copy_target = false;

  friend bool operator==(const Dialect&, const Dialect&) = default;
};

/// Changes one switch: `put`, `delete` and `copy-target` are "honoured" or "ignored"; `multipart` is
/// "initiate-and-complete", "complete" or "ignored". Pure. Errors: kInvalidArgument.
Result<> SetDialectSwitch(Dialect& dialect, std::string_view name, std::string_view value);
/// Changes the switches that `text` names: "multipart=complete,delete=honoured". Pure. Errors: kInvalidArgument.
Result<Dialect> ParseDialect(std::string_view text, Dialect dialect = {});
/// All switches, as ParseDialect reads them.
std::string FormatDialect(const Dialect& dialect);

}  // namespace cosfuse::emulator
