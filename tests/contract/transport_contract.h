#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>

#include "http/transport.h"

namespace cosfuse::testing {

/// A request as the other side of a Transport sees it.
struct ServedRequest {
  std::string method;
  std::string target;                          ///< Path and query, as they were sent.
  std::map<std::string, std::string> headers;  ///< Names in lower case; the bearer token as `authorization`.
  std::string body;
};

/// What the other side does about it.
struct ServedAnswer {
  enum class Kind {
    kWhole,
    kCut,   ///< The body ends after half of it.
    kNone,  ///< The connection ends without an answer.
  };
  int status = 200;
  std::map<std::string, std::string> headers{};
  std::string body{};
  Kind kind = Kind::kWhole;
};

/// An implementation of Transport under test, and a service at its other end.
class TransportBed {
 public:
  /// Called by many threads at once where many requests are sent at once.
  using Handler = std::function<ServedAnswer(const ServedRequest&)>;

  virtual ~TransportBed() = default;
  virtual Transport& transport() = 0;
  /// Answers all that is sent from now on.
  virtual void Serve(Handler handler) = 0;
  /// Where the service is: scheme, host and port.
  virtual std::string origin() const = 0;
};

struct TransportSubject {
  std::string name;
  std::function<std::unique_ptr<TransportBed>()> make;
  friend std::ostream& operator<<(std::ostream& out, const TransportSubject& subject) { return out << subject.name; }
};

/// What http/transport.h promises, over every implementation.
class TransportContract : public ::testing::TestWithParam<TransportSubject> {
 protected:
  TransportContract() : bed_(GetParam().make()) {}

  Transport& transport() { return bed_->transport(); }
  void Serve(TransportBed::Handler handler) { bed_->Serve(std::move(handler)); }
  HttpRequest Request(HttpMethod method = HttpMethod::kGet, const std::string& target = "/",
                      BodySource* body = nullptr) const;
  /// Sends a GET; the code of its error, or none.
  std::optional<ErrorCode> CodeOfGet(const OpContext& context = {});

 private:
  const std::unique_ptr<TransportBed> bed_;
};

}  // namespace cosfuse::testing
