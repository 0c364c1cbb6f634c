// The words for scopes, in configuration files, keys and tokens.
#include "server/caller.h"

#include <algorithm>

namespace portvakt::server {
namespace {

constexpr Scope kGiven[] = {Scope::kDecide, Scope::kSearch, Scope::kChange,
                            Scope::kReview, Scope::kPolicy, Scope::kOperate};

}  // namespace

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
  for (const Scope scope : kGiven) {
    if (ScopeName(scope) == name) return scope;
  }
  return std::nullopt;
}

std::optional<engine::EntityName> ActorOf(std::string_view text) {
  const size_t colon = text.find(':');
  const bool has_control = std::any_of(text.begin(), text.end(), [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
  });
  if (colon == 0 || colon == std::string_view::npos || colon + 1 == text.size() || has_control) {
    return std::nullopt;
  }
  return engine::EntityName{std::string(text.substr(0, colon)),
                            std::string(text.substr(colon + 1))};
}

std::vector<std::string> ScopeNames(const Scopes& scopes) {
  std::vector<std::string> names;
  for (const Scope scope : kGiven) {
    if (scopes.Has(scope)) names.emplace_back(ScopeName(scope));
  }
  return names;
}

}  // namespace portvakt::server
