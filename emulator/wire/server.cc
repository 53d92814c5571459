#include "emulator/wire/server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "emulator/wire/reply_sender.h"

namespace cosfuse::emulator {
namespace {

/// Half of it is the piece in which uploads arrive; all of it is cleared between two requests of a connection.
constexpr size_t kConnectionMemory = 128 * kKiB;
/// Threads for each processor: a connection stays with its thread, and of a few busy ones two share a thread less
/// often.
constexpr int kThreadsPerProcessor = 2;
constexpr unsigned kMaxConnections = 16384;
constexpr Duration kShortestWait = std::chrono::milliseconds(2);

/// What libmicrohttpd keeps for us between its calls for one request.
struct RequestState {
  std::string target;
  std::unique_ptr<Exchange> exchange;
  bool expects_continue = false;
  bool swallowed = false;  ///< It was answered with silence.
  MonotonicTime passed{};  ///< When the body's last piece has passed the wire.
};

Headers CollectHeaders(MHD_Connection* connection) {
  Headers headers;
  const auto add = [](void* context, MHD_ValueKind /*kind*/, const char* name, size_t name_size, const char* value,
                      size_t value_size) {
    if (value == nullptr) return MHD_YES;
    static_cast<Headers*>(context)->Add({name, name_size}, TrimWhitespace({value, value_size}));
    return MHD_YES;
  };
  MHD_get_connection_values_n(connection, MHD_HEADER_KIND, add, &headers);
  return headers;
}

bool IsLoopback(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (info == nullptr || info->client_addr->sa_family != AF_INET) return false;
  constexpr uint32_t kLoopbackNet = 127;
  const auto* address = reinterpret_cast<const sockaddr_in*>(info->client_addr);
  return ntohl(address->sin_addr.s_addr) >> 24 == kLoopbackNet;
}

/// Makes the close that follows a reset instead of an orderly end.
MHD_Result Reset(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (info != nullptr) {
    const linger abort_at_close{.l_onoff = 1, .l_linger = 0};
    setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &abort_at_close, sizeof(abort_at_close));
  }
  return MHD_NO;
}

}  // namespace

/// The functions that libmicrohttpd calls, in its threads.
struct ServerCallbacks {
  /// The request line has come: the only place that shows the target before it is decoded.
  static void* OnTarget(void* /*context*/, const char* target, MHD_Connection* /*connection*/) {
    auto state = std::make_unique<RequestState>();
    state->target = target;
    return state.release();
  }

  static void OnCompleted(void* /*context*/, MHD_Connection* /*connection*/, void** state,
                          MHD_RequestTerminationCode /*how*/) {
    delete static_cast<RequestState*>(std::exchange(*state, nullptr));
  }

  static MHD_Result OnRequest(void* context, MHD_Connection* connection, const char* /*url*/, const char* method,
                              const char* /*version*/, const char* data, size_t* size, void** opaque) {
    Server& server = *static_cast<Server*>(context);
    RequestState& state = *static_cast<RequestState*>(*opaque);
    if (state.exchange == nullptr) return OnHead(server, connection, method, state);
    if (state.swallowed) return Reset(connection);
    if (*size > 0) {
      const size_t piece = std::exchange(*size, 0);
      return OnBodyPiece(server, connection, std::as_bytes(std::span(data, piece)), state);
    }
    return OnComplete(server, connection, state);
  }

  static MHD_Result OnHead(Server& server, MHD_Connection* connection, const char* method, RequestState& state) {
    RequestHead head{method, std::move(state.target), CollectHeaders(connection), IsLoopback(connection)};
    state.expects_continue = ToLowerAscii(head.headers.Get("expect")) == "100-continue";
    state.exchange = server.handler_.Begin(std::move(head));
    if (!state.expects_continue || !state.exchange->refused()) return MHD_YES;
    if (state.exchange->Admit(server.clock_.Now()).verdict != Admission::Verdict::kAnswer) return MHD_YES;
    return Answer(server, connection, state);
  }

  static MHD_Result OnBodyPiece(Server& server, MHD_Connection* connection, std::span<const std::byte> piece,
                                RequestState& state) {
    state.exchange->Consume(piece);
    if (!state.exchange->paced() || !server.pacer_.active()) return MHD_YES;
    const MonotonicTime now = server.clock_.Now();
    state.passed = server.pacer_.Book(now, piece.size(), state.passed);
    if (state.passed <= now + kShortestWait) return MHD_YES;
    return server.parking_.ParkUntil(connection, state.passed) ? MHD_YES : MHD_NO;
  }

  static MHD_Result OnComplete(Server& server, MHD_Connection* connection, RequestState& state) {
    while (!server.parking_.stopping()) {
      const uint64_t epoch = server.parking_.epoch();
      const Admission admission = state.exchange->Admit(server.clock_.Now());
      switch (admission.verdict) {
        case Admission::Verdict::kAnswer: return Answer(server, connection, state);
        case Admission::Verdict::kDelay:
          return server.parking_.ParkUntil(connection, admission.until) ? MHD_YES : MHD_NO;
        case Admission::Verdict::kHold:
          if (server.parking_.Hold(connection, epoch)) return MHD_YES;
          break;
        case Admission::Verdict::kDrop: return Reset(connection);
      }
    }
    return MHD_NO;
  }

