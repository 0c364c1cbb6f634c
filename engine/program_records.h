// The records of a decision program: symbols and values, conditions, rules, and how rules are
// found. engine/program.h says how they lie together and what holds between them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace portvakt::engine {

inline constexpr uint32_t kNoIndex = 0xffffffffu;
// Words of a symbol mask at most: 4096 permissions, roles, licences or programs ever numbered.
inline constexpr uint32_t kMaxMaskWords = 64;

struct Range {
  uint32_t first = 0;
  uint32_t count = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

// The four kinds of symbols, as indexes of per-kind tables.
enum SymbolSpace : uint8_t { kPermissionSpace, kRoleSpace, kLicenceSpace, kProgramSpace };
inline constexpr size_t kSymbolSpaces = 4;

struct TypeRecord {
  Range name;
  uint32_t number = 0;
  uint32_t open = 0;
  Range inputs;  // section inputs: its attributes `from request`
};

struct ValueTypeRecord {
  uint8_t kind = 0;  // dsl::ValueKind
  uint8_t is_set = 0;
  uint16_t unused = 0;
  uint32_t enum_index = kNoIndex;
  Range entity_types;  // store numbers
};

struct LabelRecord {
  Range name;
  uint32_t number = 0;
  uint32_t unused = 0;
};
struct EnumRecord {
  Range labels;  // section labels, lowest first
  uint32_t ordered = 0;
  uint32_t unused = 0;
};

// Something that a request may supply.
struct InputRecord {
  enum class From : uint32_t { kContext, kAction, kProperty };
  From from = From::kContext;
  uint32_t attribute = 0;  // store number
  uint32_t value_type = 0;
  uint32_t type = kNoIndex;  // kProperty: the entity type's store number
  Range name;
};

struct StepRecord {
  uint32_t attribute = 0;
  uint32_t value_type = 0;
  uint32_t optional = 0;
  uint32_t from_request = 0;
  Range name;
};

struct TermRecord {
  enum class Kind : uint8_t {
    kVariable,      // variable, steps
    kInput,         // input, steps
    kLiteral,       // number or text, by value_type
    kEntityId,      // an entity of value_type's types with the id `text`
    kSymbol,        // symbol
    kProgramOf,     // the program of the permission in `variable`
    kNow,           // number is added, microseconds
    kToday,         // number is added, days
    kChangeSecond,  // who confirms a change, steps
    kSeats,         // seats of `licence` that `pool` owns
  };
  Kind kind = Kind::kVariable;
  uint8_t is_symbol = 0;
  uint8_t space = 0;  // SymbolSpace
  uint8_t unused = 0;
  uint32_t variable = kNoIndex;
  Range steps;
  int64_t number = 0;
  Range text;
  uint32_t value_type = kNoIndex;  // of the whole term; symbols have none
  uint32_t symbol = kNoIndex;
  uint32_t input = kNoIndex;
  uint32_t licence = kNoIndex;  // terms
  uint32_t pool = kNoIndex;
  uint32_t unused2 = 0;
  Range name;  // as the author wrote it
};

struct FactRecord {
  uint32_t relation = 0;
  uint32_t transitive = 0;
  Range subject_types;
  Range object_types;         // empty: about one entity
  uint32_t symbol_space = 0;  // SymbolSpace
  uint32_t has_symbol = 0;
  uint32_t allowed = kNoIndex;  // mask; kNoIndex: all
  uint32_t ends = 0;            // it must say when: at most lasting_us from its beginning
  Range format;                 // the sentence: {0} subject, {1} object, {2} symbol
  int64_t lasting_us = 0;       // 0: it may hold for ever
};

struct RoleRecord {
  Range name;
  uint32_t number = 0;
  uint32_t for_program = 0;
  Range on;  // empty: held everywhere, a fact about one entity
  Range held_by;
  uint32_t program_relation = kNoIndex;  // for_program: "is NAME for"
  uint32_t unused = 0;
  Range included_by;  // indexes of roles that include it, itself too
};
struct LicenceRecord {
  Range name;
  uint32_t number = 0;
  uint32_t unused = 0;
  Range held_by;
  Range from;  // empty: held without a pool
};
struct PermissionRecord {
  Range name;
  uint32_t number = 0;
  uint32_t program = kNoIndex;  // store number
  Range on;
  Range requires_permissions;  // store numbers
};
struct ProgramRecord {
  Range name;
  uint32_t number = 0;
  uint32_t permissions = 0;  // mask over permissions
};

// A static relation between symbols as rows of words: bit y of row x. Both directions are kept.
struct TableRecord {
  uint32_t first_word = 0;
  uint32_t row_words = 0;
  uint32_t rows = 0;
  uint32_t unused = 0;
};
enum class Table : uint32_t {
  kIncludes,    // permission -> permissions that it includes
  kIncludedBy,  // permission -> permissions that include it
  kCovers,      // licence -> permissions
  kCoveredBy,   // permission -> licences
  kGives,       // role -> permissions
  kGivenBy,     // permission -> roles
  kCount,
};

enum class Op : uint8_t {
  kTrue,
  kAnd,
  kOr,
  kNot,
  kSomeEntity,
  kSomeSymbol,
  kFact,
  kRole,
  kHolds,
  kDefine,
  kMay,
  kCompare,
  kPresent,
  kAbsent,
  kIsType,
  kFlag,
  kContains,
  kSeatFree,
  kTable,  // bit (symbol, other) of a static table
  kSymbolIs,
  kSameSymbol,
};

inline constexpr uint32_t kSubjectFits = 1;
inline constexpr uint32_t kObjectFits = 2;

struct NodeRecord {
  Op op = Op::kTrue;
  uint8_t comparison = 0;  // dsl::Comparison
  uint8_t directly = 0;
  uint8_t space = 0;             // kSomeSymbol: of the variable
  uint32_t variable = kNoIndex;  // kSomeEntity, kSomeSymbol
  Range children;                // kAnd, kOr: in the order of testing; kNot, kSome*: one
  uint32_t subject = kNoIndex;   // terms
  uint32_t object = kNoIndex;
  uint32_t symbol = kNoIndex;
  uint32_t other = kNoIndex;
  uint32_t program = kNoIndex;
  uint32_t index = kNoIndex;          // kFact: facts; kDefine: defines; kTable: tables
  Range arguments;                    // kDefine: terms
  Range types;                        // kIsType; kSomeEntity: the variable's
  uint32_t mask = kNoIndex;           // kSymbolIs
  uint32_t source = kNoIndex;         // kSomeEntity: candidates, from the cheapest tie
  uint32_t reason_source = kNoIndex;  // from the first tie in reading order, for reasons
  uint32_t place = kNoIndex;
  uint32_t reason = kNoIndex;
  // Places whose term is a variable of types that the slot admits, so that what is known there is
  // admitted: kSubjectFits and kObjectFits; of kDefine the bit of the argument, for the first 32.
  uint32_t fits = 0;
  // The symbol variables that stand anywhere in it, those bound inside left out: what is not
  // mentioned is tested once for a whole mask.
  uint64_t mentions = 0;  // bit v % 64
};

// Where the candidates of a `some`, or of a search, come from: always a superset of those for which
// its body is not false.
struct SourceRecord {
  enum class Op : uint8_t {
    kAll,         // every entity of `types`
    kTerm,        // the entity that `term` is
    kMembers,     // the entities in the set that `term` is
    kNeighbours,  // those that `relation` joins with `term`, for `symbol` or any
    kClosure,     // those that transitive `fact` leads to from `term`; `symbol` or any
    kReferrers,   // those whose `attribute` refers to one of child
    kUnion,       // of children
    kJoin,        // for each of children[0] as `variable`: children[1]
    kCall,        // children[0] in the frame of `define` with `arguments` (kNoIndex: not known)
  };
  enum class Relation : uint8_t { kFact, kRole, kHolds };
  Op op = Op::kAll;
  uint8_t direction = 0;  // engine::Direction
  Relation relation = Relation::kFact;
  uint8_t unused = 0;
  uint32_t term = kNoIndex;
  uint32_t symbol = kNoIndex;
  uint32_t fact = kNoIndex;
  uint32_t attribute = 0;
  uint32_t variable = kNoIndex;
  uint32_t define = kNoIndex;
  Range arguments;
  Range children;  // sources
  Range types;     // what may come out
};

struct PieceRecord {
  Range literal;
  uint32_t term = kNoIndex;
  uint32_t unused = 0;
};
struct ReasonRecord {
  Range code;
  Range pieces;  // section pieces
};
struct PlaceRecord {
  Range file;
  uint32_t line = 0;
  uint32_t column = 0;
  Range text;
  uint32_t offset = 0;  // of its first byte: reading order
  uint32_t unused = 0;
};

struct VariableRecord {
  Range name;
  uint32_t is_symbol = 0;
  uint32_t space = 0;  // SymbolSpace
  Range types;
  uint32_t allowed = kNoIndex;  // mask: of a definition's parameter that is narrowed to a set
  uint32_t unused = 0;
};
struct DefineRecord {
  Range name;  // its shape
  Range verb;
  Range format;     // the sentence: {0} is the first parameter
  Range variables;  // section variables; parameters first
  uint32_t parameter_count = 0;
  uint32_t condition = 0;
  uint32_t remembered = 0;  // dear enough to keep its answer for the rest of the request
  uint32_t place = 0;
  // For each parameter a source: its candidates when the others are given. kNoIndex for symbols.
  Range searches;
};
struct RuleRecord {
  Range name;
  Range title;          // section pieces
  uint32_t effect = 0;  // dsl::Effect
  uint32_t on_deny = 0;
  Range variables;
  uint32_t condition = 0;
  uint32_t place = 0;
  // Of a permit: candidates for its subject when the object is given, and for its object when the
  // subject is. The permission may be given (kAnySymbol: it is not). kNoIndex: it has no such
  // place.
  uint32_t subject_source = kNoIndex;
  uint32_t object_source = kNoIndex;
};

// The rules that can touch one (permission, subject type, object type), or one change; each list by
// name.
struct DispatchRecord {
  Range permits;
  Range forbids;
  Range notes;
};
struct DispatchSlot {
  uint32_t permission = kNoIndex;  // store numbers; kNoIndex: a free slot
  uint32_t subject_type = 0;
  uint32_t object_type = 0;
  uint32_t dispatch = 0;
};
// The same by pair of types, for all permissions at once: each rule with the mask of those that it
// can touch. Sorted by types.
struct PairRecord {
  uint32_t subject_type = 0;
  uint32_t object_type = 0;
  Range permits;
  Range permit_masks;
  Range forbids;
  Range forbid_masks;
  uint32_t requiring = kNoIndex;  // mask: permissions that require others; kNoIndex: none does
  uint32_t unused = 0;
};
// Open addressing with a power of two slots, at most half full; linear probing.
struct NameSlot {
  uint32_t hash = 0;
  uint32_t index = kNoIndex;  // kNoIndex: a free slot
};

}  // namespace portvakt::engine
