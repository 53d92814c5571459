#pragma once

#include <vector>

#include "tests/model/operation.h"
#include "tests/model/settings.h"

namespace cosfuse::model {

/// The sequence of a seed: random steps over few names and descriptors, so that they meet. Pure.
std::vector<Operation> GenerateSequence(const Settings& settings);

}  // namespace cosfuse::model
