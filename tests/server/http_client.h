// A tiny HTTP client for tests, over plain sockets or TLS on them: it sends exactly the bytes it is
// given, and reads what comes back without trusting it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace portvakt::server {

struct TestResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;

  // The value of a field, letter case aside; nullopt when it is missing or there twice.
  std::optional<std::string> Field(std::string_view name) const;
};

// The client's side of TLS. It outlives the connections that use it.
class TestTls {
 public:
  // Believes the authority in this file, and shows its own certificate where there is one.
  explicit TestTls(const std::string& authority_path, const std::string& certificate_path = "",
                   const std::string& key_path = "");
  ~TestTls();
  TestTls(const TestTls&) = delete;
  TestTls& operator=(const TestTls&) = delete;

  ssl_ctx_st* context() const { return context_; }

 private:
  ssl_ctx_st* context_;
};

class TestConnection {
 public:
  // Over TLS when there is one; not connected when its handshake fails. From another address of
  // the machine itself, 127.x.y.z, where one is given.
  explicit TestConnection(uint16_t port, const TestTls* tls = nullptr, const char* from = nullptr);
  ~TestConnection();
  TestConnection(const TestConnection&) = delete;
  TestConnection& operator=(const TestConnection&) = delete;

  bool connected() const { return socket_ >= 0; }
  // False when the other side has gone.
  bool Send(std::string_view bytes);
  // No more will be sent; reading goes on.
  void FinishSending();
  // Closes at once, with a reset and without a word of TLS.
  void Abort();

  // One whole answer. nullopt when the connection ends (or is silent for ten seconds) before it is
  // complete; received() then holds what came.
  std::optional<TestResponse> Read(bool to_head = false);
  // Something has come, or does within the time.
  bool HasInput(int patience_ms);
  // The connection has been closed by the other side, and nothing more has come; over TLS it was
  // closed in words.
  bool AtEnd();
  // TLS, as it was agreed on; null without.
  ssl_st* tls() const { return tls_; }
  const std::string& received() const { return received_; }

 private:
  bool ReadMore();

  int socket_ = -1;
  ssl_st* tls_ = nullptr;
  std::string received_;
};

// A whole request with Host and, when there is a body, its length and type.
std::string RequestText(std::string_view method, std::string_view target,
                        std::string_view body = "", std::string_view more_fields = "");

// One request on a connection of its own.
std::optional<TestResponse> Fetch(uint16_t port, std::string_view method, std::string_view target,
                                  std::string_view body = "", std::string_view more_fields = "",
                                  const TestTls* tls = nullptr);

}  // namespace portvakt::server
