#pragma once

#include <string_view>

namespace cosfuse {

/// A boundary at which a test may have this process killed: all that stands before it in the code has happened, nothing
/// of what stands behind it. A release has none of them; a build with COSFUSE_CRASH_POINTS goes by its environment:
///
///   COSFUSE_CRASH_AT=STEP.WHEN:N   SIGKILL to the process itself at the Nth passage of that boundary
///   COSFUSE_CRASH_LOG=FILE         a line `STEP.WHEN` at the end of FILE for each passage, before anything else
///
/// Thread-safe; may be called with any lock held. Aborts where the environment makes no sense.
#ifdef COSFUSE_CRASH_POINTS
void CrashPoint(std::string_view step, std::string_view when);
#else
inline void CrashPoint(std::string_view /*step*/, std::string_view /*when*/) {}
#endif

}  // namespace cosfuse
