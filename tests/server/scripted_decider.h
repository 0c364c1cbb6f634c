// Stands for the engine in tests of the decision interface: permits by the resource's id, records
// what it was asked, and explains with made-up reasons.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/authzen.h"

namespace portvakt::server {

// Permits everything about resources whose id begins with "yes".
class ScriptedDecider : public Decider {
 public:
  engine::Decision Decide(const engine::Request& request) override {
    asked.push_back(request);
    engine::Decision decision;
    decision.permit = request.resource.id.starts_with("yes");
    decision.verdict = engine::From(decision.permit);
    if (request.resource.id == "yes, with duties") {
      decision.obligations = {{"log", "write it down"}, {"tell", ""}};
    }
    return decision;
  }
  engine::Explanation Explain(const engine::Request& request) override {
    engine::Explanation explanation;
    explanation.decision = Decide(request);
    if (explanation.decision.permit) {
      explanation.decided_by = {"work"};
    } else {
      explanation.reasons = {{"not_linked", "norr and alfa are not linked"}, {"no_grant", ""}};
      explanation.notes = {{"dormant", "it sleeps"}};
      engine::RuleReport rule;
      rule.name = "work";
      rule.place = "byra.vakt:10:1";
      rule.codes = {"not_linked"};
      rule.conditions = {{"byra.vakt:12:5", "user.home serves client", engine::Tri::kFalse, "no",
                          "yes", "not_linked"},
                         {"byra.vakt:13:5", "context.login is at least bankid",
                          engine::Tri::kUnknown, "", "at least bankid", ""}};
      explanation.rules = {rule};
      explanation.missing_context = {"login"};
    }
    return explanation;
  }

  std::vector<engine::Request> asked;
};

using Handler = HttpResponse (*)(const HttpRequest&, Decider&);

inline HttpResponse Ask(Handler handler, std::string_view body, Decider& decider,
                        std::string_view content_type = "application/json",
                        std::string_view explain = "") {
  HttpRequest request;
  request.method = "POST";
  request.target = "/";
  if (!content_type.empty()) request.fields.emplace_back("content-type", content_type);
  if (!explain.empty()) request.fields.emplace_back("portvakt-explain", explain);
  request.body = body;
  return handler(request, decider);
}

inline HttpResponse Ask(Handler handler, std::string_view body) {
  ScriptedDecider decider;
  return Ask(handler, body, decider);
}

// A whole request about a resource.
inline std::string About(std::string_view id) {
  return R"({"subject":{"type":"user","id":"ada"},"action":{"name":"read"},)"
         R"("resource":{"type":"doc","id":")" +
         std::string(id) + R"("}})";
}

// A body that is refused.
struct Bad {
  std::string body;
  std::string code;
  std::string detail;  // a part of it
};

}  // namespace portvakt::server
