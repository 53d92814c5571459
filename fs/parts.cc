#include "fs/parts.h"

#include <utility>

#include "base/random.h"
#include "fs/directory_state.h"

namespace cosfuse {
namespace {

AttributeDefaults DefaultsOf(const FileSystemOptions& options) {
  return {
      .uid = options.uid, .gid = options.gid, .file_mode = options.file_mode, .directory_mode = options.directory_mode};
}

}  // namespace

Parts::Parts(FileSystemOptions file_system_options, ObjectStore& object_store, FileCache& file_cache, Clock& real_clock)
    : options(std::move(file_system_options)),
      defaults(DefaultsOf(options)),
      store(object_store),
      cache(file_cache),
      clock(real_clock),
      started_at(clock.WallNow()),
      writer_id(SystemRandom().Hex(8)),
      nodes(options.prefix, NewDirectoryState(defaults, started_at, std::nullopt)),
      gate(clock),
      kept_contents({.entries = 4096, .cost = 32 * kMiB}),
      kept_listings({.entries = 4096, .cost = 500'000}),
      pool({.name = "fs", .max_threads = 128}) {}

}  // namespace cosfuse
