#include <fcntl.h>
#include <sys/file.h>

#include <map>

#include "tests/posix/vocabulary.h"

namespace cosfuse::testing {
namespace {

/// `TYPE START LENGTH`, TYPE one of r, w, u.
struct flock RangeLock(const Arguments& arguments) {
  static const std::map<std::string, short, std::less<>> kTypes = {{"r", F_RDLCK}, {"w", F_WRLCK}, {"u", F_UNLCK}};
  struct flock lock{};
  lock.l_type = kTypes.at(arguments.Text(0));
  lock.l_whence = SEEK_SET;
  lock.l_start = arguments.Number(1);
  lock.l_len = arguments.Number(2);
  return lock;
}

std::string SetLock(const Calls& calls, int command, const Arguments& arguments) {
  const struct flock lock = RangeLock(arguments);
  return Said(fcntl(calls.fd(), command, &lock));
}

/// Who is in the way: "w:2+3", or "free".
std::string ShowObstacle(const Calls& calls, const Arguments& arguments) {
  struct flock lock = RangeLock(arguments);
  if (fcntl(calls.fd(), F_GETLK, &lock) != 0) return Said(-1);
  if (lock.l_type == F_UNLCK) return "free";
  return (lock.l_type == F_RDLCK ? "r:" : "w:") + std::to_string(lock.l_start) + "+" + std::to_string(lock.l_len);
}

}  // namespace

void AddLockCalls(Vocabulary& words) {
  words["flock"] = [](Calls& c, const Arguments& a) {
    static const std::map<std::string, int, std::less<>> kOperations = {
        {"sh", LOCK_SH | LOCK_NB}, {"ex", LOCK_EX | LOCK_NB}, {"un", LOCK_UN}};
    return Said(flock(c.fd(), kOperations.at(a.Text(0))));
  };
  words["lock"] = [](Calls& c, const Arguments& a) { return SetLock(c, F_SETLK, a); };
  words["ofd-lock"] = [](Calls& c, const Arguments& a) { return SetLock(c, F_OFD_SETLK, a); };
  words["get-lock"] = [](Calls& c, const Arguments& a) { return ShowObstacle(c, a); };
  words["other"] = [](Calls& c, const Arguments& a) { return c.RunInAnother(a.All()); };
}

}  // namespace cosfuse::testing
