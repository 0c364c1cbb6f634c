// A client for programs in C++20, in one header: decisions, searches, what is missing, changes.
//
//   portvakt::Client client({.url = "https://portvakt.example.com", .key = key});
//   portvakt::Result<bool> may = client.May({"user", "david"}, "bokforing.verifikation.las",
//                                           {"client", "alfa"});
//   if (!may) return Deny(may.error().detail);   // no answer is no permit
//   if (*may) ..
//
// Needs libcurl 7.85 or later and Boost.JSON. A client belongs to one thread at a time and keeps
// its connection; make one a thread. Nothing throws but for memory. Certificates are always
// verified.
#pragma once

#include <curl/curl.h>

#include <boost/json.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace portvakt {

namespace json = boost::json;

// Why there is no answer.
struct Error {
  int status = 0;      // of HTTP; 0: no answer came at all
  std::string code;    // stable: "no_connection", or the problem's own ("missing_member" ..)
  std::string detail;  // for people
};

template <class T>
class Result {
 public:
  Result(T value) : held_(std::move(value)) {}      // NOLINT
  Result(Error error) : held_(std::move(error)) {}  // NOLINT
  explicit operator bool() const { return held_.index() == 0; }
  const T& operator*() const { return std::get<0>(held_); }
  const T* operator->() const { return &std::get<0>(held_); }
  const Error& error() const { return std::get<1>(held_); }

 private:
  std::variant<T, Error> held_;
};

struct Entity {
  std::string type;
  std::string id;
  json::object properties = {};  // what the policy declares as `from request`
};

struct Evaluation {
  Entity subject;
  std::string action;
  Entity resource;
  json::object context = {};
};

struct Decision {
  bool permit = false;
  // What the policy asks of the caller on a permit: (id, text).
  std::vector<std::pair<std::string, std::string>> obligations = {};
};

class Client {
 public:
  struct Options {
    std::string url;         // "https://host", without a slash at the end
    std::string key = "";    // an API key or a JWT; sent as a bearer
    std::string ca = "";     // a file of certificates to trust instead of the system's
    long timeout_ms = 2000;  // of a whole request
  };

  explicit Client(Options options) : options_(std::move(options)), curl_(curl_easy_init()) {}

  Result<bool> May(Entity subject, std::string action, Entity resource, json::object context = {}) {
    const auto decided =
        Evaluate({std::move(subject), std::move(action), std::move(resource), std::move(context)});
    if (!decided) return decided.error();
    return decided->permit;
  }

  Result<Decision> Evaluate(const Evaluation& evaluation) {
    const auto answer = Post("/access/v1/evaluation", ToJson(evaluation));
    if (!answer) return answer.error();
    return ToDecision(*answer);
  }

  // One decision an evaluation, in their order. At most 1,000.
  Result<std::vector<Decision>> EvaluateAll(const std::vector<Evaluation>& evaluations) {
    std::vector<Decision> decisions;
    if (evaluations.empty()) return decisions;
    json::array items;
    for (const Evaluation& evaluation : evaluations) items.push_back(ToJson(evaluation));
    const auto answer = Post("/access/v1/evaluations", {{"evaluations", std::move(items)}});
    if (!answer) return answer.error();
    const json::value* list = answer->if_contains("evaluations");
    if (list == nullptr || !list->is_array() || list->get_array().size() != evaluations.size()) {
      return Strange();
    }
    for (const json::value& one : list->get_array()) {
      if (!one.is_object()) return Strange();
      auto decision = ToDecision(one.get_object());
      if (!decision) return decision.error();
      decisions.push_back(*decision);
    }
    return decisions;
  }

  // Ids of all entities of `type` for which the action is permitted. Fetches every page.
  Result<std::vector<std::string>> Subjects(std::string type, std::string action, Entity resource) {
    json::object body{{"subject", {{"type", std::move(type)}}},
                      {"action", {{"name", std::move(action)}}},
                      {"resource", ToJson(resource)}};
    return SearchAll("/access/v1/search/subject", std::move(body), "id");
  }
  Result<std::vector<std::string>> Resources(Entity subject, std::string action, std::string type) {
    json::object body{{"subject", ToJson(subject)},
                      {"action", {{"name", std::move(action)}}},
                      {"resource", {{"type", std::move(type)}}}};
    return SearchAll("/access/v1/search/resource", std::move(body), "id");
  }
  // Names of the permissions that the subject has there.
  Result<std::vector<std::string>> Actions(Entity subject, Entity resource) {
    json::object body{{"subject", ToJson(subject)}, {"resource", ToJson(resource)}};
    return SearchAll("/access/v1/search/action", std::move(body), "name");
  }

