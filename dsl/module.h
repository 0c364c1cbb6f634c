// The checked module: what a policy means, with every name resolved, every sentence read and every
// type known. It is what flows from dsl/ to engine/, and what the reference evaluator in tests/
// walks. A plain value of flat vectors that refer to each other by index; safe to share when const.
//
// Sugar is gone: `unless c` is `and not c`; `some client` and `any of { .. }` inside a sentence
// are kSome around that sentence; a head `any of boxes` is a list of permissions; a union is the
// list of its member types. What people wrote is found again by spans.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dsl/source.h"

namespace portvakt::dsl {

using TypeId = uint32_t;
using PermissionId = uint32_t;
using RoleId = uint32_t;
using LicenceId = uint32_t;
using ProgramId = uint32_t;
using FactId = uint32_t;
using DefineId = uint32_t;
using TermId = uint32_t;
using ConditionId = uint32_t;
inline constexpr uint32_t kNone = 0xffffffffu;

// ---- values and types -------------------------------------------------------------------------

enum class ValueKind : uint8_t {
  kBool,
  kInt,
  kDecimal,  // exact: an integer count of millionths
  kString,
  kEnum,      // a label of an EnumType
  kDate,      // days since 1970-01-01
  kInstant,   // microseconds since 1970-01-01T00:00:00Z
  kDuration,  // microseconds
  kIp,        // address or range: 16 bytes (IPv4 mapped into IPv6) and a prefix length, 17 bytes
  kEntity,    // a reference
};

inline constexpr int64_t kDecimalScale = 1'000'000;

struct EnumType {
  std::vector<std::string> labels;  // lowest first when ordered
  bool ordered = false;
};

struct ValueType {
  ValueKind kind = ValueKind::kBool;
  bool is_set = false;
  uint32_t enum_type = kNone;        // kEnum: index into Module::enums
  std::vector<TypeId> entity_types;  // kEntity: the entity types (no unions) it may refer to

