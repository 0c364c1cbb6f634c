// Who may call, from a configuration: API keys, client certificates, tokens of issuers. See
// docs/security.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/result.h"
#include "server/authenticator.h"
#include "server/setting_fault.h"

namespace portvakt::server {

// A client certificate, whose chain the handshake has verified.
struct CertificateCaller {
  std::string subject;  // as Peer::certificate_subject, exactly
  Caller caller;
};

// Whose tokens are taken, and what they may do at most.
struct TokenIssuerOptions {
  std::string issuer;
  std::string audience;
  std::string jwks_file;
  Scopes scopes;
  // Of these scopes a token has those that this claim of it names (words of a string, or strings);
  // "": all of them.
  std::string scopes_claim;
  // By whom its changes are: by whomever a request names, by `actor`, or by the entity of
  // `actor_type` that the claim names. At most one of the three.
  bool names_actor = false;
  std::optional<engine::EntityName> actor;
  std::string actor_claim;
  std::string actor_type;
};

struct AuthenticationOptions {
  std::string keys_file;  // "": no API keys
  std::vector<CertificateCaller> certificates;
  std::vector<TokenIssuerOptions> issuers;

  bool any() const { return !keys_file.empty() || !certificates.empty() || !issuers.empty(); }
};

// Reads its files again when they change; one that is broken then leaves what was there in force
// and is told in the log. Of several proofs in one request each must hold; the certificate's caller
// goes before that of `Authorization`.
class CallerAuthenticator final : public Authenticator {
 public:
  // Every file must be there and well.
  static engine::Result<std::unique_ptr<CallerAuthenticator>> Open(
      const AuthenticationOptions& options);
  // What Open would refuse.
  static SettingFaults Check(const AuthenticationOptions& options);
  ~CallerAuthenticator() override;

  std::variant<std::shared_ptr<const Caller>, HttpResponse> Identify(const HttpRequest& request,
                                                                     const Peer& peer) override;

 private:
  struct State;
  explicit CallerAuthenticator(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace portvakt::server
