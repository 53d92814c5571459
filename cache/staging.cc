#include "cache/staging.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/crash_point.h"

namespace cosfuse {
namespace {

// Space that writing `fresh` may take at most: whole blocks.
ByteCount MostBlocks(std::span<const ByteRange> fresh) {
  constexpr ByteCount kBlock = 4 * kKiB;
  ByteCount bytes = 0;
  for (const ByteRange range : fresh) {
    bytes += (range.end() + kBlock - 1) / kBlock * kBlock - range.offset / kBlock * kBlock;
  }
  return bytes;
}

}  // namespace

Result<> ResidentBytes::Read(ByteCount offset, std::span<std::byte> out) const {
  if (offset > content_.size() || content_.size() - offset < out.size()) {
    return Fail(ErrorCode::kInternal, "a read beyond a resident body");
  }
  std::memcpy(out.data(), content_.data() + offset, out.size());
  return {};
}

StagingFile::~StagingFile() {
  if (!name_.empty() && !keep_name_) {
    // One that stays is found without anything that refers to it, by the next process.
    CrashPoint("staging.remove", "before");
    static_cast<void>(area_.disk_.RemoveFile(name_));
    CrashPoint("staging.remove", "after");
  }
  MutexLock lock(charge_mutex_);
  area_.Replace(charged_, 0);
}

Result<std::shared_ptr<DiskFile>> StagingFile::Use() const {
  if (file_ != nullptr) return file_;
  ASSIGN_OR_RETURN(auto opened, area_.disk_.OpenFile(name_));
  return std::shared_ptr<DiskFile>(std::move(opened));
}

Result<> StagingFile::Sync() {
  ASSIGN_OR_RETURN(const auto file, Use());
  CrashPoint("staging.sync", "before");
  RETURN_IF_ERROR(file->Sync());
  const size_t slash = name_.rfind('/');
  if (slash != std::string::npos) RETURN_IF_ERROR(area_.disk_.SyncDirectory(name_.substr(0, slash)));
  CrashPoint("staging.sync", "after");
  return {};
}

Result<> StagingFile::Read(ByteCount offset, std::span<std::byte> out) const {
  ASSIGN_OR_RETURN(const auto file, Use());
  ASSIGN_OR_RETURN(const size_t length, file->Read(offset, out));
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(length), out.end(), std::byte{0});
  return {};
}

Result<> StagingFile::Write(ByteCount offset, std::span<const std::byte> data, std::span<const ByteRange> fresh) {
  ASSIGN_OR_RETURN(const auto file, Use());
  const ByteCount most = MostBlocks(fresh);
  while (!area_.TryReserve(most)) {
    if (!area_.reclaim_()) return Fail(ErrorCode::kNoSpace, "the staging budget is used up");
  }
  CrashPoint("staging.write", "before");
  auto written = WriteFresh(*file, offset, data, fresh);
  while (!written && written.error().code() == ErrorCode::kNoSpace && area_.reclaim_()) {
    written = WriteFresh(*file, offset, data, fresh);
  }
  if (!written) {
    for (const ByteRange range : fresh) static_cast<void>(file->PunchHole(range));
    Settle(*file, most);
    return written;
  }
  ByteCount at = offset;
  const auto overwrite = [&](ByteCount to) -> Result<> {
    return to == at ? Result<>() : file->Write(at, data.subspan(at - offset, to - at));
  };
  for (const ByteRange range : fresh) {
    written = overwrite(range.offset);
    if (!written) break;
    at = range.end();
  }
  if (written) written = overwrite(offset + data.size());
  CrashPoint("staging.write", "after");
  Settle(*file, most);
  return written;
}

Result<> StagingFile::WriteFresh(DiskFile& file, ByteCount offset, std::span<const std::byte> data,
                                 std::span<const ByteRange> fresh) {
  for (const ByteRange range : fresh) {
    RETURN_IF_ERROR(file.Write(range.offset, data.subspan(range.offset - offset, range.length)));
  }
  return {};
}

void StagingFile::Cut(ByteCount size) {
  // Space that cannot be given back stays charged; the content does not depend on it.
  const auto file = Use();
  if (!file) return;
  CrashPoint("staging.cut", "before");
  static_cast<void>((*file)->Truncate(size));
  CrashPoint("staging.cut", "after");
  Settle(**file, 0);
}

void StagingFile::Release(ByteRange range) {
  const auto file = Use();
  if (!file) return;
  CrashPoint("staging.release", "before");
  static_cast<void>((*file)->PunchHole(range));
  CrashPoint("staging.release", "after");
  Settle(**file, 0);
}

void StagingFile::Settle(const DiskFile& file, ByteCount reserved) {
  MutexLock lock(charge_mutex_);
  const ByteCount really = file.AllocatedBytes().value_or(charged_ + reserved);
  area_.Replace(charged_ + reserved, really);
  charged_ = really;
}

Result<std::shared_ptr<StagingFile>> StagingArea::Create(const std::string& name) {
  CrashPoint("staging.create", "before");
  ASSIGN_OR_RETURN(auto file, name.empty() ? disk_.CreateUnnamed() : disk_.CreateFile(name));
  CrashPoint("staging.create", "after");
  return std::shared_ptr<StagingFile>(new StagingFile(*this, std::move(file), name));
}

Result<std::shared_ptr<StagingFile>> StagingArea::Open(const std::string& name) {
  ASSIGN_OR_RETURN(const auto opened, disk_.OpenFile(name));
  std::shared_ptr<StagingFile> file(new StagingFile(*this, nullptr, name));
  file->Settle(*opened, 0);
  return file;
}

Result<> StagingArea::CheckRoom(std::span<const ByteRange> ranges) {
  const ByteCount most = MostBlocks(ranges);
  // What can never fit is not worth what files keep.
  if (most > budget_ - std::min(budget_, others_()))
    return Fail(ErrorCode::kNoSpace, "more than the whole staging budget");
  for (;;) {
    ASSIGN_OR_RETURN(const ByteCount free, disk_.FreeBytes());
    if (most <= free && TryReserve(most)) break;
    if (!reclaim_()) return Fail(ErrorCode::kNoSpace, "the staging budget or the disk has no room for that");
  }
  Replace(most, 0);
  return {};
}

ByteCount StagingArea::used() const {
  MutexLock lock(mutex_);
  return used_;
}

bool StagingArea::TryReserve(ByteCount bytes) {
  const ByteCount budget = budget_ - std::min(budget_, others_());
  MutexLock lock(mutex_);
  if (bytes > budget - std::min(budget, used_)) return false;
  used_ += bytes;
  return true;
}

void StagingArea::Replace(ByteCount charged, ByteCount really) {
  MutexLock lock(mutex_);
  used_ = used_ - charged + really;
}

}  // namespace cosfuse
