#include "benchmarks/http/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace portvakt::benchmarks {
namespace {

constexpr size_t kBufferBytes = 16u << 10;

void SetPatience(int socket, uint32_t milliseconds) {
  timeval time{};
  time.tv_sec = milliseconds / 1000;
  time.tv_usec = static_cast<suseconds_t>(milliseconds % 1000) * 1000;
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

// The value of a field; "" when it is not there. Servers write names in several cases.
std::string_view FieldOf(std::string_view head, std::string_view name) {
  for (size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    const std::string_view line = head.substr(at, head.find("\r\n", at) - at);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    bool same = true;
    for (size_t i = 0; i < name.size(); ++i) same = same && (line[i] | 0x20) == name[i];
    if (!same) continue;
    std::string_view value = line.substr(name.size() + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
  }
  return {};
}

}  // namespace

std::unique_ptr<Connection> Connection::Open(const Target& target) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return nullptr;
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  SetPatience(socket, target.patience_ms);
  std::unique_ptr<Connection> connection(new Connection(socket));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(target.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return nullptr;
  if (target.tls != nullptr) {
    connection->tls_ = SSL_new(target.tls);
    SSL_set_fd(connection->tls_, socket);
    SSL_set_tlsext_host_name(connection->tls_, "localhost");
    if (SSL_connect(connection->tls_) != 1) return nullptr;
  }
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  return connection;
}

Connection::~Connection() {
  if (tls_ != nullptr) SSL_free(tls_);
  ::close(socket_);
}

long Connection::Write(std::string_view bytes) {
  if (tls_ == nullptr) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return sent >= 0 ? sent : errno == EAGAIN ? 0 : -1;
  }
  const int sent = SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()));
  if (sent > 0) return sent;
  const int error = SSL_get_error(tls_, sent);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

long Connection::Read(char* into, size_t most) {
  if (tls_ == nullptr) {
    const ssize_t got = ::recv(socket_, into, most, 0);
    return got > 0 ? got : got < 0 && errno == EAGAIN ? 0 : -1;
  }
  const int got = SSL_read(tls_, into, static_cast<int>(most));
  if (got > 0) return got;
  const int error = SSL_get_error(tls_, got);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

Connection::Progress Connection::Send(std::string_view request) {
  unsent_ = request;
  read_bytes_ = 0;
  head_bytes_ = whole_bytes_ = 0;
  // The answer cannot be there yet: what is left to do begins with waiting.
  const long sent = Write(unsent_);
  if (sent < 0) return Progress::kBroken;
  unsent_.remove_prefix(static_cast<size_t>(sent));
  return Progress::kUnderWay;
}

Connection::Progress Connection::Advance() {
  while (!unsent_.empty()) {
    const long sent = Write(unsent_);
    if (sent < 0) return Progress::kBroken;
    if (sent == 0) return Progress::kUnderWay;
    unsent_.remove_prefix(static_cast<size_t>(sent));
  }
  while (true) {
    if (read_bytes_ == buffer_.size()) buffer_.resize(2 * buffer_.size() + kBufferBytes);
    const long got = Read(buffer_.data() + read_bytes_, buffer_.size() - read_bytes_);
    if (got < 0) return Progress::kBroken;
    if (got == 0) return Progress::kUnderWay;
    read_bytes_ += static_cast<size_t>(got);
    if (head_bytes_ == 0 && !ReadHead()) continue;
    if (read_bytes_ > whole_bytes_ || status_ == 0) return Progress::kBroken;
    if (read_bytes_ == whole_bytes_) return Progress::kAnswered;
  }
}

// False when the head is not whole yet. A head that is none leaves the status 0.
bool Connection::ReadHead() {
  const size_t end = read().find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  const std::string_view head = read().substr(0, end + 2);
  head_bytes_ = end + 4;
  status_ = 0;
  if (head.starts_with("HTTP/1.1 ")) std::from_chars(head.data() + 9, head.data() + 12, status_);
  const std::string_view length = FieldOf(head, "content-length");
  size_t body_bytes = 0;
  std::from_chars(length.data(), length.data() + length.size(), body_bytes);
  whole_bytes_ = head_bytes_ + body_bytes;
  closes_ = FieldOf(head, "connection") == "close";
  return true;
}

}  // namespace portvakt::benchmarks
