#include "cli/http_json.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "cli/json_members.h"

namespace portvakt::cli {
namespace {

using server::JsonValue;

engine::Error ProblemOf(const HttpAnswer& answer, const JsonValue& json) {
  using Code = engine::Error::Code;
  constexpr unsigned kUnauthorized = 401;
  const std::string detail = TextIn(json, "detail");
  const Code code = answer.status == 404   ? Code::kNotFound
                    : answer.status == 409 ? Code::kConflict
                                           : Code::kInvalid;
  return {code, "the server says: " +
                    (detail.empty() ? "status " + std::to_string(answer.status) : detail) +
                    (answer.status == kUnauthorized
                         ? "\nset the environment variable PORTVAKT_KEY to a key of that server"
                         : "")};
}

// Of what came of changes, refusals are answers too.
bool SaysWhatCame(const JsonValue& json) {
  return json.Find("outcome") != nullptr || json.Find("result") != nullptr;
}

// Never from flags, which every user of the machine can list.
engine::Result<HttpAccess> AccessFromEnvironment() {
  const auto value = [](const char* name) {
    const char* text = std::getenv(name);
    return std::string(text == nullptr ? "" : text);
  };
  HttpAccess access{value("PORTVAKT_KEY"), value("PORTVAKT_CA")};
  const bool is_visible = std::all_of(access.credential.begin(), access.credential.end(),
                                      [](char letter) { return letter > ' ' && letter < 0x7F; });
  if (is_visible) return access;
  return engine::Error{
      engine::Error::Code::kInvalid,
      "PORTVAKT_KEY has blanks or control characters; it must be a key or a token alone"};
}

}  // namespace

engine::Result<std::unique_ptr<HttpClient>> OpenClient(const std::string& url) {
  const auto access = AccessFromEnvironment();
  if (!access) return access.error();
  return HttpClient::Open(url, access.value());
}

engine::Result<JsonValue> ExchangeJson(HttpClient& client, const HttpExchange& exchange) {
  const auto answer = client.Exchange(exchange);
  if (!answer) return answer.error();
  auto read = server::ReadJson(answer.value().body, {32, kMaxAnswerBytes});
  const bool good = answer.value().status >= 200 && answer.value().status < 300;
  if (read.value && (good || SaysWhatCame(*read.value))) return *std::move(read.value);
  if (!good) return ProblemOf(answer.value(), read.value ? *read.value : JsonValue());
  return engine::Error{engine::Error::Code::kInvalid,
                       "the server's answer is no JSON: " + read.error.message};
}

}  // namespace portvakt::cli
