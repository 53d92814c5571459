#include "fs/bucket_file_system.h"
#include "fs/names.h"

namespace cosfuse {

Result<FileSystemStatistics> BucketFileSystem::StatFs(const OpContext&) {
  constexpr ByteCount kBlock = 4096;
  // As many files as programs can count with 32 bits: a bucket has no limit of its own.
  constexpr uint64_t kFiles = 0xffff'ffff;
  FileSystemStatistics statistics;
  statistics.block_size = kBlock;
  statistics.blocks = parts_.options.capacity / kBlock;
  statistics.free_blocks = statistics.blocks;
  statistics.files = kFiles;
  statistics.free_files = kFiles;
  statistics.name_limit = kMaxNameLength;
  return statistics;
}

}  // namespace cosfuse
