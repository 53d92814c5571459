#pragma once

namespace cosfuse::emulator {

/// Where conditional headers count. What the public service does is documented nowhere for some of them; the default
/// is what COS on premises documents, so that a client which relies on more fails here.
struct Dialect {
  bool conditions_at_initiate = true;  ///< Judged at CreateMultipartUpload, kept, and judged again at complete.
  bool conditions_at_complete = true;  ///< Those of CompleteMultipartUpload itself.
  bool conditions_on_delete = false;
  bool conditions_on_copy_target = false;
};

}  // namespace cosfuse::emulator
