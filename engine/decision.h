// What goes into a decision and what comes out. Plain values; nothing here refers to a store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portvakt::engine {

// Kleene's three values. Unknown comes only from what a request leaves out.
enum class Tri : uint8_t { kFalse, kUnknown, kTrue };

constexpr Tri Not(Tri x) { return static_cast<Tri>(2 - static_cast<uint8_t>(x)); }
constexpr Tri And(Tri x, Tri y) { return x < y ? x : y; }
constexpr Tri Or(Tri x, Tri y) { return x < y ? y : x; }
constexpr Tri From(bool x) { return x ? Tri::kTrue : Tri::kFalse; }

// A value that a request supplies, before the policy says what type it must have. A value that does
// not fit its attribute's type counts as not supplied.
struct InputValue {
  enum class Kind : uint8_t { kNull, kBool, kInteger, kDouble, kString, kList, kObject };
  Kind kind = Kind::kNull;
  bool boolean = false;
  int64_t integer = 0;
  double number = 0;  // kDouble: finite
  std::string text;
  std::vector<InputValue> list;
};
using InputValues = std::vector<std::pair<std::string, InputValue>>;  // names once each

struct EntityName {
  std::string type;
  std::string id;
  friend bool operator==(const EntityName&, const EntityName&) = default;
};

struct Request {
  EntityName subject;
  std::string action;  // a permission's name
  EntityName resource;
  InputValues subject_properties;
  InputValues action_properties;
  InputValues resource_properties;
  InputValues context;
  std::optional<int64_t> now_us;  // the engine's clock when absent
};

struct ReasonText {
  std::string code;
  std::string text;  // "" when the policy has no sentence for it
};

struct Decision {
  bool permit = false;  // exactly when verdict is kTrue
  Tri verdict = Tri::kFalse;
  std::vector<ReasonText> obligations;  // notes of a permit, by name
  uint64_t revision = 0;
  uint32_t policy_version = 0;
};

// A condition that failed or could not be known, with what was looked for.
struct ConditionReport {
  std::string place;  // file:line:column
  std::string text;   // as the author wrote it
  Tri verdict = Tri::kFalse;
  std::string found;   // "login is password"; "" where there is nothing to show
  std::string wanted;  // "at least bankid"
  std::string code;    // of its own `else`, "" when it has none
};
struct RuleReport {
  enum class Kind : uint8_t { kPermit, kForbid, kRequired };
  Kind kind = Kind::kPermit;
  std::string name;  // rule's name; kRequired: the permission
  std::string place;
  Tri verdict = Tri::kFalse;
  std::vector<std::string> codes;
  std::vector<ConditionReport> conditions;
};

struct Explanation {
  Decision decision;
  // Of a deny: the first is the primary one. Codes that come from the engine, not from a policy:
  // unknown_type, unknown_permission, unknown_entity, no_rule, missing_context, no_policy.
  std::vector<ReasonText> reasons;
  std::vector<std::string> decided_by;  // rules that decided: permits that hold, forbids that apply
  std::vector<ReasonText> notes;        // of a deny (`may not`)
  std::vector<RuleReport> rules;        // of a deny: nearest permits first, then forbids that apply
  std::vector<std::string> missing_context;  // what a request left out and a rule asked for
};

}  // namespace portvakt::engine
