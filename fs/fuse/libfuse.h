#pragma once

/// libfuse's low-level interface as of 3.14, the oldest version that is built against. Only fs/fuse includes it.
#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>
