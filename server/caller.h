// Who calls: the program on the other end of a connection, what it may ask, and in whose name it
// may change facts. A caller is not a subject: subjects are whom decisions are about.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decision.h"

namespace portvakt::server {

// What an endpoint needs of its caller (the table in handlers.cpp).
enum class Scope : uint8_t {
  kOpen,     // nothing: health, discovery
  kDecide,   // evaluations, and what gateways ask
  kSearch,   // searches, matrices
  kChange,   // facts and entities
  kReview,   // explanations, what is missing, what is and was stored
  kPolicy,   // policies and their activation
  kOperate,  // metrics, status
};
// "decide" ..; "open" is not a scope that anybody is given.
std::string_view ScopeName(Scope scope);
std::optional<Scope> ScopeOf(std::string_view name);

class Scopes {
 public:
  constexpr Scopes() = default;
  constexpr Scopes(std::initializer_list<Scope> scopes) {
    for (const Scope scope : scopes) Add(scope);
  }
  static constexpr Scopes All() {
    return {Scope::kDecide, Scope::kSearch, Scope::kChange,
            Scope::kReview, Scope::kPolicy, Scope::kOperate};
  }
  constexpr void Add(Scope scope) { bits_ |= Bit(scope); }
  constexpr bool Has(Scope scope) const {
    return scope == Scope::kOpen || (bits_ & Bit(scope)) != 0;
  }
  friend constexpr bool operator==(const Scopes&, const Scopes&) = default;
  friend constexpr Scopes Common(Scopes one, const Scopes& other) {
    one.bits_ &= other.bits_;
    return one;
  }

 private:
  static constexpr uint32_t Bit(Scope scope) { return 1u << static_cast<uint32_t>(scope); }
  uint32_t bits_ = 0;
};
// In their order.
std::vector<std::string> ScopeNames(const Scopes& scopes);

struct Caller {
  // For logs and metrics; never a credential. "anonymous" where callers are not told apart.
  std::string name;
  Scopes scopes;
  // Its changes are by whomever a request names; otherwise by `actor` alone, and without one it
  // changes nothing.
  bool names_actor = false;
  std::optional<engine::EntityName> actor;
};

// "user:eva" as an actor; the id may hold colons. Nothing when it has not that form.
std::optional<engine::EntityName> ActorOf(std::string_view text);

// The other end of a connection, as far as it is proven.
struct Peer {
  std::string address;  // "192.0.2.7", without the port
  bool over_tls = false;
  // Of a client certificate that the handshake verified, as RFC 4514 writes it; "" for none.
  std::string certificate_subject;
};

}  // namespace portvakt::server
