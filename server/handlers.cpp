// The table of endpoints and what stands behind it.
#include "server/handlers.h"

#include <chrono>
#include <exception>
#include <string>

#include "server/authzen.h"
#include "server/authzen_search.h"
#include "server/deciding.h"
#include "server/gateway.h"
#include "server/json.h"
#include "server/log.h"
#include "server/opa.h"
#include "server/openapi.h"
#include "server/rate_limiter.h"
#include "server/v1.h"

namespace portvakt::server {
namespace {

Reply AnswerEvaluation(const HttpRequest& request, Answering& answering) {
  return Decided(answering, [&](Decider& decider) { return Evaluate(request, decider); });
}

Reply AnswerEvaluations(const HttpRequest& request, Answering& answering) {
  return Decided(answering, [&](Decider& decider) { return EvaluateBatch(request, decider); });
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

Reply AnswerDiscovery(const HttpRequest& request, Answering& answering) {
  return Discover(request, answering.service.discovery.get());
}

using Handler = Reply (*)(const HttpRequest&, Answering&);

struct Method {
  Scope scope = Scope::kOpen;
  Handler handler = nullptr;  // null where the method is not taken
};

struct Endpoint {
  // One that ends with a slash stands for every path below it too.
  std::string_view path;
  Method get;  // also of HEAD
  Method post;
  Method other = {};  // of all that are left
};

constexpr Endpoint kEndpoints[] = {
    {"/access/v1/evaluation", {}, {Scope::kDecide, AnswerEvaluation}},
    {"/access/v1/evaluations", {}, {Scope::kDecide, AnswerEvaluations}},
    {"/access/v1/search/subject", {}, {Scope::kSearch, AnswerSubjectSearch}},
    {"/access/v1/search/resource", {}, {Scope::kSearch, AnswerResourceSearch}},
    {"/access/v1/search/action", {}, {Scope::kSearch, AnswerActionSearch}},
    {"/v1/explain", {}, {Scope::kReview, AnswerExplain}},
    {"/v1/missing", {}, {Scope::kReview, AnswerMissing}},
    {"/v1/search", {}, {Scope::kSearch, AnswerSearch}},
    {"/v1/matrix", {}, {Scope::kSearch, AnswerMatrix}},
    {"/v1/entities", {}, {Scope::kReview, AnswerEntities}},
    {"/v1/facts", {}, {Scope::kReview, AnswerFacts}},
    {"/v1/history", {}, {Scope::kReview, AnswerHistory}},
    {"/v1/changes", {Scope::kReview, AnswerChangesSince}, {Scope::kChange, AnswerChange}},
    {"/v1/onboard", {}, {Scope::kChange, AnswerOnboard}},
    {"/v1/offboard", {}, {Scope::kChange, AnswerOffboard}},
    {"/v1/status", {Scope::kOperate, AnswerStatus}, {}},
    {"/v1/policies", {Scope::kPolicy, AnswerPolicies}, {Scope::kPolicy, AnswerPolicyUpload}},
    {"/v1/policies/", {Scope::kPolicy, AnswerPolicy}, {Scope::kPolicy, AnswerPolicy}},
    {"/metrics", {Scope::kOperate, AnswerMetrics}, {}},
    {"/authz/auth-request", {Scope::kDecide, AnswerAuthRequest}, {}},
    {"/authz/forward-auth",
     {Scope::kDecide, AnswerForwardAuth},
     {Scope::kDecide, AnswerForwardAuth}},
    {"/authz/ext-authz/",
     {Scope::kDecide, AnswerExtAuthz},
     {Scope::kDecide, AnswerExtAuthz},
     {Scope::kDecide, AnswerExtAuthz}},
    {"/v1/data/", {}, {Scope::kDecide, AnswerOpaData}},
    {"/.well-known/authzen-configuration", {Scope::kOpen, AnswerDiscovery}, {}},
    {"/.well-known/authzen-configuration/", {Scope::kOpen, AnswerDiscovery}, {}},
    {"/openapi.json", {Scope::kOpen, AnswerOpenApi}, {}},
    {"/healthz", {Scope::kOpen, AnswerHealth}, {}},
    {"/readyz", {Scope::kOpen, AnswerReady}, {}},
};

const Endpoint* FindEndpoint(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  for (const Endpoint& endpoint : kEndpoints) {
    const bool below =
        endpoint.path.back() == '/' && path.substr(0, endpoint.path.size()) == endpoint.path;
    if (endpoint.path == path || below) return &endpoint;
  }
  return nullptr;
}

const Method* MethodOf(const Endpoint& endpoint, std::string_view name) {
  const Method* method = name == "POST"                    ? &endpoint.post
                         : name == "GET" || name == "HEAD" ? &endpoint.get
                                                           : &endpoint.other;
  return method->handler != nullptr ? method : nullptr;
}

std::string Allowed(const Endpoint& endpoint) {
  if (endpoint.get.handler == nullptr) return "POST";
  return endpoint.post.handler == nullptr ? "GET, HEAD" : "GET, HEAD, POST";
}

// The caller where nobody is told apart.
std::shared_ptr<const Caller> Anonymous(bool trusted) {
  static const auto make = [](bool names_actor) {
    Caller caller{"anonymous", Scopes::All(), names_actor, std::nullopt};
    return std::make_shared<const Caller>(std::move(caller));
  };
  static const auto kTrusted = make(true);
  static const auto kUntrusted = make(false);
  return trusted ? kTrusted : kUntrusted;
}

// A refusal when this caller makes more requests a second than it may.
std::optional<HttpResponse> HoldToRate(const Answering& answering) {
  RateLimiter* const limiter = answering.service.rate_limiter;
  if (limiter == nullptr) return std::nullopt;
  const int64_t now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                             std::chrono::steady_clock::now().time_since_epoch())
                             .count();
  if (limiter->Take(answering.caller->name, now_ns)) return std::nullopt;
  HttpResponse response =
      Problem(429, "too_many_requests", "this caller makes more requests a second than it may");
  response.fields.emplace_back("Retry-After", "1");
  return response;
}

// Finds the caller; a refusal when there is none, or it may not call what needs `scope`.
std::optional<HttpResponse> Admit(const HttpRequest& request, Scope scope, Answering& answering) {
  if (scope == Scope::kOpen) return std::nullopt;
  const Service& service = answering.service;
  if (service.authenticator == nullptr) {
    answering.caller = Anonymous(service.trust_callers);
    return HoldToRate(answering);
  }
  auto found = service.authenticator->Identify(request, answering.peer);
  if (auto* refusal = std::get_if<HttpResponse>(&found)) return std::move(*refusal);
  answering.caller = std::move(std::get<std::shared_ptr<const Caller>>(found));
  if (auto refusal = HoldToRate(answering)) return refusal;
  if (answering.caller->scopes.Has(scope)) return std::nullopt;
  Log(LogLevel::kWarning, "outside_scope",
      {{"caller", answering.caller->name},
       {"endpoint", answering.endpoint},
       {"scope", ScopeName(scope)}});
  return Problem(403, "outside_scope",
                 "this caller has not the scope `" + std::string(ScopeName(scope)) +
                     "`, which this endpoint needs");
}

Reply Dispatch(const HttpRequest& request, Answering& answering) {
  if (request.target.empty() || request.target.front() != '/') {
    return Problem(400, "bad_target", "the request target must be a path that begins with `/`");
  }
  const Endpoint* endpoint = FindEndpoint(request.target);
  if (endpoint == nullptr) {
    return Problem(404, "no_such_endpoint", "nothing is served at this path");
  }
  answering.endpoint = endpoint->path;
  const Method* method = MethodOf(*endpoint, request.method);
  if (method == nullptr) {
    const std::string allowed = Allowed(*endpoint);
    HttpResponse response = Problem(405, "method_not_allowed", "this path takes " + allowed);
    response.fields.emplace_back("Allow", allowed);
    return response;
  }
  if (auto refusal = Admit(request, method->scope, answering)) return *std::move(refusal);
  return method->handler(request, answering);
}

}  // namespace

std::vector<EndpointInfo> ListEndpoints() {
  std::vector<EndpointInfo> all;
  for (const Endpoint& endpoint : kEndpoints) {
    if (endpoint.get.handler != nullptr) all.push_back({"GET", endpoint.path, endpoint.get.scope});
    if (endpoint.post.handler != nullptr) {
      all.push_back({"POST", endpoint.path, endpoint.post.scope});
    }
  }
  return all;
}

bool HasEndpoint(std::string_view method, std::string_view target) {
  const Endpoint* endpoint = FindEndpoint(target);
  return endpoint != nullptr && MethodOf(*endpoint, method) != nullptr;
}

Reply Answer(const HttpRequest& request, Answering& answering) {
  try {
    answering.request = &request;
    return WhenLogged(Dispatch(request, answering), answering);
  } catch (const std::exception& fault) {
    // Only the memory running out, or a bug of ours. The request must not take the server along.
    Log(LogLevel::kError, "request_failed", {{"fault", fault.what()}});
    return Problem(500, "internal_error", "the server failed on this request");
  }
}

}  // namespace portvakt::server
