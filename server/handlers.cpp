// The table of endpoints and what stands behind it.
#include "server/handlers.h"

#include <exception>
#include <string>

#include "server/authzen.h"
#include "server/authzen_search.h"
#include "server/json.h"
#include "server/log.h"
#include "server/v1.h"

namespace portvakt::server {
namespace {

class SessionDecider : public Decider {
 public:
  explicit SessionDecider(engine::Session& session) : session_(session) {}
  engine::Decision Decide(const engine::Request& request) override {
    return session_.Decide(request);
  }
  engine::Explanation Explain(const engine::Request& request) override {
    return session_.Explain(request);
  }

 private:
  engine::Session& session_;
};

// Each request sees the newest revision, and one revision to its end. The fields say which.
HttpResponse Decided(HttpResponse (*evaluate)(const HttpRequest&, Decider&),
                     const HttpRequest& request, Answering& answering) {
  const engine::Status refreshed = answering.session.Refresh();
  if (!refreshed.ok()) {
    return Problem(
        503, "no_policy",
        "there is no policy to decide by; install one and ask again when /readyz is 200");
  }
  SessionDecider decider(answering.session);
  HttpResponse response = evaluate(request, decider);
  response.fields.emplace_back("Portvakt-Revision", std::to_string(answering.session.revision()));
  response.fields.emplace_back("Portvakt-Policy",
                               std::to_string(answering.session.policy_version()));
  return response;
}

Reply AnswerEvaluation(const HttpRequest& request, Answering& answering) {
  return Decided(Evaluate, request, answering);
}

Reply AnswerEvaluations(const HttpRequest& request, Answering& answering) {
  return Decided(EvaluateBatch, request, answering);
}

HttpResponse StatusOf(const char* status) {
  JsonValue value = JsonValue::Object();
  HttpResponse response;
  response.body = WriteJson(value.Set("status", status));
  return response;
}

Reply AnswerHealth(const HttpRequest&, Answering&) { return StatusOf("ok"); }

Reply AnswerReady(const HttpRequest&, Answering& answering) {
  if (answering.draining) return Problem(503, "stopping", "the server is about to stop");
  if (!answering.session.Refresh().ok()) {
    return Problem(503, "no_policy", "there is no policy to decide by");
  }
  return StatusOf("ready");
}

using Handler = Reply (*)(const HttpRequest&, Answering&);

struct Endpoint {
  std::string_view path;
  Handler get;  // of GET and HEAD; null where they are not taken
  Handler post;
};

constexpr Endpoint kEndpoints[] = {
    {"/access/v1/evaluation", nullptr, AnswerEvaluation},
    {"/access/v1/evaluations", nullptr, AnswerEvaluations},
    {"/access/v1/search/subject", nullptr, AnswerSubjectSearch},
    {"/access/v1/search/resource", nullptr, AnswerResourceSearch},
    {"/access/v1/search/action", nullptr, AnswerActionSearch},
    {"/v1/explain", nullptr, AnswerExplain},
    {"/v1/missing", nullptr, AnswerMissing},
    {"/v1/search", nullptr, AnswerSearch},
    {"/v1/matrix", nullptr, AnswerMatrix},
    {"/v1/entities", nullptr, AnswerEntities},
    {"/v1/facts", nullptr, AnswerFacts},
    {"/v1/history", nullptr, AnswerHistory},
    {"/v1/changes", AnswerChangesSince, AnswerChange},
    {"/v1/onboard", nullptr, AnswerOnboard},
    {"/v1/offboard", nullptr, AnswerOffboard},
    {"/v1/status", AnswerStatus, nullptr},
    {"/v1/policy", AnswerPolicy, nullptr},
    {"/metrics", AnswerMetrics, nullptr},
    {"/healthz", AnswerHealth, nullptr},
    {"/readyz", AnswerReady, nullptr},
};

const Endpoint* FindEndpoint(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  for (const Endpoint& endpoint : kEndpoints) {
    if (endpoint.path == path) return &endpoint;
  }
  return nullptr;
}

// Null pointer when the method is not taken.
Handler HandlerOf(const Endpoint& endpoint, std::string_view method) {
  if (method == "POST") return endpoint.post;
  return method == "GET" || method == "HEAD" ? endpoint.get : nullptr;
}

std::string Allowed(const Endpoint& endpoint) {
  if (endpoint.get == nullptr) return "POST";
  return endpoint.post == nullptr ? "GET, HEAD" : "GET, HEAD, POST";
}

Reply Dispatch(const HttpRequest& request, Answering& answering) {
  if (request.target.empty() || request.target.front() != '/') {
    return Problem(400, "bad_target", "the request target must be a path that begins with `/`");
  }
  const Endpoint* endpoint = FindEndpoint(request.target);
  if (endpoint == nullptr) {
    return Problem(404, "no_such_endpoint", "nothing is served at this path");
  }
  const Handler handler = HandlerOf(*endpoint, request.method);
  if (handler == nullptr) {
    const std::string allowed = Allowed(*endpoint);
    HttpResponse response = Problem(405, "method_not_allowed", "this path takes " + allowed);
    response.fields.emplace_back("Allow", allowed);
    return response;
  }
  return handler(request, answering);
}

}  // namespace

bool HasEndpoint(std::string_view method, std::string_view target) {
  const Endpoint* endpoint = FindEndpoint(target);
  return endpoint != nullptr && HandlerOf(*endpoint, method) != nullptr;
}

Reply Answer(const HttpRequest& request, Answering& answering) {
  try {
    return Dispatch(request, answering);
  } catch (const std::exception& fault) {
    // Only the memory running out, or a bug of ours. The request must not take the server along.
    Log(LogLevel::kError, "request_failed", {{"fault", fault.what()}});
    return Problem(500, "internal_error", "the server failed on this request");
  }
}

}  // namespace portvakt::server
