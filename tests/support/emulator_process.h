#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/curl_transport.h"
#include "tests/support/subprocess.h"

namespace cosfuse::testing {

/// An answer of the emulator to a request that a test makes past any mount.
struct RawAnswer {
  int status = 0;
  std::string body;
  HttpHeaders headers;
};

/// A running cosfuse-emulator with its own directory: IAM, COS and kubelet (docs/EMULATOR.md). Aborts the test process
/// when it cannot be started. Ends with the object.
class EmulatorProcess {
 public:
  explicit EmulatorProcess(const std::vector<std::string>& arguments = {});
  ~EmulatorProcess();

  const std::string& endpoint() const { return endpoint_; }
  const std::string& bucket() const { return bucket_; }
  const std::string& profile_id() const { return profile_id_; }
  const std::string& token_file() const { return token_file_; }
  const std::string& ca_file() const { return ca_file_; }

  /// The environment that a pod of the walk-through has.
  std::map<std::string, std::string> PodEnvironment() const;

  /// A call of the control interface: POST (or GET) /_emulator/`what`; aborts unless it succeeds.
  std::string Post(const std::string& what) const;
  std::string Get(const std::string& what) const;

  /// Requests since the last reset, by operation; "TokenExchange" is IAM's.
  std::map<std::string, uint64_t> RequestCounts() const;
  uint64_t RequestCount(const std::string& operation) const;
  void ResetCounters() const { Post("counters/reset"); }

  /// The calls below go on asking where an answer is lost or is a 500 or 503: for a test that has told the emulator to
  /// fail requests at random.
  void Insist() { insists_ = true; }

  /// The object's bytes, read past the mount as another COS client does; a status other than 200 gives an empty body.
  RawAnswer FetchObject(const std::string& key) const;
  RawAnswer PutObject(const std::string& key, const std::string& body,
                      const std::map<std::string, std::string>& headers = {}) const;
  RawAnswer DeleteObject(const std::string& key) const;
  /// All keys of the bucket, in order.
  std::vector<std::string> Keys() const;
  /// By key what the emulator says of the object, as one text to compare: ETag, size, type, metadata, tags.
  std::map<std::string, std::string> Objects() const;

 private:
  /// Of an object's bytes.
  RawAnswer SendAuthorised(HttpMethod method, const std::string& key, const std::string& body,
                           const std::map<std::string, std::string>& headers) const;
  /// Status 0: the answer was lost.
  RawAnswer Send(HttpMethod method, const std::string& url, const std::string& body,
                 const std::map<std::string, std::string>& headers, bool authorised) const;

  TemporaryDirectory directory_;
  std::unique_ptr<Subprocess> process_;
  SystemClock clock_;
  std::unique_ptr<Transport> transport_;
  Secret bearer_;
  std::string endpoint_;
  std::string bucket_;
  std::string profile_id_;
  std::string token_file_;
  std::string ca_file_;
  bool insists_ = false;
};

}  // namespace cosfuse::testing
