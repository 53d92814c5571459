// Measures the emulator beside a bare socket loop in one run, interleaved: see bench/emulator.sh.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_range.h"
#include "bench/emulator/load.h"
#include "bench/emulator/socket_loop.h"

namespace {

using namespace cosfuse;         // NOLINT(google-build-using-namespace): the program's own.
using namespace cosfuse::bench;  // NOLINT(google-build-using-namespace): the program's own.

constexpr size_t kLarge = 64 * kMiB;
constexpr size_t kMedium = kMiB;
constexpr size_t kSmall = kKiB;
constexpr unsigned kSmallConnections = 32;
constexpr Duration kTime = std::chrono::milliseconds(700);
constexpr Duration kCappedTime = std::chrono::seconds(3);

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// The same load on both, in turn.
struct Contest {
  std::string name;
  Shape emulator;
  Shape loop;
  unsigned connections;
  bool small;
};

double Measure(const Contest& contest, const Peer& peer, const Shape& shape) {
  return contest.small ? MeasureRequests(peer, shape, contest.connections, kTime)
                       : MeasureThroughput(peer, shape, contest.connections, kTime) / 1e6;
}

void Run(const Contest& contest, const Peer& emulator, const Peer& loop, int rounds) {
  std::vector<double> ours;
  std::vector<double> bare;
  std::vector<double> ratios;
  for (int i = 0; i < rounds; ++i) {
    ours.push_back(Measure(contest, emulator, contest.emulator));
    bare.push_back(Measure(contest, loop, contest.loop));
    ratios.push_back(ours.back() / bare.back());
  }
  std::printf("%-28s %10.0f %10.0f %8.2f   (%.2f to %.2f)\n", contest.name.c_str(), Median(ours), Median(bare),
              Median(ratios), *std::ranges::min_element(ratios), *std::ranges::max_element(ratios));
  std::fflush(stdout);
}

/// How far what passes is from the cap.
void RunCapped(const std::string& name, const Peer& emulator, const Shape& shape, double bytes_per_second, int rounds) {
  const std::string command = "/_emulator/bandwidth?bytes-per-second=";
  Do(emulator, {"POST", command + std::to_string(static_cast<uint64_t>(bytes_per_second)), 0});
  std::vector<double> shares;
  for (int i = 0; i < rounds; ++i) {
    shares.push_back(MeasureThroughput(emulator, shape, 4, kCappedTime) / bytes_per_second);
  }
  Do(emulator, {"POST", command + "0", 0});
  std::printf("%-28s %10.0f %10.0f %8.3f   (%.3f to %.3f)\n", name.c_str(), Median(shares) * bytes_per_second / 1e6,
              bytes_per_second / 1e6, Median(shares), *std::ranges::min_element(shares),
              *std::ranges::max_element(shares));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: emulator_bench PORT TOKEN ROUNDS\n", stderr);
    return 2;
  }
  const Peer emulator{static_cast<uint16_t>(std::atoi(argv[1])), std::string("Bearer ") + argv[2]};
  const Peer loop{StartSocketLoop(), ""};
  const int rounds = std::atoi(argv[3]);
  Do(emulator, {"PUT", "/demo-bucket/large", kLarge});
  Do(emulator, {"PUT", "/demo-bucket/small", kSmall});
  const Shape get_large{"GET", "/demo-bucket/large", 0};
  const Shape put_large{"PUT", "/demo-bucket/upload", kLarge};
  const Shape loop_get{"GET", "/" + std::to_string(kLarge), 0};
  const Shape loop_put{"PUT", "/", kLarge};
  std::printf("%-28s %10s %10s %8s\n", "median of rounds", "emulator", "socket loop", "ratio");
  Run({"GET 64 MiB, 1 stream, MB/s", get_large, loop_get, 1, false}, emulator, loop, rounds);
  Run({"GET 64 MiB, 4 streams, MB/s", get_large, loop_get, 4, false}, emulator, loop, rounds);
  Run({"PUT 64 MiB, 1 stream, MB/s", put_large, loop_put, 1, false}, emulator, loop, rounds);
  Run({"PUT 64 MiB, 4 streams, MB/s", put_large, loop_put, 4, false}, emulator, loop, rounds);
  Run({"GET 1 KiB, requests/s", {"GET", "/demo-bucket/small", 0}, {"GET", "/1024", 0}, kSmallConnections, true},
      emulator, loop, rounds);
  Run({"HEAD, requests/s", {"HEAD", "/demo-bucket/small", 0}, {"GET", "/0", 0}, kSmallConnections, true}, emulator,
      loop, rounds);
  Run({"PUT 1 KiB, requests/s", {"PUT", "/demo-bucket/s", kSmall}, {"PUT", "/", kSmall}, kSmallConnections, true},
      emulator, loop, rounds);
  std::printf("\n%-28s %10s %10s %8s\n", "4 streams under a cap", "MB/s", "cap", "share");
  Do(emulator, {"PUT", "/demo-bucket/medium", kMedium});
  for (const double cap : {50e6, 200e6}) {
    RunCapped("GET 1 MiB", emulator, {"GET", "/demo-bucket/medium", 0}, cap, rounds);
    RunCapped("PUT 1 MiB", emulator, {"PUT", "/demo-bucket/upload", kMedium}, cap, rounds);
  }
  std::fflush(stdout);
  std::_Exit(0);  // The socket loop has no end; leaving main would wait for it.
}
