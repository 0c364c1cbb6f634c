// Base URLs, and the discovery document made from one.
#include "server/discovery.h"

#include <algorithm>

#include "server/json.h"

namespace portvakt::server {
namespace {

constexpr std::string_view kWellKnown = "/.well-known/authzen-configuration";
// Bytes. Longer ones are no address that people would write.
constexpr size_t kMaxBaseUrlBytes = 2000;
// Clients ask once an hour at most; endpoints hardly ever move.
constexpr std::string_view kCacheControl = "max-age=3600";

bool IsAlphanumeric(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9');
}

// "" when it does not begin as one.
std::string_view SchemeOf(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (url.substr(0, scheme.size()) == scheme) return scheme;
  }
  return {};
}

bool HasHost(std::string_view authority) {
  if (authority.empty() || authority.front() == ':' || authority.back() == ':') return false;
  return std::all_of(authority.begin(), authority.end(), [](char letter) {
    return IsAlphanumeric(letter) || std::string_view("-._:[]").find(letter) != std::string::npos;
  });
}

bool IsOwnMachine(std::string_view authority) {
  for (const std::string_view host : {"127.0.0.1", "localhost", "[::1]"}) {
    if (authority.substr(0, host.size()) != host) continue;
    if (authority.size() == host.size() || authority[host.size()] == ':') return true;
  }
  return false;
}

bool IsPlainPath(std::string_view path) {
  if (path.find("//") != std::string_view::npos) return false;
  return std::all_of(path.begin(), path.end(), [](char letter) {
    return IsAlphanumeric(letter) || std::string_view("-._~/").find(letter) != std::string::npos;
  });
}

std::string_view AfterScheme(std::string_view url) { return url.substr(SchemeOf(url).size()); }

}  // namespace

std::optional<std::string> BaseUrlFault(std::string_view url) {
  if (url.size() > kMaxBaseUrlBytes) {
    return "is longer than " + std::to_string(kMaxBaseUrlBytes) + " bytes";
  }
  if (SchemeOf(url).empty()) return "must begin with `https://`";
  const std::string_view rest = AfterScheme(url);
  const size_t slash = rest.find('/');
  const std::string_view authority = rest.substr(0, slash);
  const std::string_view path =
      slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
  if (url.find_first_of("?#@") != std::string_view::npos) {
    return "must have no user, query or fragment";
  }
  if (!HasHost(authority)) return "names no host";
  if (SchemeOf(url) == "http://" && !IsOwnMachine(authority)) {
    return "must begin with `https://`; `http` is for the own machine alone";
  }
  if (!path.empty() && path.back() == '/') return "must not end with a slash";
  if (!IsPlainPath(path)) {
    return "may have letters, digits, `-`, `.`, `_` and `~` between the slashes of its path";
  }
  return std::nullopt;
}

std::string DerivedBaseUrl(std::string_view address, bool over_tls) {
  const std::string_view host = address.substr(0, address.rfind(':'));
  if (host == "0.0.0.0" || host == "[::]") return "";
  return (over_tls ? "https://" : "http://") + std::string(address);
}

Discovery::Discovery(std::string_view base_url) {
  const std::string_view rest = AfterScheme(base_url);
  if (const size_t slash = rest.find('/'); slash != std::string_view::npos) {
    path_ = rest.substr(slash);
  }
  constexpr std::pair<const char*, const char*> kEndpoints[] = {
      {"access_evaluation_endpoint", "/access/v1/evaluation"},
      {"access_evaluations_endpoint", "/access/v1/evaluations"},
      {"search_subject_endpoint", "/access/v1/search/subject"},
      {"search_resource_endpoint", "/access/v1/search/resource"},
      {"search_action_endpoint", "/access/v1/search/action"},
  };
  JsonValue document = JsonValue::Object();
  document.Set("policy_decision_point", base_url);
  for (const auto& [name, path] : kEndpoints) document.Set(name, std::string(base_url) + path);
  document_ = WriteJson(document);
}

HttpResponse Discover(const HttpRequest& request, const Discovery* discovery) {
  if (discovery == nullptr) {
    return Problem(404, "no_base_url",
                   "the server listens on all addresses and does not know by which one it is "
                   "reached; set `base_url` in its configuration");
  }
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  if (path.substr(kWellKnown.size()) != discovery->path()) {
    return Problem(
        404, "no_such_endpoint",
        "the document of this server is at `" + std::string(kWellKnown) + discovery->path() + "`");
  }
  HttpResponse response;
  response.body = discovery->document();
  response.cache_control = kCacheControl;
  return response;
}

}  // namespace portvakt::server