  static MHD_Result Answer(Server& server, MHD_Connection* connection, RequestState& state) {
    const uint64_t epoch = server.parking_.epoch();
    const Reply reply = state.exchange->Finish();
    switch (reply.delivery) {
      case Reply::Delivery::kSend: break;
      case Reply::Delivery::kReset: return Reset(connection);
      case Reply::Delivery::kSwallow:
        state.swallowed = true;
        return server.parking_.Hold(connection, epoch) ? MHD_YES : Reset(connection);
    }
    const bool paced = state.exchange->paced() && server.pacer_.active();
    const Wire wire{paced ? &server.pacer_ : nullptr, server.parking_, server.clock_, epoch};
    return SendReply(connection, reply, wire) ? MHD_YES : MHD_NO;
  }
};

namespace {

std::unexpected<Error> CannotListen(const Server::Options& options) {
  return Fail(ErrorCode::kUnavailable, "cannot listen on " + options.address + ":" + std::to_string(options.port));
}

/// A socket that listens at the address, and the port that it got.
Result<std::pair<FileDescriptor, uint16_t>> OpenListener(const Server::Options& options) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  if (inet_pton(AF_INET, options.address.c_str(), &address.sin_addr) != 1) {
    return Fail(ErrorCode::kInvalidArgument, "\"" + options.address + "\" is not an IPv4 address");
  }
  FileDescriptor listening(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listening.valid()) return CannotListen(options);
  const int on = 1;
  setsockopt(listening.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  socklen_t size = sizeof(address);
  if (bind(listening.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      listen(listening.get(), SOMAXCONN) != 0 ||
      getsockname(listening.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return CannotListen(options);
  }
  return std::pair(std::move(listening), ntohs(address.sin_port));
}

/// A listening socket that nobody can find (unix(7), "Autobind"): libmicrohttpd wants one for its threads. Which of
/// them wins a connection that they accept by themselves is chance; one that is handed over goes by the number of its
/// socket, so that connections that are opened together are spread evenly.
FileDescriptor OpenHiddenListener() {
  FileDescriptor listening(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr unnamed{.sa_family = AF_UNIX, .sa_data = {}};
  if (!listening.valid() || bind(listening.get(), &unnamed, sizeof(unnamed.sa_family)) != 0 ||
      listen(listening.get(), 1) != 0) {
    return {};
  }
  return listening;
}

}  // namespace

Result<> Server::Listen(const Options& options) {
  ASSIGN_OR_RETURN(auto opened, OpenListener(options));
  auto [listening, port] = std::move(opened);
  port_ = port;
  const unsigned threads =
      options.threads != 0 ? options.threads : static_cast<unsigned>(kThreadsPerProcessor * std::max(get_nprocs(), 2));
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
  FileDescriptor own = OpenHiddenListener();
  if (!own.valid()) return CannotListen(options);
  std::vector<MHD_OptionItem> items = {
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory, nullptr},
      {MHD_OPTION_CONNECTION_LIMIT, kMaxConnections, nullptr},
      {MHD_OPTION_LISTEN_SOCKET, own.get(), nullptr},
      {MHD_OPTION_URI_LOG_CALLBACK, reinterpret_cast<intptr_t>(&ServerCallbacks::OnTarget), this},
      {MHD_OPTION_NOTIFY_COMPLETED, reinterpret_cast<intptr_t>(&ServerCallbacks::OnCompleted), this},
  };
  if (threads > 1) items.push_back({MHD_OPTION_THREAD_POOL_SIZE, static_cast<intptr_t>(threads), nullptr});
  if (options.tls) {
    flags |= MHD_USE_TLS;
    items.push_back({MHD_OPTION_HTTPS_MEM_KEY, 0, const_cast<char*>(options.tls->key_pem.c_str())});
    items.push_back({MHD_OPTION_HTTPS_MEM_CERT, 0, const_cast<char*>(options.tls->certificate_pem.c_str())});
    // As COS: plain TLS 1.2 and newer.
    items.push_back({MHD_OPTION_HTTPS_PRIORITIES, 0, const_cast<char*>("NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.3")});
  }
  items.push_back({MHD_OPTION_END, 0, nullptr});
  daemon_ = MHD_start_daemon(flags, 0, nullptr, nullptr, &ServerCallbacks::OnRequest, this, MHD_OPTION_ARRAY,
                             items.data(), MHD_OPTION_END);
  if (daemon_ == nullptr) return CannotListen(options);
  own.Release();  // libmicrohttpd closes it.
  return StartAcceptor(std::move(listening), options.handshake_delay);
}

Result<> Server::StartAcceptor(FileDescriptor listening, const Acceptor::Delay& delay) {
  const auto hand_over = [this](FileDescriptor connection) {
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    if (getpeername(connection.get(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) return;  // Gone already.
    MHD_add_connection(daemon_, connection.Release(), reinterpret_cast<const sockaddr*>(&peer), size);
  };
  ASSIGN_OR_RETURN(acceptor_, Acceptor::Start(std::move(listening), delay, clock_, hand_over));
  return {};
}

Server::~Server() {
  acceptor_.reset();
  // libmicrohttpd refuses to stop while connections are suspended.
  parking_.Stop();
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
}

}  // namespace cosfuse::emulator
