#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "tests/posix/vocabulary.h"

namespace cosfuse::testing {
namespace {

std::string ReadBytes(int fd, size_t count, std::optional<off_t> offset) {
  std::string text(count, '\0');
  const ssize_t got = offset ? pread(fd, text.data(), count, *offset) : read(fd, text.data(), count);
  if (got < 0) return Said(got);
  text.resize(static_cast<size_t>(got));
  std::replace(text.begin(), text.end(), '\0', '.');
  return text.empty() ? "end" : text;
}

/// Writes through a shared mapping of the first page.
std::string WriteMapped(int fd, const std::string& text, size_t offset) {
  constexpr size_t kPage = 4096;
  void* const mapped = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return Said(-1);
  text.copy(static_cast<char*>(mapped) + offset, text.size());
  const int synced = msync(mapped, kPage, MS_SYNC);
  munmap(mapped, kPage);
  return Said(synced);
}

}  // namespace

void AddDescriptorCalls(Vocabulary& words) {
  words["open"] = [](Calls& c, const Arguments& a) { return c.Keep(open(a.Path(0), a.OpenFlags(1), a.Mode(2, 0644))); };
  words["creat"] = [](Calls& c, const Arguments& a) { return c.Keep(creat(a.Path(0), a.Mode(1, 0644))); };
  words["close"] = [](Calls& c, const Arguments&) { return c.CloseLast(); };
  words["read"] = [](Calls& c, const Arguments& a) {
    return ReadBytes(c.fd(), static_cast<size_t>(a.Number(0)), std::nullopt);
  };
  words["pread"] = [](Calls& c, const Arguments& a) {
    return ReadBytes(c.fd(), static_cast<size_t>(a.Number(0)), a.Number(1));
  };
  words["write"] = [](Calls& c, const Arguments& a) {
    return SaidNumber(write(c.fd(), a.Text(0).data(), a.Text(0).size()));
  };
  words["pwrite"] = [](Calls& c, const Arguments& a) {
    return SaidNumber(pwrite(c.fd(), a.Text(0).data(), a.Text(0).size(), a.Number(1)));
  };
  words["map-write"] = [](Calls& c, const Arguments& a) {
    return WriteMapped(c.fd(), a.Text(0), static_cast<size_t>(a.Number(1)));
  };
  words["lseek"] = [](Calls& c, const Arguments& a) {
    static const std::map<std::string, int, std::less<>> kWhence = {
        {"set", SEEK_SET}, {"cur", SEEK_CUR}, {"end", SEEK_END}, {"data", SEEK_DATA}, {"hole", SEEK_HOLE}, {"bad", 77}};
    return SaidNumber(lseek(c.fd(), a.Number(0), kWhence.at(a.Text(1))));
  };
  words["ftruncate"] = [](Calls& c, const Arguments& a) { return Said(ftruncate(c.fd(), a.Number(0))); };
  words["fallocate"] = [](Calls& c, const Arguments& a) {
    return Said(fallocate(c.fd(), 0, a.Number(0), a.Number(1)));
  };
  words["fchmod"] = [](Calls& c, const Arguments& a) { return Said(fchmod(c.fd(), a.Mode(0, 0))); };
  words["fchown"] = [](Calls& c, const Arguments& a) { return Said(fchown(c.fd(), a.Id(0), a.Id(1))); };
  words["futimens"] = [](Calls& c, const Arguments& a) { return Said(futimens(c.fd(), a.Times(0).data())); };
  words["fsync"] = [](Calls& c, const Arguments&) { return Said(fsync(c.fd())); };
  words["fstat"] = [](Calls& c, const Arguments& a) {
    struct stat status{};
    return Show(fstat(c.fd(), &status), status, a, 0);
  };
  words["start"] = [](Calls& c, const Arguments& a) { return c.Start(a.Text(0)); };
}

}  // namespace cosfuse::testing
