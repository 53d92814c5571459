#include "fs/fuse/read_ahead.h"

#include <fstream>

namespace cosfuse {

bool SetReadAhead(const std::string& device, ByteCount bytes) {
  std::ofstream file("/sys/class/bdi/" + device + "/read_ahead_kb");
  file << bytes / kKiB << std::flush;
  return file.good();
}

}  // namespace cosfuse
