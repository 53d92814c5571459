#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/thread_pool.h"
#include "tests/fault/client_call.h"
#include "tests/fault/fault_table.h"
#include "tests/support/emulator_process.h"
#include "tests/support/live_store.h"

namespace cosfuse::testing {
namespace {

/// A transfer that is silent for so long is at its end, where the service is made silent.
constexpr Duration kShortStall = std::chrono::seconds(1);

/// The machine's time, in which nobody waits between two tries.
class ImpatientClock final : public Clock {
 public:
  MonotonicTime Now() const override { return clock_.Now(); }
  WallTime WallNow() const override { return clock_.WallNow(); }
  Result<> Sleep(const OpContext& /*context*/, Duration delay) override {
    slept_ += delay.count();
    return {};
  }
  Duration slept() const { return Duration(slept_.load()); }

 private:
  SystemClock clock_;
  std::atomic<Duration::rep> slept_ = 0;
};

/// The emulator of this run, which the first test starts.
class EmulatorOfRun final : public ::testing::Environment {
 public:
  const EmulatorProcess& Get() {
    if (emulator_ == nullptr) {
      emulator_ = std::make_unique<EmulatorProcess>();
      token_ = TrimWhitespace(emulator_->Get("token?role=Writer"));
    }
    return *emulator_;
  }
  std::unique_ptr<LiveStore> Connect(Clock& clock, Duration stall_timeout) {
    const BucketAddress address = {.endpoint = Get().endpoint(), .bucket = Get().bucket()};
    return std::make_unique<LiveStore>(
        address, token_, CurlTransport::Options{.network_threads = 1, .ca_file = {}, .stall_timeout = stall_timeout},
        clock, RetryPolicy{.base = std::chrono::milliseconds(1)});
  }
  void TearDown() override { emulator_.reset(); }

 private:
  std::unique_ptr<EmulatorProcess> emulator_;
  std::string token_;
};

// Owned by GoogleTest.
EmulatorOfRun* const run_emulator = static_cast<EmulatorOfRun*>(::testing::AddGlobalTestEnvironment(new EmulatorOfRun));

/// One cell of the table: a call that meets one kind of fault, with connections of its own.
class Cell {
 public:
  Cell(const FaultRow& row, ClientCall call)
      : row_(row),
        call_(call),
        run_(call, PrefixOf(row, call)),
        store_(run_emulator->Connect(clock_, row.silent ? kShortStall : CurlTransport::Options().stall_timeout)) {}

  ClientCall call() const { return call_; }
  void Prepare(ObjectStore& plain) {
    const auto prepared = run_.Prepare(plain);
    ASSERT_TRUE(prepared.has_value()) << prepared.error().ToString();
  }
  void Inject() const {
    run_emulator->Get().Post("fault?op=" + std::string(ServiceOperationOf(call_)) + "&" + row_.parameters);
  }
  void Call() {
    OpContext context = OpContext().WithPatience(std::chrono::seconds(20));
    const bool may_be_silent = call_ == ClientCall::kCopy || call_ == ClientCall::kCompleteUpload;
    if (row_.deadline && may_be_silent) context = context.WithDeadline(clock_.Now() + kShortStall);
    const auto done = run_.Run(store_->client, context);
    if (!done) error_ = done.error();
  }
  void Judge(ObjectStore& plain, uint64_t requests) const {
    SCOPED_TRACE(row_.name + ", " + std::string(ClientCallName(call_)));
    std::optional<ErrorCode> code;
    if (error_) code = error_->code();
    EXPECT_TRUE(row_.Expected(call_).Allows(code, static_cast<int>(requests)))
        << "expected " << row_.Expected(call_) << ", was " << (error_ ? error_->ToString() : "success") << " after "
        << requests;
    const auto inspected = run_.Inspect(plain, !error_);
    EXPECT_TRUE(inspected.has_value()) << inspected.error().ToString();
    EXPECT_GE(clock_.slept(), row_.slept);
  }

 private:
  static std::string PrefixOf(const FaultRow& row, ClientCall call) {
    return row.name + "/" + std::string(ClientCallName(call)) + "/";
  }

  const FaultRow& row_;
  const ClientCall call_;
  ClientCallRun run_;
  ImpatientClock clock_;
  std::unique_ptr<LiveStore> store_;
  std::optional<Error> error_;
};

/// Calls that can be made side by side: no two of one operation of the service, since the emulator counts by those.
std::vector<std::vector<ClientCall>> Waves(const FaultRow& row) {
  std::vector<std::vector<ClientCall>> waves;
  for (const ClientCall call : kClientCalls) {
    if (!row.Expected(call).tested) continue;
    const auto has_room = [&](const std::vector<ClientCall>& wave) {
      return row.silent && std::ranges::none_of(wave, [&](ClientCall other) {
               return ServiceOperationOf(other) == ServiceOperationOf(call);
             });
    };
    const auto wave = std::ranges::find_if(waves, has_room);
    if (wave == waves.end()) {
      waves.push_back({call});
    } else {
      wave->push_back(call);
    }
  }
  return waves;
}

class FaultMatrix : public ::testing::TestWithParam<FaultRow> {
 protected:
  void RunWave(const std::vector<ClientCall>& calls) {
    std::vector<std::unique_ptr<Cell>> cells;
    for (const ClientCall call : calls) {
      cells.push_back(std::make_unique<Cell>(GetParam(), call));
      cells.back()->Prepare(plain_->client);
    }
    const EmulatorProcess& emulator = run_emulator->Get();
    for (const auto& cell : cells) cell->Inject();
    emulator.ResetCounters();
    {
      ThreadPool pool({.name = "call", .max_threads = cells.size()});
      for (const auto& cell : cells) pool.Post([&cell] { cell->Call(); });
    }
    auto requests = emulator.RequestCounts();
    emulator.Post("fault/clear");
    for (const auto& cell : cells) cell->Judge(plain_->client, requests[std::string(ServiceOperationOf(cell->call()))]);
  }

  ImpatientClock clock_;
  const std::unique_ptr<LiveStore> plain_ = run_emulator->Connect(clock_, CurlTransport::Options().stall_timeout);
};

TEST_P(FaultMatrix, EveryCallEndsAsItHasTo) {
  for (const auto& wave : Waves(GetParam())) RunWave(wave);
}

std::string TestName(const ::testing::TestParamInfo<FaultRow>& row) {
  std::string name;
  for (const char c : row.param.name) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Store, FaultMatrix, ::testing::ValuesIn(FaultRows().begin(), FaultRows().end()), TestName);

// The only call that follows a token; the first page cannot be told from a right one.
TEST(FaultyListing, Pitfall36_AListingThatLeadsBackToItselfEndsWithAnError) {
  ImpatientClock clock;
  const auto store = run_emulator->Connect(clock, CurlTransport::Options().stall_timeout);
  const EmulatorProcess& emulator = run_emulator->Get();
  emulator.Post("fault?op=ListObjectsV2&kind=repeat-token&count=10");
  ListRequest request = {.prefix = "repeated/"};
  const auto first = store->client.List({}, request);
  ASSERT_TRUE(first.has_value()) << first.error().ToString();
  ASSERT_FALSE(first->next_token.empty());
  request.continuation_token = first->next_token;
  const auto second = store->client.List({}, request);
  emulator.Post("fault/clear");
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), ErrorCode::kProtocol);
}

}  // namespace
}  // namespace cosfuse::testing
