// The decision interface: OpenID AuthZEN Authorization API 1.0, single and batch evaluation, as
// functions from a request to an answer. Sockets, sessions and stores are elsewhere.
//
//   single: {subject, action, resource, context?} -> {"decision": ..}
//   batch:  the same as defaults, and {evaluations: [..], options?} -> {"evaluations": [..]}
//
// A deny is 200. 400 is for requests that cannot be understood; in a batch, an item that cannot be
// is denied with an error in its context. The same request against the same revision gets the same
// bytes. Members that we do not know are ignored, at every level.
#pragma once

#include "engine/decision.h"
#include "server/message.h"

namespace portvakt::server {

// Who decides: a session of the engine, or a test.
class Decider {
 public:
  virtual ~Decider() = default;
  virtual engine::Decision Decide(const engine::Request& request) = 0;
  virtual engine::Explanation Explain(const engine::Request& request) = 0;
};

// With the field `Portvakt-Explain: true`, every decision's `context` says why.
HttpResponse Evaluate(const HttpRequest& request, Decider& decider);
HttpResponse EvaluateBatch(const HttpRequest& request, Decider& decider);

}  // namespace portvakt::server
