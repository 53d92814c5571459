#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/fake_clock.h"
#include "emulator/emulator.h"
#include "emulator/fake_http_client.h"

namespace cosfuse::emulator {

/// One key for all tests of a process: making one takes long.
const RsaKey& TestKey();

/// A directory of the test's own, removed with all its content at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A test over real sockets: an emulator with the buckets `bucket` and `public-bucket`, whose services go by a fake
/// clock, and a client that holds a Writer's token.
class EmulatorTest : public testing::Test {
 protected:
  EmulatorTest();

  /// Starts it anew, with the options as they are now.
  void Restart();

  HttpAnswer Do(std::string_view method, std::string_view target, const HttpClient::HeaderList& headers = {},
                std::string_view body = {}) {
    return client_->Do(method, target, headers, body);
  }
  /// A client on a connection of its own with a token for `roles`; without one for an empty text.
  HttpClient NewClient(const std::string& roles) const;
  /// A request to the control interface.
  HttpAnswer Command(std::string_view method, std::string_view command) const;
  /// How often an operation was asked for.
  uint64_t Requests(Operation operation) const { return emulator_->services().counters.requests(operation); }
  /// Puts an object and returns its quoted ETag.
  std::string Put(std::string_view target, std::string_view body);
  uint16_t port() const { return emulator_->port(); }

  EmulatorOptions options_;
  FakeClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<Emulator> emulator_;
  std::unique_ptr<HttpClient> client_;
};

/// The content of the first element `name`, as it stands in the document; "(none)" where there is none.
std::string XmlText(const std::string& document, const std::string& name);
/// The contents of all elements `name`, joined with commas.
std::string XmlTexts(const std::string& document, const std::string& name);

}  // namespace cosfuse::emulator
