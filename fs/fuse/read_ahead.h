#pragma once

#include <string>

#include "base/byte_range.h"

namespace cosfuse {

/// Sets how far the kernel reads ahead in the mount with this device number ("major:minor"); without it FUSE mounts
/// stay at 128 KiB, a fraction of what one round trip to the store can carry. False where /sys does not allow it, which
/// costs speed only. Source: Documentation/ABI/testing/sysfs-class-bdi in the kernel's tree.
bool SetReadAhead(const std::string& device, ByteCount bytes);

}  // namespace cosfuse
