#include "http/faulty_transport.h"

#include <charconv>

namespace cosfuse {
namespace {

/// Swallows everything: the answer that gets lost.
class NullSink final : public BodySink {
 public:
  Result<> OnHead(const HttpResponseHead& /*head*/) override { return {}; }
  Result<> OnData(std::span<const std::byte> /*data*/) override { return {}; }
};

/// Passes on half of the announced bytes, then ends the answer.
class TruncatingSink final : public BodySink {
 public:
  explicit TruncatingSink(BodySink& target) : target_(target) {}

  Result<> OnHead(const HttpResponseHead& head) override {
    ByteCount length = 0;
    const std::string_view text = head.headers.Get("Content-Length").value_or("");
    if (std::from_chars(text.data(), text.data() + text.size(), length).ec == std::errc()) left_ = length / 2;
    return target_.OnHead(head);
  }

  Result<> OnData(std::span<const std::byte> data) override {
    const auto passed =
        data.first(static_cast<size_t>(std::min<ByteCount>(left_.value_or(data.size() / 2), data.size())));
    if (!passed.empty()) RETURN_IF_ERROR(target_.OnData(passed));
    if (left_ && passed.size() == data.size()) {
      *left_ -= passed.size();
      return {};
    }
    return Fail(ErrorCode::kCorrupt, "injected: the body ended early");
  }

 private:
  BodySink& target_;
  std::optional<ByteCount> left_;  ///< Nothing: no length was announced, the first piece is cut.
};

}  // namespace

void FaultyTransport::Inject(Fault fault, int count) {
  MutexLock lock(mutex_);
  script_.insert(script_.end(), static_cast<size_t>(count), fault);
}

void FaultyTransport::SetRandomShare(double share) {
  MutexLock lock(mutex_);
  random_share_ = share;
}

Result<HttpResponseHead> FaultyTransport::Send(const OpContext& context, const HttpRequest& request, BodySink& sink) {
  switch (NextFault()) {
    case Fault::kNone: break;
    case Fault::kBeforeSending: return Fail(ErrorCode::kUnavailable, "injected: connection refused");
    case Fault::kAfterAnswer: {
      NullSink lost;
      RETURN_IF_ERROR(target_.Send(context, request, lost));
      return Fail(ErrorCode::kUnavailable, "injected: connection reset before the answer");
    }
    case Fault::kTruncatedBody: {
      TruncatingSink cut(sink);
      RETURN_IF_ERROR(target_.Send(context, request, cut));
      return Fail(ErrorCode::kCorrupt, "injected: the body ended early");
    }
  }
  return target_.Send(context, request, sink);
}

FaultyTransport::Fault FaultyTransport::NextFault() {
  MutexLock lock(mutex_);
  if (!script_.empty()) {
    const Fault fault = script_.front();
    script_.pop_front();
    return fault;
  }
  if (random_ == nullptr || random_->Uniform() >= random_share_) return Fault::kNone;
  constexpr uint64_t kKinds = 3;
  switch (random_->Next() % kKinds) {
    case 0: return Fault::kBeforeSending;
    case 1: return Fault::kAfterAnswer;
    default: return Fault::kTruncatedBody;
  }
}

}  // namespace cosfuse
