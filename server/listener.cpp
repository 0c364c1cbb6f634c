// Listening, accepting, and pausing when the system has no more descriptors.
#include "server/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "server/limits.h"
#include "server/log.h"

namespace portvakt::server {
namespace {

using engine::Error;

Error Failed(const std::string& what) {
  return {Error::Code::kIo, what + ": " + std::strerror(errno)};
}

socklen_t ToSocketAddress(const ListenAddress& address, sockaddr_storage& storage) {
  std::memset(&storage, 0, sizeof storage);
  if (address.is_v6) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(address.port);
    inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr);
    return sizeof *v6;
  }
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  v4->sin_family = AF_INET;
  v4->sin_port = htons(address.port);
  inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr);
  return sizeof *v4;
}

// The port that the system chose for port 0.
uint16_t BoundPort(int socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return 0;
  return storage.ss_family == AF_INET6 ? ntohs(reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port)
                                       : ntohs(reinterpret_cast<sockaddr_in*>(&storage)->sin_port);
}

Accepted FromPeer(int descriptor, const sockaddr_storage& peer) {
  char text[INET6_ADDRSTRLEN] = "";
  if (peer.ss_family != AF_INET6) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&peer)->sin_addr, text, sizeof text);
    return {descriptor, text, text};
  }
  in6_addr address = reinterpret_cast<const sockaddr_in6*>(&peer)->sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    inet_ntop(AF_INET, address.s6_addr + 12, text, sizeof text);
    return {descriptor, text, text};
  }
  inet_ntop(AF_INET6, &address, text, sizeof text);
  Accepted accepted{descriptor, text, {}};
  std::memset(address.s6_addr + 8, 0, 8);
  inet_ntop(AF_INET6, &address, text, sizeof text);
  accepted.network = std::string(text) + "/64";
  return accepted;
}

bool IsLoopback(const std::string& host, bool& is_v6) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    is_v6 = false;
    return (ntohl(v4.s_addr) >> 24) == 127;
  }
  in6_addr v6{};
  is_v6 = true;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool IsAddress(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

// Errors that concern the one connection only: its peer is gone already.
bool IsOfOneConnection(int error) {
  return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM;
}

}  // namespace

engine::Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const auto invalid = [&](const std::string& reason) {
    return Error{Error::Code::kInvalid, "cannot listen on `" + std::string(text) + "`: " + reason};
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return invalid("write ADDRESS:PORT, as 127.0.0.1:8080");
  std::string host(text.substr(0, colon));
  const std::string_view digits = text.substr(colon + 1);
  ListenAddress address;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size()) {
    return invalid("the port must be a number from 0 to 65535");
  }
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  if (!IsAddress(host) || bracketed != (host.find(':') != std::string::npos)) {
    return invalid("write the address in numbers, as 127.0.0.1:8080 or [::1]:8080");
  }
  address.is_loopback = IsLoopback(host, address.is_v6);
  address.host = std::move(host);
  return address;
}

engine::Result<std::unique_ptr<Listener>> Listener::Open(const ListenAddress& wanted) {
  const int listening =
      socket(wanted.is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listening < 0) return Failed("cannot make a socket");
  const int on = 1;
  // A restart must not wait for the last run's connections to be forgotten.
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_storage storage;
  const socklen_t length = ToSocketAddress(wanted, storage);
  int wake[2];
  if (bind(listening, reinterpret_cast<sockaddr*>(&storage), length) != 0 ||
      listen(listening, SOMAXCONN) != 0 || pipe2(wake, O_CLOEXEC) != 0) {
    const Error error =
        Failed("cannot listen on " + wanted.host + ":" + std::to_string(wanted.port));
    close(listening);
    return error;
  }
  ListenAddress address = wanted;
  address.port = BoundPort(listening);
  return std::unique_ptr<Listener>(new Listener(std::move(address), listening, wake[0], wake[1]));
}

Listener::Listener(ListenAddress address, int listening, int wake_read, int wake_write)
    : address_(std::move(address)),
      listening_(listening),
      wake_read_(wake_read),
      wake_write_(wake_write) {}

Listener::~Listener() {
  Stop();
  if (listening_ >= 0) close(listening_);
  close(wake_read_);
}

std::string Listener::address() const {
  return (address_.is_v6 ? "[" + address_.host + "]" : address_.host) + ":" +
         std::to_string(address_.port);
}

void Listener::Run(std::function<void(Accepted)> take) {
  take_ = std::move(take);
  thread_ = std::thread([this] {
    pollfd watched[] = {{wake_read_, POLLIN, 0}, {listening_, POLLIN, 0}};
    while (true) {
      if (poll(watched, 2, -1) < 0) {
        if (errno == EINTR) continue;
        break;
      }
      AcceptAll();
      if (watched[0].revents != 0) break;
    }
    close(std::exchange(listening_, -1));
  });
}

void Listener::AcceptAll() {
  // At most a full queue, so that a flood cannot keep Stop waiting.
  for (int turn = 0; turn < SOMAXCONN; ++turn) {
    sockaddr_storage peer{};
    socklen_t length = sizeof peer;
    const int accepted = accept4(listening_, reinterpret_cast<sockaddr*>(&peer), &length,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      const int on = 1;
      setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      is_pausing_ = false;
      take_(FromPeer(accepted, peer));
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    if (IsOfOneConnection(errno)) continue;
    if (!std::exchange(is_pausing_, true)) {
      Log(LogLevel::kWarning, "accept_failed", {{"reason", std::strerror(errno)}});
    }
    pollfd wake = {wake_read_, POLLIN, 0};
    poll(&wake, 1, static_cast<int>(kAcceptPauseMs));
    return;
  }
}

void Listener::Stop() {
  if (wake_write_ >= 0) close(std::exchange(wake_write_, -1));
  if (thread_.joinable()) thread_.join();
}

}  // namespace portvakt::server
