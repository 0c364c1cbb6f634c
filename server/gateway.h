// In front of applications that know nothing of Portvakt: a gateway asks about each request before
// it lets it through, and a table says which permission the request needs.
//
//   /authz/auth-request      nginx `auth_request`: X-Original-Method, X-Original-URI
//   /authz/forward-auth      Traefik, Caddy, APISIX: X-Forwarded-Method, X-Forwarded-Uri
//   /authz/ext-authz/<path>  Envoy: the request's own method, path and query
//
// An endpoint each, so that nobody can say through one what another is told. Answers: 200 with
// `X-Auth-Subject`; 401 when it is not proven who asks; 403 for everything else. Nothing that is
// unclear, missing or not configured is let through.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/result.h"
#include "server/reply.h"
#include "server/routes.h"

namespace portvakt::server {

// Bytes of a subject's id in a field. Ids of people and machines are far shorter.
inline constexpr size_t kMaxSubjectBytes = 256;

// Who asks the application. Without `header` it is the caller's own entity, as its token or key
// says (Caller::actor): the gateway passes the user's `Authorization` on.
struct GatewaySubjectOptions {
  std::string header;  // "X-Auth-User": its value is an id of `type`
  std::string type;
  // Who may say so in `header`. At least one of the two has members; a request must satisfy each
  // that has.
  std::vector<std::string> callers;    // names of callers
  std::vector<std::string> addresses;  // of peers, as numbers
};

struct GatewayOptions {
  GatewaySubjectOptions subject;
  std::vector<RouteOptions> routes;
  // A deny's body tells the policy's reasons, which the user then sees (not through nginx).
  bool tell_reasons = false;
};

// Safe to share; does not change.
class Gateway {
 public:
  // kInvalid says what to mend. Addresses get the form that those of peers have.
  static engine::Status CheckSubject(GatewaySubjectOptions& subject);
  static engine::Result<std::shared_ptr<const Gateway>> Make(const GatewayOptions& options);

  const GatewaySubjectOptions& subject() const { return subject_; }
  const RouteTable& routes() const { return routes_; }
  bool tell_reasons() const { return tell_reasons_; }

 private:
  Gateway(GatewaySubjectOptions subject, RouteTable routes, bool tell_reasons)
      : subject_(std::move(subject)), routes_(std::move(routes)), tell_reasons_(tell_reasons) {}

  GatewaySubjectOptions subject_;
  RouteTable routes_;
  bool tell_reasons_;
};

Reply AnswerAuthRequest(const HttpRequest& request, Answering& answering);
Reply AnswerForwardAuth(const HttpRequest& request, Answering& answering);
Reply AnswerExtAuthz(const HttpRequest& request, Answering& answering);

}  // namespace portvakt::server
