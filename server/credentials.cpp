// Files to credentials, and credentials held against a request.
#include "server/credentials.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "engine/store.h"
#include "server/file_watch.h"
#include "server/key_file.h"

namespace portvakt::server {
namespace {

using engine::Error;

constexpr int64_t kMicroseconds = 1'000'000;

Error Invalid(std::string message) { return {Error::Code::kInvalid, std::move(message)}; }

engine::Result<KnownKeys> ReadKeys(const std::string& path) {
  const auto text = ReadSmallFile(path, kMaxKeyFileBytes);
  if (!text) return text.error();
  auto keys = ParseKeyFile(text.value());
  if (!keys) return Invalid(path + ": " + keys.error().message);
  KnownKeys known;
  for (ApiKey& key : keys.value()) {
    auto caller = std::make_shared<const Caller>(key.caller);
    const std::string id = key.id;
    known.emplace(id, KnownKey{std::move(key), std::move(caller)});
  }
  return known;
}

engine::Result<std::shared_ptr<const TokenKeys>> ReadTokenKeys(const std::string& path) {
  const auto text = ReadSmallFile(path, kMaxJwksBytes);
  if (!text) return text.error();
  auto keys = ParseJwks(text.value());
  if (!keys) return Invalid(path + ": " + keys.error().message);
  return std::make_shared<const TokenKeys>(std::move(keys.value()));
}

engine::Status CheckIssuer(const TokenIssuerOptions& issuer) {
  if (issuer.issuer.empty() || issuer.audience.empty() || issuer.jwks_file.empty()) {
    return Invalid("an issuer of tokens needs `issuer`, `audience` and `jwks_file`");
  }
  const int ways =
      (issuer.names_actor ? 1 : 0) + (issuer.actor ? 1 : 0) + (issuer.actor_claim.empty() ? 0 : 1);
  if (ways > 1 || issuer.actor_claim.empty() != issuer.actor_type.empty()) {
    return Invalid("the issuer " + issuer.issuer +
                   " needs one of `names_actor`, `actor`, or `actor_claim` with `actor_type`");
  }
  return engine::Done{};
}

// A caller, or what is wrong with one proof.
Identified Wrong(std::string_view proof, std::string_view wrong, std::string name = "") {
  return {nullptr, proof, wrong, std::move(name)};
}

Identified CheckKey(const Credentials& credentials, std::string_view text, int64_t now_us) {
  const auto parts = SplitApiKey(text);
  if (!parts) return Wrong("key", "it has not the form of a key");
  const auto found = credentials.keys.find(parts->id);
  if (found == credentials.keys.end()) return Wrong("key", "there is no key of that id");
  const auto& [id, known] = *found;
  if (!HasSecret(known.key, parts->secret)) return Wrong("key", "its secret is wrong", id);
  if (known.key.expires_us && now_us >= *known.key.expires_us) {
    return Wrong("key", "it has expired", id);
  }
  return {known.caller, "key", "", id};
}

// As words of a string, or as an array of strings. What is no scope here is another program's.
Scopes ScopesIn(const JsonValue& claims, const std::string& name) {
  Scopes scopes;
  const JsonValue* claim = claims.Find(name);
  const auto add = [&](std::string_view word) {
    if (const auto scope = ScopeOf(word)) scopes.Add(*scope);
  };
  if (claim != nullptr && claim->is(JsonValue::Kind::kString)) {
    std::string_view words = claim->text();
    while (!words.empty()) {
      const size_t end = std::min(words.find(' '), words.size());
      add(words.substr(0, end));
      words.remove_prefix(std::min(end + 1, words.size()));
    }
  } else if (claim != nullptr && claim->is(JsonValue::Kind::kArray)) {
    for (const JsonValue& word : claim->elements()) {
      if (word.is(JsonValue::Kind::kString)) add(word.text());
    }
  }
  return scopes;
}

// False when the claim is there and cannot be an id. Without the claim there is no actor.
bool ReadActorClaim(const TokenIssuerOptions& issuer, const JsonValue& claims, Caller& caller) {
  const JsonValue* claim = claims.Find(issuer.actor_claim);
  if (claim == nullptr) return true;
  if (!claim->is(JsonValue::Kind::kString)) return false;
  const std::string& id = claim->text();
  const auto is_control = [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
  };
  if (id.empty() || id.size() > engine::kMaxIdBytes ||
      std::any_of(id.begin(), id.end(), is_control)) {
    return false;
  }
  caller.actor = engine::EntityName{issuer.actor_type, id};
  return true;
}

Identified CheckBearerToken(const Credentials& credentials, std::string_view token,
                            int64_t now_us) {
  const TokenCheck check = CheckToken(token, credentials.issuers, now_us / kMicroseconds);
  if (!check.wrong.empty()) return Wrong("token", check.wrong);
  const TokenIssuerOptions& issuer = credentials.options.issuers[check.issuer];
  Caller caller;
  // A blank, which no name of a key has, keeps the two apart.
  caller.name = issuer.issuer + " " + check.subject;
  caller.scopes = issuer.scopes;
  if (!issuer.scopes_claim.empty()) {
    caller.scopes = Common(issuer.scopes, ScopesIn(check.claims, issuer.scopes_claim));
  }
  caller.names_actor = issuer.names_actor;
  caller.actor = issuer.actor;
  if (!issuer.actor_claim.empty() && !ReadActorClaim(issuer, check.claims, caller)) {
    return Wrong("token", "its claim for the actor is no id", issuer.issuer);
  }
  return {std::make_shared<const Caller>(std::move(caller)), "token", "", issuer.issuer};
}

Identified CheckAuthorization(const Credentials& credentials, std::string_view value,
                              int64_t now_us) {
  // As the AuthZEN working group's runners send it: a key and no scheme.
  if (value.starts_with(kApiKeyPrefix)) return CheckKey(credentials, value, now_us);
  constexpr std::string_view kScheme = "Bearer ";
  if (!EqualIgnoringCase(value.substr(0, kScheme.size()), kScheme)) {
    return Wrong("authorization", "its scheme is not Bearer");
  }
  value.remove_prefix(kScheme.size());
  while (value.starts_with(' ')) value.remove_prefix(1);
  if (value.starts_with(kApiKeyPrefix)) return CheckKey(credentials, value, now_us);
  return CheckBearerToken(credentials, value, now_us);
}

}  // namespace

Credentials ReadCredentials(const AuthenticationOptions& options, SettingFaults& faults) {
  Credentials credentials;
  credentials.options = options;
  if (!options.keys_file.empty()) {
    auto keys = ReadKeys(options.keys_file);
    if (keys) {
      credentials.keys = std::move(keys.value());
    } else {
      faults.push_back({"callers.keys_file", keys.error()});
    }
  }
  for (size_t index = 0; index < options.certificates.size(); ++index) {
    const CertificateCaller& certificate = options.certificates[index];
    auto caller = std::make_shared<const Caller>(certificate.caller);
    const bool is_new = credentials.certificates.emplace(certificate.subject, caller).second;
    if (!certificate.subject.empty() && is_new) continue;
    faults.push_back({"callers.certificates[" + std::to_string(index) + "].subject",
                      Invalid("the certificate subject `" + certificate.subject +
                              "` is empty or has two callers")});
  }
  std::set<std::string> names;
  for (size_t index = 0; index < options.issuers.size(); ++index) {
    const TokenIssuerOptions& issuer = options.issuers[index];
    const std::string key = "callers.issuers[" + std::to_string(index) + "]";
    if (const engine::Status checked = CheckIssuer(issuer); !checked) {
      faults.push_back({key, checked.error()});
      continue;
    }
    if (!names.insert(issuer.issuer).second) {
      faults.push_back({key + ".issuer", Invalid("the issuer " + issuer.issuer + " stands twice")});
    }
    auto keys = ReadTokenKeys(issuer.jwks_file);
    if (keys) {
      credentials.issuers.push_back({issuer.issuer, issuer.audience, std::move(keys.value())});
    } else {
      faults.push_back({key + ".jwks_file", keys.error()});
    }
  }
  return credentials;
}

engine::Status ReadAgain(const std::string& path, Credentials& credentials) {
  if (path == credentials.options.keys_file) {
    auto keys = ReadKeys(path);
    if (!keys) return keys.error();
    credentials.keys = std::move(keys.value());
  }
  for (size_t index = 0; index < credentials.issuers.size(); ++index) {
    if (credentials.options.issuers[index].jwks_file != path) continue;
    auto keys = ReadTokenKeys(path);
    if (!keys) return keys.error();
    credentials.issuers[index].keys = std::move(keys.value());
  }
  return engine::Done{};
}

std::vector<std::string> FilesOf(const AuthenticationOptions& options) {
  std::set<std::string> files;
  if (!options.keys_file.empty()) files.insert(options.keys_file);
  for (const TokenIssuerOptions& issuer : options.issuers) files.insert(issuer.jwks_file);
  return {files.begin(), files.end()};
}

Identified FindCaller(const Credentials& credentials, const HttpRequest& request, const Peer& peer,
                      int64_t now_us) {
  Identified found = Wrong("none", "there is no credential");
  // Where no certificate stands for a caller, they only guard the transport.
  if (!credentials.certificates.empty() && !peer.certificate_subject.empty()) {
    const auto known = credentials.certificates.find(peer.certificate_subject);
    if (known == credentials.certificates.end()) {
      return Wrong("certificate", "its subject is not one of the configured ones");
    }
    found = {known->second, "certificate", "", known->second->name};
  }
  const std::string_view* authorization = nullptr;
  for (const auto& [name, value] : request.fields) {
    if (!EqualIgnoringCase(name, "Authorization")) continue;
    if (authorization != nullptr) return Wrong("authorization", "there are two of it");
    authorization = &value;
  }
  if (authorization == nullptr) return found;
  Identified second = CheckAuthorization(credentials, *authorization, now_us);
  return found.caller != nullptr && second.caller != nullptr ? found : second;
}

}  // namespace portvakt::server
