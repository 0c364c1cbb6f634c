// One keep-alive connection of the load generator: HTTP/1.1 with or without TLS, one request at a
// time, never blocking once it is open. Reads only what an answer needs to be told from the next.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace portvakt::benchmarks {

struct Target {
  uint16_t port = 0;              // of 127.0.0.1
  SSL_CTX* tls = nullptr;         // null: without TLS
  uint32_t patience_ms = 10'000;  // to connect and to shake hands
};

class Connection {
 public:
  // Connects and shakes hands, waiting for both. Null when that fails.
  static std::unique_ptr<Connection> Open(const Target& target);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  enum class Progress { kUnderWay, kAnswered, kBroken };
  // The request's bytes must live until it is answered.
  Progress Send(std::string_view request);
  // When the socket can be read or written again.
  Progress Advance();

  int descriptor() const { return socket_; }
  bool wants_to_write() const { return !unsent_.empty(); }
  // Of the last answer, until the next Send.
  int status() const { return status_; }
  std::string_view body() const { return read().substr(head_bytes_); }
  bool closes() const { return closes_; }  // the server said that it was the last

 private:
  explicit Connection(int socket) : socket_(socket) {}
  std::string_view read() const { return {buffer_.data(), read_bytes_}; }
  // Bytes moved; 0: not now; negative: broken.
  long Write(std::string_view bytes);
  long Read(char* into, size_t most);
  bool ReadHead();

  int socket_;
  SSL* tls_ = nullptr;
  std::string_view unsent_;
  std::vector<char> buffer_;
  size_t read_bytes_ = 0;
  size_t head_bytes_ = 0;  // 0: the head is not whole yet
  size_t whole_bytes_ = 0;
  int status_ = 0;
  bool closes_ = false;
};

}  // namespace portvakt::benchmarks
