// Answers that are not decisions, and looking up fields.
#include "server/message.h"

#include <algorithm>

#include "server/json.h"

namespace portvakt::server {
namespace {

constexpr char Lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

}  // namespace

bool EqualIgnoringCase(std::string_view left, std::string_view right) {
  // Nearly all write well-known names alike.
  if (left == right) return true;
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char one, char other) { return Lower(one) == Lower(other); });
}

const std::string_view* HttpRequest::Field(std::string_view name) const {
  for (const auto& field : fields) {
    if (EqualIgnoringCase(field.first, name)) return &field.second;
  }
  return nullptr;
}

std::string_view StatusText(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 201: return "Created";
    case 202: return "Accepted";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

HttpResponse Problem(int status, std::string_view code, std::string_view detail) {
  return Problem(status, code, detail, JsonValue::Object());
}

HttpResponse Problem(int status, std::string_view code, std::string_view detail,
                     const JsonValue& members) {
  JsonValue problem = JsonValue::Object();
  problem.Set("type", "urn:portvakt:problem:" + std::string(code));
  problem.Set("title", StatusText(status)).Set("status", status);
  problem.Set("detail", detail).Set("code", code);
  for (const auto& [name, value] : members.members()) problem.Set(name, value);
  HttpResponse response;
  response.status = status;
  response.content_type = HttpResponse::kProblem;
  response.body = WriteJson(problem);
  return response;
}

}  // namespace portvakt::server