  friend bool operator==(const ValueType&, const ValueType&) = default;
};

struct Attribute {
  std::string name;
  ValueType type;
  bool optional = false;
  bool from_request = false;
  Span span;
};

// An entity type or a union. Attributes of a union are those that all its members share.
struct Type {
  std::string name;
  Span span;
  bool is_union = false;
  bool open = false;
  std::vector<TypeId> members;  // entity types: a union's members, sorted; else just itself
  std::vector<Attribute> attributes;
};

// ---- symbols ----------------------------------------------------------------------------------

enum class SymbolKind : uint8_t { kPermission, kRole, kLicence, kProgram };

struct Permission {
  std::string name;   // with its program: `lon.lonekorning.attestera`
  std::string title;  // "" when none was written
  Span span;
  ProgramId program = kNone;
  std::vector<TypeId> on;                          // entity types it acts on, sorted
  std::vector<PermissionId> includes;              // reflexive and transitive, sorted
  std::vector<PermissionId> requires_permissions;  // as written
};

struct Role {
  std::string name;
  std::string title;
  Span span;
  std::vector<TypeId> on;  // entity types; empty: a role held everywhere
  bool for_program = false;
  std::vector<TypeId> held_by;      // entity types; without `held by`, the subjects of act rules
  std::vector<RoleId> includes;     // reflexive and transitive, sorted
  std::vector<PermissionId> gives;  // own and those of included roles, sorted; exactly what is
                                    // listed: inclusion of permissions is not applied
};

struct Licence {
  std::string name;
  std::string title;
  Span span;
  std::vector<TypeId> held_by;
  std::vector<TypeId> from;          // empty: held without a pool (`agency holds byrapartner`)
  std::vector<PermissionId> covers;  // sorted; exactly what is listed
};

struct Program {
  std::string name;
  std::string title;
  Span span;
  std::vector<PermissionId> permissions;  // sorted
};

// ---- facts and definitions --------------------------------------------------------------------

// One place in a shape. A symbol slot may be narrowed to a set.
struct Slot {
  bool is_symbol = false;
  std::vector<TypeId> types;  // entity slot: entity types, sorted
  SymbolKind symbol_kind = SymbolKind::kPermission;
  std::vector<uint32_t> allowed;  // symbol slot named by a set: its members, sorted; empty: all
  std::string name;  // what it is called: its type, kind or set, or the name after `as`
};

// `user granted permission in tenant`: slots 0.. in order, words between them.
struct SentenceShape {
  std::string verb;
  std::vector<Slot> slots;  // slot 0 stands before the verb
  // words[i] stand between slot i (for i = 0: the verb) and slot i + 1, or after the last slot.
  std::vector<std::vector<std::string>> words;
  std::string text;  // as declared, for messages
};

struct Fact {
  SentenceShape shape;
  Span span;
  bool transitive = false;
  std::optional<int64_t> lasting_us;  // microseconds
  bool lasting_at_most = false;       // false with lasting_us: exactly so long
  // Where the entities and the symbol stand among the slots.
  uint32_t subject_slot = 0;
  uint32_t object_slot = kNone;
  uint32_t symbol_slot = kNone;
};

// ---- terms ------------------------------------------------------------------------------------

// Something with a name in a rule: bound by the head, a `some` or `for every`.
struct Variable {
  std::string name;
  Span span;
  bool is_symbol = false;
  SymbolKind symbol_kind = SymbolKind::kPermission;
  std::vector<TypeId> types;  // entity variable: entity types, sorted
};

// One reference or attribute on a path; looked up by name in the record of whatever entity stands
// there (members of a union share it).
struct Step {
  std::string attribute;
  ValueType type;
  bool optional = false;
  bool from_request = false;
};

struct Term {
  enum class Kind : uint8_t {
    kVariable,      // variable, then steps
    kContext,       // context attribute (steps[0]), then steps
    kAction,        // action attribute (steps[0]), then steps
    kChangeSecond,  // change.second: change rules only
    kLiteral,       // literal
    kEntityId,      // the entity of `type` with the id literal.text
    kSymbol,        // a named permission, role, licence or program
    kProgramOf,     // the program of the permission variable `variable`
    kNow,           // the request's instant, plus literal.number microseconds (<= 0)
    kToday,         // the date in the policy's time zone, plus literal.number days
    kSeats,         // seats of `licence` in `tenant`: owned, an int (limits only)
  };
  struct Literal {
    int64_t number = 0;  // kBool kInt kDecimal kDate kInstant kDuration
    std::string text;    // kString, kEnum (label), kIp (17 bytes), entity id
  };
  Kind kind = Kind::kLiteral;
  Span span;
  ValueType type;  // of the whole term; not for symbols
  uint32_t variable = kNone;
  std::vector<Step> steps;
  Literal literal;
  SymbolKind symbol_kind = SymbolKind::kPermission;
  uint32_t symbol = kNone;  // kSymbol: PermissionId, RoleId, LicenceId or ProgramId
  TermId licence = kNone;   // kSeats
  TermId tenant = kNone;    // kSeats
};

// ---- conditions -------------------------------------------------------------------------------

// A reason's sentence with its {names} cut out. A piece is a literal or a term (of the rule or
// definition that the sentence stands in), not both.
struct TextPiece {
  std::string literal;
  TermId term = kNone;
};
struct Reason {
  std::string code;
  std::vector<TextPiece> sentence;  // empty: none was written
};

enum class Comparison : uint8_t { kEqual, kNotEqual, kLess, kAtMost, kMore, kAtLeast, kWithin };

struct Condition {
  enum class Kind : uint8_t {
    kTrue,        // a rule without a condition
    kAnd,         // children
    kOr,          // children
    kNot,         // children[0]
    kSome,        // variable; children[0]. Several binders are several kSome, ordered so that each
                  // entity variable is tied to names known outside it
    kFact,        // fact; subject, object, symbol; `directly`
    kRole,        // subject is symbol [for program] [on object]. Without `for`, a role that is
                  // held for a program counts when it is held for any. Held also through a role
                  // that includes it
    kHolds,       // subject holds symbol [from object]
    kDefine,      // define; arguments
    kMay,         // subject may symbol on object: a decision, three-valued
    kCompare,     // subject (left), comparison, object (right)
    kPresent,     // subject
    kAbsent,      // subject
    kIsType,      // subject is a member of types
    kFlag,        // subject: a bool attribute that must be true
    kContains,    // subject (a set) contains object
    kSeatFree,    // symbol (a licence) is free in object
    kIncludes,    // symbol includes other_symbol (permissions)
    kCovers,      // symbol (licence) covers other_symbol (permission)
    kGives,       // symbol (role) gives other_symbol (permission)
    kSymbolIs,    // symbol is one of symbols (`is`, `is any of`)
    kSameSymbol,  // symbol is other_symbol, both variables
  };
  Kind kind = Kind::kTrue;
  Span span;                     // what the author wrote
  std::optional<Reason> reason;  // of `else`
  std::vector<ConditionId> children;
  uint32_t variable = kNone;  // kSome: index into the owner's variables
  FactId fact = kNone;
  DefineId define = kNone;
  std::vector<TermId> arguments;  // kDefine: one for each parameter
  TermId subject = kNone;
  TermId object = kNone;
  TermId symbol = kNone;
  TermId other_symbol = kNone;
  TermId program = kNone;         // kRole .. for program
  std::vector<TypeId> types;      // kIsType
  std::vector<uint32_t> symbols;  // kSymbolIs: sorted ids of the symbol's kind
  Comparison comparison = Comparison::kEqual;
  bool directly = false;  // kFact of a transitive fact: the stored step alone
};

// Parameters are the first variables; a call's arguments stand in the same order.
struct Define {
  SentenceShape shape;
  Span span;
  std::vector<Variable> variables;
  uint32_t parameter_count = 0;
  ConditionId condition = kNone;
};

// ---- rules ------------------------------------------------------------------------------------

enum class Effect : uint8_t { kPermit, kForbid, kNote };

// variables[0] is the subject, [1] the permission, [2] the object.
struct ActRule {
  Effect effect = Effect::kPermit;
  std::string name;
  std::vector<TextPiece> title;
  Span span;
  bool on_deny = false;  // a note `may not`
  std::vector<Variable> variables;
  std::vector<PermissionId> permissions;  // sorted; those that the head names and that act on
                                          // at least one type of the object
  ConditionId condition = kNone;
};

// What a change is about. Slots are variables: the terms are plain variables of the rule.
struct ChangeTarget {
  enum class Kind : uint8_t { kFact, kRole, kHolds, kSeats, kEntity, kAttribute };
  Kind kind = Kind::kFact;
  Span span;
  FactId fact = kNone;
  uint32_t subject = kNone;  // variable: the entity changed; kSeats: the tenant
  uint32_t object = kNone;   // variable
  uint32_t symbol = kNone;   // variable
  uint32_t program = kNone;  // variable: kRole for a program
  std::string attribute;     // kAttribute
};
struct ChangeRule {
  enum class Operation : uint8_t { kAdd, kRemove, kChange };
  Effect effect = Effect::kPermit;
  std::string name;
  std::vector<TextPiece> title;
  Span span;
  Operation operation = Operation::kChange;
  ChangeTarget target;
  uint32_t actor = kNone;  // variable
  std::vector<Variable> variables;
  ConditionId condition = kNone;
};

struct Limit {
  enum class Count : uint8_t { kUncounted, kAtLeast, kAtMost };
  std::string name;
  std::vector<TextPiece> title;
  Span span;
  std::vector<Variable> variables;
  uint32_t for_every_count = 0;  // the first variables; the counted one follows
  Count count = Count::kUncounted;
  TermId bound = kNone;  // an int literal or kSeats
  ConditionId condition = kNone;
};

struct Promise {
  std::string name;
  std::string title;
  Span span;
  bool is_change = false;
  ActRule act;        // head only
  ChangeRule change;  // head only
  bool without = true;
  std::vector<Variable> variables;
  ConditionId condition = kNone;
};

// ---- the whole --------------------------------------------------------------------------------

struct NamedSet {
  std::string name;
  Span span;
  SymbolKind kind = SymbolKind::kPermission;
  std::vector<uint32_t> members;  // sorted
};

struct Module {
  std::string name;
  std::string title;
  std::string time_zone;  // "" when none is declared

  std::vector<Type> types;
  std::vector<EnumType> enums;
  std::vector<Attribute> context;
  std::vector<Attribute> action;
  std::vector<Permission> permissions;
  std::vector<Role> roles;
  std::vector<Licence> licences;
  std::vector<Program> programs;
  std::vector<NamedSet> sets;
  std::vector<Fact> facts;
  std::vector<Define> defines;  // each after those it leans on
  std::vector<ActRule> acts;
  std::vector<ChangeRule> changes;
  std::vector<Limit> limits;
  std::vector<Promise> promises;

  std::vector<Term> terms;
  std::vector<Condition> conditions;  // children before parents
};

}  // namespace portvakt::dsl
