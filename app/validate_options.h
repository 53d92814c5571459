#pragma once

#include "app/mount_options.h"
#include "app/options.h"

namespace cosfuse {

/// Judges what the user gave: forms, ranges, contradictions, what is missing. Pure: looks at no file and no host, so
/// that the same values are always the same command.
///
/// Errors: kInvalidArgument with one line "CAUSE. REMEDY" that names the option or variable, as it was given.
Result<Command> ValidateOptions(const GivenOptions& given);

}  // namespace cosfuse
