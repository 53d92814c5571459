#include "tests/mount/crash_program.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/byte_range.h"
#include "base/file_descriptor.h"
#include "tests/support/subprocess.h"

namespace cosfuse::testing {
namespace {

bool WriteAt(const FileDescriptor& fd, const std::string& bytes, size_t offset) {
  return pwrite(fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)) == static_cast<ssize_t>(bytes.size());
}

bool Close(FileDescriptor& fd) { return close(fd.Release()) == 0; }

FileDescriptor Open(const std::string& path, int flags) {
  return FileDescriptor(open(path.c_str(), flags | O_CLOEXEC, 0644));
}

}  // namespace

BucketBytes ReadBucket(const EmulatorProcess& emulator) {
  constexpr std::string_view kSibling = ".conflict";
  BucketBytes bytes;
  for (const std::string& key : emulator.Keys()) {
    const size_t sibling = key.find(kSibling);
    const std::string name = sibling == std::string::npos ? key : key.substr(0, sibling + kSibling.size());
    bytes[bytes.contains(name) ? key : name] = emulator.FetchObject(key).body;
  }
  return bytes;
}

void CrashProgram::Step(const std::string& name, const std::function<bool()>& call, const BucketBytes& after,
                        const std::vector<BucketBytes>& between) {
  if (!finished()) return;
  if (call()) {
    present_ = after;
    possible_ = {after};
  } else {
    failed_ = name + ": errno " + std::to_string(errno);
    possible_ = between;
    possible_.push_back(present_);
    possible_.push_back(after);
  }
}

void CrashProgram::Write(const std::string& name, const std::string& content, int flags) {
  BucketBytes after = present_;
  after[name] = (flags & O_APPEND) != 0 ? after[name] + content : content;
  const auto call = [&] {
    FileDescriptor fd = Open(Path(name), O_WRONLY | flags);
    return fd.valid() && WriteAt(fd, content, 0) && Close(fd);
  };
  Step("write " + name, call, after);
}

void CrashProgram::WriteSynced(const std::string& name, const std::string& content) {
  BucketBytes after = present_;
  after[name] = content;
  FileDescriptor fd;
  const auto call = [&] {
    fd = Open(Path(name), O_WRONLY | O_CREAT | O_TRUNC);
    return fd.valid() && WriteAt(fd, content, 0) && fsync(fd.get()) == 0;
  };
  Step("fsync " + name, call, after);
  Step("close " + name, [&] { return Close(fd); }, after);
}

void CrashProgram::Edit(const std::string& name, size_t offset, const std::string& bytes) {
  BucketBytes after = present_;
  after[name].resize(std::max(after[name].size(), offset + bytes.size()));
  after[name].replace(offset, bytes.size(), bytes);
  const auto call = [&] {
    FileDescriptor fd = Open(Path(name), O_WRONLY);
    return fd.valid() && WriteAt(fd, bytes, offset) && Close(fd);
  };
  Step("edit " + name, call, after);
}

void CrashProgram::Truncate(const std::string& name, size_t size) {
  BucketBytes after = present_;
  after[name].resize(size);
  const auto call = [&] {
    FileDescriptor fd = Open(Path(name), O_WRONLY);
    return fd.valid() && ftruncate(fd.get(), static_cast<off_t>(size)) == 0 && Close(fd);
  };
  Step("truncate " + name, call, after);
}

void CrashProgram::WriteCutAndPunch(const std::string& name, const std::string& content) {
  const size_t block = 4 * kKiB;
  BucketBytes after = present_;
  after[name] = content.substr(0, content.size() / 2);
  after[name].replace(block, block, block, '\0');
  const auto call = [&] {
    FileDescriptor fd = Open(Path(name), O_WRONLY | O_CREAT);
    return fd.valid() && WriteAt(fd, content, 0) && ftruncate(fd.get(), static_cast<off_t>(content.size() / 2)) == 0 &&
           fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, block, block) == 0 && Close(fd);
  };
  Step("cut " + name, call, after);
}

void CrashProgram::MakeDirectory(const std::string& name) {
  BucketBytes after = present_;
  after[name + "/"] = "";
  Step("mkdir " + name, [&] { return mkdir(Path(name).c_str(), 0755) == 0; }, after);
}

void CrashProgram::Unlink(const std::string& name) {
  BucketBytes after = present_;
  after.erase(name);
  Step("unlink " + name, [&] { return unlink(Path(name).c_str()) == 0; }, after);
}

void CrashProgram::RenameFile(const std::string& from, const std::string& to) {
  BucketBytes both = present_;
  both[to] = both[from];
  BucketBytes after = both;
  after.erase(from);
  Step("rename " + from, [&] { return rename(Path(from).c_str(), Path(to).c_str()) == 0; }, after, {both});
}

void CrashProgram::RenameDirectory(const std::string& from, const std::string& to) {
  BucketBytes after;
  for (const auto& [key, bytes] : present_) {
    after[key.starts_with(from + "/") ? to + key.substr(from.size()) : key] = bytes;
  }
  Step("rename " + from, [&] { return rename(Path(from).c_str(), Path(to).c_str()) == 0; }, after);
}

void CrashProgram::MeetAnotherWriter(const std::string& name) {
  FileDescriptor fd;
  const auto begin = [&] {
    fd = Open(Path(name), O_WRONLY);
    return fd.valid() && WriteAt(fd, "ours, whole", 0);
  };
  Step("open " + name, begin, present_);
  if (!finished()) return;
  emulator_.PutObject(name, "another program's");
  present_[name] = "another program's";
  BucketBytes after = present_;
  after[name + ".conflict"] = "ours, whole";
  // ESTALE says that the bytes are kept beside it; 0 that they will be.
  Step("close " + name, [&] { return Close(fd) || errno == ESTALE; }, after);
}

void CrashProgram::Run() {
  const std::string large = PatternBytes(11 * kMiB, 1);
  MakeDirectory("d");
  Write("d/small", "small");
  Write("d/larger", PatternBytes(70 * kKiB, 2));
  WriteSynced("synced", "synced");
  Write("synced", " and appended", O_APPEND);
  Write("f", PatternBytes(100 * kKiB, 3));
  Write("f", "overwritten");
  WriteCutAndPunch("cut", PatternBytes(120 * kKiB, 4));
  WriteSynced("met", "as it was");
  MeetAnotherWriter("met");
  Write("temporary", "renamed to its final name");
  RenameFile("temporary", "f");
  Write("short-lived", "short-lived");
  Unlink("short-lived");
  Unlink("synced");
  Write("synced", "another one of that name");
  Write("large", large);
  Edit("large", 6 * kMiB, "edited");
  Truncate("d/larger", 5000);
  RenameDirectory("d", "e");
  WriteSynced("stored", "stored");
  RenameFile("stored", "moved");
  Write("empty", "");
  MakeDirectory("left");
  RenameFile("e/small", "left/small");
}

void CrashProgram::FillJournal() {
  // 64 KiB is the most that goes into the journal itself, 4 MiB the least of a journal that is worth writing anew.
  for (int i = 0; i < 70; ++i) Write("hot", PatternBytes(64 * kKiB, i));
}

}  // namespace cosfuse::testing
