// Requests and answers as plain values: what handlers see of HTTP. No socket and no library type.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portvakt::server {

class JsonValue;

// Views into the connection's memory; they live as long as the call that gets the request.
struct HttpRequest {
  std::string_view method;
  std::string_view target;  // as sent: `/path?query`
  std::vector<std::pair<std::string_view, std::string_view>> fields;
  std::string_view body;

  // The first field of that name, letter case aside; nullptr when there is none.
  const std::string_view* Field(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  // "" for no body.
  std::string_view content_type = kJson;
  std::string body;
  std::vector<std::pair<std::string_view, std::string>> fields;
  // Most answers are about one caller at one moment.
  std::string_view cache_control = "no-store";

  static constexpr std::string_view kJson = "application/json";
  static constexpr std::string_view kProblem = "application/problem+json";
};

// The words of a status line: "Not Found".
std::string_view StatusText(int status);

// An error as `application/problem+json`: {"type", "title", "status", "detail", "code"}. `code` is
// stable, for programs (docs/http.md lists them); `detail` is for people: what is wrong, where, and
// what to do.
HttpResponse Problem(int status, std::string_view code, std::string_view detail);
// The same with further members after these.
HttpResponse Problem(int status, std::string_view code, std::string_view detail,
                     const JsonValue& members);

// Equal but for the case of ASCII letters.
bool EqualIgnoringCase(std::string_view left, std::string_view right);

}  // namespace portvakt::server
