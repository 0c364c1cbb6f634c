// One connection to a server, for one request after the other: plain to this machine, TLS to any.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/result.h"

namespace portvakt::cli {

// For one request and its answer; a matrix of all that a large store holds takes seconds.
inline constexpr unsigned kExchangeSeconds = 60;
// Bytes of one answer: what a person or a pipe can still use.
inline constexpr unsigned kMaxAnswerBytes = 256u << 20;

struct HttpExchange {
  std::string method = "POST";  // without a body: GET
  std::string target;
  std::string body;  // JSON
  std::vector<std::pair<std::string, std::string>> fields;
};
struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

struct HttpAccess {
  // Sent as `Authorization: Bearer ..`; "": nothing.
  std::string credential;
  // A file of certificates (PEM) that vouch for servers; "": those that the system trusts.
  std::string authorities;
};

class HttpClient {
 public:
  // "http://127.0.0.1:8080", of which only loopback addresses are taken, since nothing is
  // encrypted; "https://pdp.example.com" of any server whose certificate holds for that name.
  static engine::Result<std::unique_ptr<HttpClient>> Open(std::string_view url,
                                                          const HttpAccess& access);
  ~HttpClient();

  // Connects when there is no connection. Errors are those of the network.
  engine::Result<HttpAnswer> Exchange(const HttpExchange& exchange);

 private:
  struct State;
  explicit HttpClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace portvakt::cli
