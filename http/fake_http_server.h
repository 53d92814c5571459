#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/file_descriptor.h"
#include "base/mutex.h"
#include "base/thread.h"

namespace cosfuse {

/// A small blocking HTTP/1.1 server on loopback whose answers are raw bytes, so that tests can break every rule. One
/// thread per connection. Thread-safe; the destructor ends all connections.
class FakeHttpServer {
 public:
  struct Request {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  ///< Names in lower case.
    std::string body;
    int connection = 0;  ///< Counts connections from 1.
  };

  /// The server's end of a connection, for the handler that runs on it.
  class Peer {
   public:
    explicit Peer(int fd) : fd_(fd) {}
    /// False once the client is gone.
    bool Send(std::string_view bytes);
    /// Ends the connection by a reset instead of an orderly end.
    void ResetOnClose();
    /// Returns when the client ends the connection, or the server is destroyed.
    void WaitForClose();

   private:
    const int fd_;
  };

  /// Returns whether the connection is kept for another request.
  using Handler = std::function<bool(const Request& request, Peer& peer)>;

  struct Options {
    bool read_body = true;  ///< Before the handler is called.
  };

  explicit FakeHttpServer(Handler handler) : FakeHttpServer(std::move(handler), Options{}) {}
  FakeHttpServer(Handler handler, Options options);
  ~FakeHttpServer();
  FakeHttpServer(const FakeHttpServer&) = delete;
  FakeHttpServer& operator=(const FakeHttpServer&) = delete;

  int port() const { return port_; }
  /// "http://127.0.0.1:PORT" + `target`.
  std::string Url(std::string_view target = "/") const;
  int connections() const { return connections_.load(); }

  /// A whole answer with Content-Length.
  static std::string Answer(int status, std::string_view body, std::string_view extra_headers = {});

 private:
  void AcceptLoop() EXCLUDES(mutex_);
  void Serve(int fd, int number);

  const Handler handler_;
  const Options options_;
  FileDescriptor listener_;
  int port_ = 0;
  std::atomic<int> connections_ = 0;

  Mutex mutex_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::list<FileDescriptor> sockets_ GUARDED_BY(mutex_);  ///< Each closed by the thread that serves it.
  std::list<Thread> workers_ GUARDED_BY(mutex_);

  Thread acceptor_;
};

}  // namespace cosfuse
