#include "app/capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "base/disk.h"

namespace cosfuse {
namespace {

constexpr uint64_t Bit(int capability) { return uint64_t{1} << capability; }

constexpr uint64_t kKept = Bit(CAP_DAC_READ_SEARCH) | Bit(CAP_DAC_OVERRIDE) | Bit(CAP_SYS_PTRACE);

using KernelSets = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

uint64_t Join(uint32_t low, uint32_t high) { return uint64_t{high} << 32 | low; }

Result<CapabilitySets> GetCapabilities(__user_cap_header_struct& header) {
  KernelSets sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return Fail(ErrorFromErrno(errno, "reading capabilities"));
  return CapabilitySets{.effective = Join(sets[0].effective, sets[1].effective),
                        .permitted = Join(sets[0].permitted, sets[1].permitted),
                        .inheritable = Join(sets[0].inheritable, sets[1].inheritable)};
}

}  // namespace

CapabilitySets DecideDaemonCapabilities(const CapabilitySets& held) {
  return {.effective = held.effective & kKept, .permitted = held.permitted & kKept, .inheritable = 0};
}

Result<> DropCapabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  ASSIGN_OR_RETURN(const CapabilitySets held, GetCapabilities(header));
  const CapabilitySets kept = DecideDaemonCapabilities(held);
  KernelSets sets{};
  for (size_t word = 0; word < sets.size(); ++word) {
    sets[word].effective = static_cast<uint32_t>(kept.effective >> (32 * word));
    sets[word].permitted = static_cast<uint32_t>(kept.permitted >> (32 * word));
    sets[word].inheritable = static_cast<uint32_t>(kept.inheritable >> (32 * word));
  }
  // Without this an execve of a set-user-id program could bring them back.
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (syscall(SYS_capset, &header, sets.data()) != 0) return Fail(ErrorFromErrno(errno, "giving up capabilities"));
  return {};
}

void ForbidCoreDumps() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace cosfuse
