// How handlers come to decisions: by the newest revision, one revision to a request's end, and with
// fields that say which it was.
#pragma once

#include <string>

#include "server/authzen.h"
#include "server/reply.h"

namespace portvakt::server {

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

// Calls `evaluate(Decider&)`; 503 when there is nothing to decide by.
template <class Evaluate>
HttpResponse Decided(Answering& answering, Evaluate evaluate) {
  if (!answering.session.Refresh().ok()) {
    return Problem(
        503, "no_policy",
        "there is no policy to decide by; install one and ask again when /readyz is 200");
  }
  SessionDecider decider(answering.session);
  HttpResponse response = evaluate(decider);
  response.fields.emplace_back("Portvakt-Revision", std::to_string(answering.session.revision()));
  response.fields.emplace_back("Portvakt-Policy",
                               std::to_string(answering.session.policy_version()));
  return response;
}

}  // namespace portvakt::server
