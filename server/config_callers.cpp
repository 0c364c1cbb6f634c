// `callers`: the keys file, the certificates and the issuers of tokens, and what each may do.
#include <set>
#include <string>
#include <vector>

#include "server/config_sections.h"
#include "server/key_file.h"

namespace portvakt::server {
namespace {

void ReadScopes(ConfigMap& map, Scopes& scopes) {
  const std::vector<std::string> words = ScopeNames(Scopes::All());
  const auto value = map.Need("scopes");
  if (!value) return;
  value->Items([&](const ConfigValue& item) {
    size_t index = 0;
    if (item.Choice(words, index)) scopes.Add(*ScopeOf(words[index]));
  });
}

// Whether the key is there.
bool ReadActor(ConfigMap& map, std::optional<engine::EntityName>& actor) {
  return map.Read("actor", [&](const ConfigValue& value) {
    std::string text;
    if (!value.Text(text)) return;
    actor = ActorOf(text);
    if (!actor) value.Complain("`actor` must be a type and an id, as user:eva");
  });
}

// One way at most; and whoever may change something has one.
void CheckActor(const ConfigMap& map, const Scopes& scopes, int ways, const std::string& known) {
  if (ways > 1) map.Complain("only one of " + known + " can say who changes something");
  if (ways == 0 && scopes.Has(Scope::kChange)) {
    map.Complain("the scope `change` needs one of " + known,
                 "changes are always by somebody whom the policy knows");
  }
}

void ReadCertificate(ConfigMap& map, std::set<std::string>& subjects,
                     CertificateCaller& certificate) {
  if (const auto value = map.Need("subject"); value && value->Text(certificate.subject)) {
    if (!subjects.insert(certificate.subject).second) {
      value->Complain("this `subject` stands here for the second time");
    }
  }
  Caller& caller = certificate.caller;
  if (const auto value = map.Need("name"); value && value->Text(caller.name)) {
    if (!IsCallerName(caller.name)) {
      value->Complain("`name` must be " + std::string(kCallerNameRule));
    }
  }
  ReadScopes(map, caller.scopes);
  const bool has_actor = ReadActor(map, caller.actor);
  map.Flag("names_actor", caller.names_actor);
  CheckActor(map, caller.scopes, (has_actor ? 1 : 0) + (caller.names_actor ? 1 : 0),
             "`actor` and `names_actor`");
}

void ReadIssuer(ConfigMap& map, std::set<std::string>& names, TokenIssuerOptions& issuer) {
  if (const auto value = map.Need("issuer"); value && value->Text(issuer.issuer)) {
    if (!names.insert(issuer.issuer).second) {
      value->Complain("this `issuer` stands here for the second time");
    }
  }
  if (const auto value = map.Need("audience")) value->Text(issuer.audience);
  if (const auto value = map.Need("jwks_file")) value->Path(PathUse::kReadFile, issuer.jwks_file);
  ReadScopes(map, issuer.scopes);
  map.Text("scopes_claim", issuer.scopes_claim);
  const bool has_actor = ReadActor(map, issuer.actor);
  map.Flag("names_actor", issuer.names_actor);
  map.Text("actor_claim", issuer.actor_claim);
  map.Text("actor_type", issuer.actor_type);
  if (issuer.actor_claim.empty() != issuer.actor_type.empty()) {
    map.Complain("`actor_claim` and `actor_type` need each other",
                 "the claim is the id of an entity of that type");
  }
  const int ways =
      (has_actor ? 1 : 0) + (issuer.names_actor ? 1 : 0) + (issuer.actor_claim.empty() ? 0 : 1);
  CheckActor(map, issuer.scopes, ways, "`actor`, `actor_claim` and `names_actor`");
}

}  // namespace

void ReadCallers(ConfigMap& map, AuthenticationOptions& callers) {
  map.Path("keys_file", PathUse::kSecretFile, callers.keys_file);
  map.Read("certificates", [&](const ConfigValue& list) {
    std::set<std::string> subjects;
    list.Items([&](const ConfigValue& item) {
      item.Map([&](ConfigMap& one) {
        ReadCertificate(one, subjects, callers.certificates.emplace_back());
      });
    });
  });
  map.Read("issuers", [&](const ConfigValue& list) {
    std::set<std::string> names;
    list.Items([&](const ConfigValue& item) {
      item.Map([&](ConfigMap& one) { ReadIssuer(one, names, callers.issuers.emplace_back()); });
    });
  });
}

}  // namespace portvakt::server
