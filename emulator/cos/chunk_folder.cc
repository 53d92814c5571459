#include "emulator/cos/chunk_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <set>
#include <system_error>
#include <utility>

#include "base/disk.h"
#include "base/file_descriptor.h"

namespace cosfuse::emulator {
namespace {

namespace fs = std::filesystem;

constexpr size_t kIdBytes = 16;
const ByteCount kPageBytes = static_cast<ByteCount>(sysconf(_SC_PAGESIZE));

class FileChunk final : public Chunk {
 public:
  FileChunk(std::shared_ptr<const ChunkFolder> folder, std::string id, ByteCount size)
      : folder_(std::move(folder)), id_(std::move(id)), size_(size) {}
  ~FileChunk() override {
    if (!folder_->closed()) unlink(folder_->PathOf(id_).c_str());
  }
  FileChunk(const FileChunk&) = delete;
  FileChunk& operator=(const FileChunk&) = delete;

  ByteCount size() const override { return size_; }
  std::string_view id() const override { return id_; }

  bool in_memory() const override { return false; }

  Result<std::shared_ptr<const std::byte>> Map(ByteRange range) const override {
    ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile());
    const ByteCount start = range.offset / kPageBytes * kPageBytes;
    const size_t size = range.end() - start;
    void* address = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), static_cast<off_t>(start));
    if (address == MAP_FAILED) return Fail(ErrorFromErrno(errno, folder_->PathOf(id_).string()));
    return std::shared_ptr<const std::byte>(static_cast<const std::byte*>(address) + (range.offset - start),
                                            [address, size](const std::byte*) { munmap(address, size); });
  }

  Result<FileDescriptor> OpenFile() const override {
    const fs::path path = folder_->PathOf(id_);
    FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return Fail(ErrorFromErrno(errno, path.string()));
    return file;
  }

 private:
  const std::shared_ptr<const ChunkFolder> folder_;
  const std::string id_;
  const ByteCount size_;
};

/// Writes one chunk. The chunk owns the file from the start, so that a body that is given up leaves nothing behind.
class FileSink final : public BodySink {
 public:
  FileSink(std::shared_ptr<const ChunkFolder> folder, std::string id, FileDescriptor file)
      : folder_(std::move(folder)), id_(std::move(id)), file_(std::move(file)) {}
  ~FileSink() override {
    if (!finished_) unlink(folder_->PathOf(id_).c_str());
  }
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  Result<> Append(std::span<const std::byte> piece) override {
    while (!piece.empty()) {
      const ssize_t n = write(file_.get(), piece.data(), piece.size());
      if (n < 0) return Fail(ErrorFromErrno(errno, "writing a chunk"));
      piece = piece.subspan(static_cast<size_t>(n));
      size_ += static_cast<ByteCount>(n);
    }
    return {};
  }

  Result<Body> Finish() override {
    Body body;
    if (size_ == 0) return body;
    finished_ = true;
    body.Append({std::make_shared<FileChunk>(folder_, id_, size_), {0, size_}});
    return body;
  }

 private:
  const std::shared_ptr<const ChunkFolder> folder_;
  const std::string id_;
  const FileDescriptor file_;
  ByteCount size_ = 0;
  bool finished_ = false;
};

}  // namespace

Result<std::unique_ptr<BodySink>> ChunkFolder::NewSink() {
  std::string id = random_.Hex(kIdBytes);
  FileDescriptor file(open(PathOf(id).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) return Fail(ErrorFromErrno(errno, path_.string()));
  return std::make_unique<FileSink>(shared_from_this(), std::move(id), std::move(file));
}

Result<std::shared_ptr<const Chunk>> ChunkFolder::Find(const std::string& id) {
  MutexLock lock(mutex_);
  std::weak_ptr<const Chunk>& known = found_[id];
  if (auto chunk = known.lock()) return chunk;
  std::error_code error;
  const auto size = fs::file_size(PathOf(id), error);
  if (error) return Fail(ErrorCode::kNotFound, PathOf(id).string() + ": " + error.message());
  auto chunk = std::make_shared<const FileChunk>(shared_from_this(), id, size);
  known = chunk;
  return chunk;
}

void ChunkFolder::RemoveOrphans() {
  std::set<std::string> owned;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, chunk] : found_) {
      if (!chunk.expired()) owned.insert(id);
    }
    found_.clear();
  }
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_, error)) {
    if (!owned.contains(entry.path().filename().string())) fs::remove(entry.path(), error);
  }
}

}  // namespace cosfuse::emulator