  // Any endpoint that takes a JSON object and answers with one: "/v1/missing", "/v1/changes" ..
  Result<json::object> Post(const std::string& path, const json::object& body) {
    if (curl_ == nullptr) return Error{0, "no_connection", "libcurl could not be started"};
    const std::string sent = json::serialize(body);
    std::string answer;
    curl_easy_reset(curl_.get());
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> fields(Fields(),
                                                                             curl_slist_free_all);
    const std::string url = options_.url + path;
    Set(CURLOPT_URL, url.c_str());
    Set(CURLOPT_HTTPHEADER, fields.get());
    Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(sent.size()));
    Set(CURLOPT_POSTFIELDS, sent.data());
    Set(CURLOPT_TIMEOUT_MS, options_.timeout_ms);
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    if (!options_.ca.empty()) Set(CURLOPT_CAINFO, options_.ca.c_str());
    Set(CURLOPT_WRITEFUNCTION, &Client::Append);
    Set(CURLOPT_WRITEDATA, &answer);
    const CURLcode code = curl_easy_perform(curl_.get());
    if (code != CURLE_OK) return Error{0, "no_connection", curl_easy_strerror(code)};
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    return ReadAnswer(static_cast<int>(status), answer);
  }

 private:
  // Bytes of an answer that are taken; the server's own pages stay far below.
  static constexpr size_t kMaxAnswerBytes = 64u << 20;

  static size_t Append(const char* data, size_t size, size_t count, void* to) {
    std::string& text = *static_cast<std::string*>(to);
    if (text.size() + size * count > kMaxAnswerBytes) return 0;
    text.append(data, size * count);
    return size * count;
  }

  template <class T>
  void Set(CURLoption option, T value) {
    curl_easy_setopt(curl_.get(), option, value);
  }

  curl_slist* Fields() const {
    curl_slist* fields = curl_slist_append(nullptr, "Content-Type: application/json");
    if (options_.key.empty()) return fields;
    return curl_slist_append(fields, ("Authorization: Bearer " + options_.key).c_str());
  }

  static Error Strange() { return {200, "strange_answer", "the answer is not what was asked for"}; }

  static Result<json::object> ReadAnswer(int status, const std::string& text) {
    boost::system::error_code error;
    json::value value = json::parse(text, error);
    if (error || !value.is_object()) {
      return Error{status, "strange_answer", "the answer is not a JSON object"};
    }
    if (status == 200) return std::move(value.get_object());
    const json::object& problem = value.get_object();
    return Error{status, TextOf(problem, "code"), TextOf(problem, "detail")};
  }

  static std::string TextOf(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
  }

  static json::object ToJson(const Entity& entity) {
    json::object object{{"type", entity.type}, {"id", entity.id}};
    if (!entity.properties.empty()) object["properties"] = entity.properties;
    return object;
  }

  static json::object ToJson(const Evaluation& evaluation) {
    json::object object{{"subject", ToJson(evaluation.subject)},
                        {"action", {{"name", evaluation.action}}},
                        {"resource", ToJson(evaluation.resource)}};
    if (!evaluation.context.empty()) object["context"] = evaluation.context;
    return object;
  }

  static Result<Decision> ToDecision(const json::object& answer) {
    const json::value* decision = answer.if_contains("decision");
    if (decision == nullptr || !decision->is_bool()) return Strange();
    Decision decided{decision->get_bool()};
    const json::value* context = answer.if_contains("context");
    if (context == nullptr || !context->is_object()) return decided;
    const json::value* list = context->get_object().if_contains("obligations");
    if (list == nullptr || !list->is_array()) return decided;
    for (const json::value& one : list->get_array()) {
      if (!one.is_object()) return Strange();
      decided.obligations.emplace_back(TextOf(one.get_object(), "id"),
                                       TextOf(one.get_object(), "text"));
    }
    return decided;
  }

  Result<std::vector<std::string>> SearchAll(const std::string& path, json::object body,
                                             std::string_view member) {
    std::vector<std::string> found;
    while (true) {
      const auto answer = Post(path, body);
      if (!answer) return answer.error();
      const json::value* results = answer->if_contains("results");
      if (results == nullptr || !results->is_array()) return Strange();
      for (const json::value& one : results->get_array()) {
        if (!one.is_object()) return Strange();
        found.push_back(TextOf(one.get_object(), member));
      }
      const json::value* page = answer->if_contains("page");
      const std::string next =
          page != nullptr && page->is_object() ? TextOf(page->get_object(), "next_token") : "";
      if (next.empty()) return found;
      body["page"] = {{"token", next}};
    }
  }

  struct Close {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  };
  Options options_;
  std::unique_ptr<CURL, Close> curl_;
};

}  // namespace portvakt
