// The table of endpoints and what stands behind it.
#include "server/handlers.h"

#include <exception>
#include <span>
#include <string>

#include "server/authzen.h"
#include "server/json.h"
#include "server/log.h"

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

HttpResponse AnswerEvaluation(const HttpRequest& request, Answering& answering) {
  return Decided(Evaluate, request, answering);
}

HttpResponse AnswerEvaluations(const HttpRequest& request, Answering& answering) {
  return Decided(EvaluateBatch, request, answering);
}

HttpResponse StatusOf(const char* status) {
  JsonValue value = JsonValue::Object();
  HttpResponse response;
  response.body = WriteJson(value.Set("status", status));
  return response;
}

HttpResponse AnswerHealth(const HttpRequest&, Answering&) { return StatusOf("ok"); }

HttpResponse AnswerReady(const HttpRequest&, Answering& answering) {
  if (answering.draining) return Problem(503, "stopping", "the server is about to stop");
  if (!answering.session.Refresh().ok()) {
    return Problem(503, "no_policy", "there is no policy to decide by");
  }
  return StatusOf("ready");
}

struct Endpoint {
  std::string_view path;
  bool is_post;  // otherwise GET and HEAD
  HttpResponse (*answer)(const HttpRequest&, Answering&);
};

constexpr Endpoint kEndpoints[] = {
    {"/access/v1/evaluation", true, AnswerEvaluation},
    {"/access/v1/evaluations", true, AnswerEvaluations},
    {"/healthz", false, AnswerHealth},
    {"/readyz", false, AnswerReady},
};

const Endpoint* FindEndpoint(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  for (const Endpoint& endpoint : kEndpoints) {
    if (endpoint.path == path) return &endpoint;
  }
  return nullptr;
}

bool Takes(const Endpoint& endpoint, std::string_view method) {
  return endpoint.is_post ? method == "POST" : method == "GET" || method == "HEAD";
}

HttpResponse Dispatch(const HttpRequest& request, Answering& answering) {
  if (request.target.empty() || request.target.front() != '/') {
    return Problem(400, "bad_target", "the request target must be a path that begins with `/`");
  }
  const Endpoint* endpoint = FindEndpoint(request.target);
  if (endpoint == nullptr) {
    return Problem(404, "no_such_endpoint", "nothing is served at this path");
  }
  if (!Takes(*endpoint, request.method)) {
    const std::string allowed = endpoint->is_post ? "POST" : "GET, HEAD";
    HttpResponse response = Problem(405, "method_not_allowed", "this path takes " + allowed);
    response.fields.emplace_back("Allow", allowed);
    return response;
  }
  return endpoint->answer(request, answering);
}

}  // namespace

bool HasEndpoint(std::string_view method, std::string_view target) {
  const Endpoint* endpoint = FindEndpoint(target);
  return endpoint != nullptr && Takes(*endpoint, method);
}

HttpResponse Answer(const HttpRequest& request, Answering& answering) {
  try {
    return Dispatch(request, answering);
  } catch (const std::exception& fault) {
    // Only the memory running out, or a bug of ours. The request must not take the server along.
    Log(LogLevel::kError, "request_failed", {{"fault", fault.what()}});
    return Problem(500, "internal_error", "the server failed on this request");
  }
}

}  // namespace portvakt::server
