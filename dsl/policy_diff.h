// What differs between two policies, declaration by declaration. Formatting, comments, imports and
// how declarations lie in files make no difference. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/source.h"

namespace portvakt::dsl {

struct DeclarationChange {
  enum class Kind : uint8_t { kAdded, kRemoved, kChanged };
  Kind kind = Kind::kAdded;
  // "policy", "time zone", "entity", "context", "action", "program", "permission", "set",
  // "licence", "role", "fact", "definition", "rule", "change rule", "limit" or "promise".
  std::string_view what;
  // Permissions with their program; facts and definitions by their shapes. "" where there is but
  // one.
  std::string name;
  // In the canonical form, without a line break at the end. "" where there is none.
  std::string before;
  std::string after;
};

// By `what` in the order above, then by name. Files with syntax errors have no declarations.
std::vector<DeclarationChange> ComparePolicies(const SourceSet& before, const SourceSet& after);

// For people: "+ rule NAME", "- ..", "~ ..", the text below it with the same marks.
std::string RenderChanges(const std::vector<DeclarationChange>& changes);

std::string_view NameOf(DeclarationChange::Kind kind);  // "added", "removed", "changed"

}  // namespace portvakt::dsl
