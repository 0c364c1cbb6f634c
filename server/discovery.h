// The document by which a client of AuthZEN finds the endpoints: where this server is reached, as
// the operator says it. Never taken from a request: a forged `Host` would send clients elsewhere.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/message.h"

namespace portvakt::server {

// What is wrong with a base URL; nothing when it is one: `https://pdp.example.com`, also with a
// port or a path (`https://example.com/tenant1`); no user, query, fragment or slash at the end.
// `http` is for tests on the own machine.
std::optional<std::string> BaseUrlFault(std::string_view url);

// Where clients go that know no better: the address that the server listens on ("127.0.0.1:8080").
// "" for an address that stands for all of the machine's.
std::string DerivedBaseUrl(std::string_view address, bool over_tls);

class Discovery {
 public:
  // A base URL without fault.
  explicit Discovery(std::string_view base_url);

  // After `/.well-known/authzen-configuration`: the path of the base URL, "" for none.
  const std::string& path() const { return path_; }
  const std::string& document() const { return document_; }

 private:
  std::string path_;
  std::string document_;
};

// `discovery` may be null: 404, which says what to configure.
HttpResponse Discover(const HttpRequest& request, const Discovery* discovery);

}  // namespace portvakt::server
