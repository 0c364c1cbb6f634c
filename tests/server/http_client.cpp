// Sockets with a patience of ten seconds, and a reader of answers that believes nothing.
#include "tests/server/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>

#include "server/message.h"

namespace portvakt::server {

std::optional<std::string> TestResponse::Field(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [field, value] : fields) {
    if (!EqualIgnoringCase(field, name)) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return found;
}

TestTls::TestTls(const std::string& authority_path, const std::string& certificate_path,
                 const std::string& key_path)
    : context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_load_verify_file(context_, authority_path.c_str());
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  if (certificate_path.empty()) return;
  SSL_CTX_use_certificate_chain_file(context_, certificate_path.c_str());
  SSL_CTX_use_PrivateKey_file(context_, key_path.c_str(), SSL_FILETYPE_PEM);
}

TestTls::~TestTls() { SSL_CTX_free(context_); }

TestConnection::TestConnection(uint16_t port, const TestTls* tls, const char* from)
    : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval patience{10, 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in source{};
  source.sin_family = AF_INET;
  if (from != nullptr && inet_pton(AF_INET, from, &source.sin_addr) == 1) {
    bind(socket_, reinterpret_cast<const sockaddr*>(&source), sizeof source);
  }
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(socket_);
    socket_ = -1;
    return;
  }
  if (tls == nullptr) return;
  tls_ = SSL_new(tls->context());
  SSL_set_fd(tls_, socket_);
  SSL_set1_host(tls_, "localhost");
  ERR_clear_error();
  if (SSL_connect(tls_) == 1) return;
  close(socket_);
  socket_ = -1;
}

TestConnection::~TestConnection() {
  SSL_free(tls_);
  if (socket_ >= 0) close(socket_);
}

void TestConnection::Abort() {
  const linger reset{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  close(socket_);
  socket_ = -1;
}

bool TestConnection::Send(std::string_view bytes) {
  ERR_clear_error();
  while (!bytes.empty()) {
    const ssize_t sent = tls_ != nullptr
                             ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                             : send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void TestConnection::FinishSending() {
  if (tls_ != nullptr) SSL_shutdown(tls_);
  if (tls_ == nullptr) shutdown(socket_, SHUT_WR);
}

bool TestConnection::ReadMore() {
  char bytes[16384];
  ERR_clear_error();
  const ssize_t count =
      tls_ != nullptr ? SSL_read(tls_, bytes, sizeof bytes) : recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  received_.append(bytes, static_cast<size_t>(count));
  return true;
}

bool TestConnection::HasInput(int patience_ms) {
  if (tls_ != nullptr && SSL_has_pending(tls_) == 1) return true;
  pollfd watched{socket_, POLLIN, 0};
  return poll(&watched, 1, patience_ms) > 0;
}

bool TestConnection::AtEnd() {
  while (ReadMore()) {
  }
  if (tls_ != nullptr) {
    return received_.empty() && (SSL_get_shutdown(tls_) & SSL_RECEIVED_SHUTDOWN) != 0;
  }
  char byte;
  return received_.empty() && recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

std::optional<TestResponse> TestConnection::Read(bool to_head) {
  size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!ReadMore()) return std::nullopt;
  }
  TestResponse response;
  const std::string head = received_.substr(0, end + 2);
  if (head.size() < 15 || !head.starts_with("HTTP/1.1 ")) return std::nullopt;
  std::from_chars(head.data() + 9, head.data() + 12, response.status);
  for (size_t begin = head.find("\r\n") + 2; begin < head.size();) {
    const size_t line_end = head.find("\r\n", begin);
    const std::string line = head.substr(begin, line_end - begin);
    const size_t colon = line.find(": ");
    if (colon == std::string::npos) return std::nullopt;
    response.fields.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    begin = line_end + 2;
  }
  // A 100 has neither length nor body.
  size_t length = 0;
  if (const auto text = response.Field("Content-Length"); text && !to_head) {
    length = static_cast<size_t>(std::stoul(*text));
  }
  while (received_.size() < end + 4 + length) {
    if (!ReadMore()) return std::nullopt;
  }
  response.body = received_.substr(end + 4, length);
  received_.erase(0, end + 4 + length);
  return response;
}

std::string RequestText(std::string_view method, std::string_view target, std::string_view body,
                        std::string_view more_fields) {
  std::string text(method);
  text.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(more_fields);
  if (!body.empty()) {
    text +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return text.append("\r\n").append(body);
}

std::optional<TestResponse> Fetch(uint16_t port, std::string_view method, std::string_view target,
                                  std::string_view body, std::string_view more_fields,
                                  const TestTls* tls) {
  TestConnection connection(port, tls);
  if (!connection.connected()) return std::nullopt;
  connection.Send(RequestText(method, target, body, more_fields));
  return connection.Read(method == "HEAD");
}

}  // namespace portvakt::server
