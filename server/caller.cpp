// The words for scopes, in configuration files, keys and tokens.
#include "server/caller.h"

namespace portvakt::server {

std::string_view ScopeName(Scope scope) {
  switch (scope) {
    case Scope::kOpen: return "open";
    case Scope::kDecide: return "decide";
    case Scope::kSearch: return "search";
    case Scope::kChange: return "change";
    case Scope::kReview: return "review";
    case Scope::kPolicy: return "policy";
    case Scope::kOperate: return "operate";
  }
  return "";
}

std::optional<Scope> ScopeOf(std::string_view name) {
  for (const Scope scope : {Scope::kDecide, Scope::kSearch, Scope::kChange, Scope::kReview,
                            Scope::kPolicy, Scope::kOperate}) {
    if (ScopeName(scope) == name) return scope;
  }
  return std::nullopt;
}

}  // namespace portvakt::server
