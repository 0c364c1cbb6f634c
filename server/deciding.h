// How handlers come to decisions: by the newest revision, one revision to a request's end, with
// fields that say which it was; each decision counted, and logged where there is a decision log.
#pragma once

#include <string>

#include "server/authzen.h"
#include "server/reply.h"

namespace portvakt::server {

// Of one request; `answering` outlives it.
class SessionDecider : public Decider {
 public:
  explicit SessionDecider(Answering& answering) : answering_(answering) {}
  engine::Decision Decide(const engine::Request& request) override;
  engine::Explanation Explain(const engine::Request& request) override;

 private:
  void Record(const engine::Request& request, const engine::Decision& decision,
              uint64_t duration_ns);

  Answering& answering_;
};

// Calls `evaluate(Decider&)`; 503 when there is nothing to decide by.
template <class Evaluate>
HttpResponse Decided(Answering& answering, Evaluate evaluate) {
  if (!answering.session.Refresh().ok()) {
    return Problem(
        503, "no_policy",
        "there is no policy to decide by; install one and ask again when /readyz is 200");
  }
  SessionDecider decider(answering);
  HttpResponse response = evaluate(decider);
  response.fields.reserve(response.fields.size() + 2);
  response.fields.emplace_back("Portvakt-Revision", std::to_string(answering.session.revision()));
  response.fields.emplace_back("Portvakt-Policy",
                               std::to_string(answering.session.policy_version()));
  return response;
}

// Around every handler: an answer whose decisions must be logged waits for the log, and is 503 when
// they cannot be.
Reply WhenLogged(Reply reply, Answering& answering);

}  // namespace portvakt::server
