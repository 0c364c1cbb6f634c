// The decision program: what a checked module becomes before it is run. Flat bytes without
// pointers: a header, then sections of fixed-size little-endian records that refer to each other by
// index. They are stored in LMDB and run where they lie. engine/engine.h is the room's front door.
//
// Rules that Verify() holds, so that the evaluator need not look:
//   every index and range lies inside its section; every enum has a known value;
//   nodes stand after their children, sources after theirs, and a call's define before the call;
//   a variable is smaller than its owner's variable_count, and read as what it is bound as;
//   masks have the width of their kind.
//
// Types, attributes, relations, symbols and labels are the store's numbers (engine/store.h), so
// that cells and records are tested as they are. A list is a Range in section `lists` unless said
// otherwise, a text a Range in `strings`, a mask the index of its first word in `masks`.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

namespace portvakt::engine {

static_assert(std::endian::native == std::endian::little, "programs are little-endian");

// Raised whenever a record or its meaning changes; programs of other formats are compiled again.
inline constexpr uint32_t kProgramFormat = 6;
inline constexpr std::array<char, 8> kProgramMagic = {'P', 'V', 'P', 'R', 'O', 'G', 'R', 'M'};
inline constexpr uint32_t kNoIndex = 0xffffffffu;
// Words of a symbol mask at most: 4096 permissions, roles, licences or programs ever numbered.
inline constexpr uint32_t kMaxMaskWords = 64;
// Bytes of one program: a hundred times the agency's, and offsets fit 32 bits.
inline constexpr size_t kMaxProgramBytes = size_t{256} << 20;

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
  uint32_t unused = 0;
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

// A rule about a change. Its head's variables get their values from the change.
struct ChangeRuleRecord {
  RuleRecord rule;
  uint32_t operation = 0;  // dsl::ChangeRule::Operation
  uint32_t target = 0;     // dsl::ChangeTarget::Kind
  uint32_t number = 0;     // kFact: the relation; kAttribute: the attribute
  uint32_t actor = 0;      // variables
  uint32_t subject = 0;
  uint32_t object = kNoIndex;
  uint32_t symbol = kNoIndex;
  uint32_t program = kNoIndex;
  uint32_t target_place = 0;  // `user granted permission in tenant`
  // Of a permit: candidates for its actor when all else is given, as those of subject and object.
  uint32_t actor_source = kNoIndex;
};

// How a limit's variable follows from an end of a change: it is that end, or leads to it by the
// attributes of the path.
struct TriggerEndRecord {
  enum class End : uint32_t { kSubject, kObject, kSymbol, kProgram };
  End end = End::kSubject;
  uint32_t variable = 0;
  Range path;  // attributes, the variable's own first
};
// Something that a limit reads, and which of its bindings a change of that can touch.
struct TriggerRecord {
  uint32_t target = 0;          // dsl::ChangeTarget::Kind; kAnyTarget: every change
  uint32_t number = 0;          // as in ChangeRuleRecord
  uint32_t symbol = kNoIndex;   // kNoIndex: any
  uint32_t program = kNoIndex;  // kRole: kNoIndex: any, or none
  uint32_t placed = 0;          // kRole, kHolds: about two entities
  uint32_t after = 0;       // the bindings are sought in the state after the change, else before
  uint32_t counts_one = 0;  // the counted entity follows too: the count changes by it alone
  uint32_t unused = 0;
  Range ends;      // section trigger_ends
  Range searches;  // pairs of an entity variable and a source, in order; symbols are enumerated
};
inline constexpr uint32_t kAnyTarget = 6;

struct LimitRecord {
  Range name;
  Range title;      // section pieces
  Range variables;  // those of `for every`, then the counted one
  uint32_t for_every_count = 0;
  uint32_t count = 0;         // dsl::Limit::Count
  uint32_t bound = kNoIndex;  // term
  uint32_t condition = 0;
  uint32_t count_source = kNoIndex;  // candidates for the counted one
  uint32_t place = 0;
  Range searches;  // as in TriggerRecord: every binding that may be broken
  Range triggers;  // section triggers
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
// The change rules of one target, whoever changes it. kRole: `symbol` is the role, with or without
// a program.
struct ChangeDispatchSlot {
  uint32_t target = 0;  // dsl::ChangeTarget::Kind
  uint32_t number = 0;  // as in ChangeRuleRecord
  uint32_t symbol = kNoIndex;
  uint32_t subject_type = 0;
  uint32_t object_type = kNoIndex;
  uint32_t dispatch = kNoIndex;  // its lists are of change rules; kNoIndex: a free slot
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

enum class Section : uint32_t {
  kStrings,
  kLists,
  kMasks,
  kTypes,
  kTypeOfNumber,  // uint32_t: store number -> type, kNoIndex
  kValueTypes,
  kLabels,
  kEnums,
  kInputs,
  kSteps,
  kTerms,
  kFacts,
  kRoles,
  kLicences,
  kPermissions,
  kPrograms,
  kSymbolOfNumber,  // uint32_t, by space one after the other, mask_words[space] * 64 each
  kTables,
  kNodes,
  kSources,
  kPieces,
  kReasons,
  kPlaces,
  kVariables,
  kDefines,
  kRules,
  kChangeRules,
  kDispatches,
  kDispatchSlots,
  kChangeDispatches,
  kChangeDispatchSlots,
  kTriggerEnds,
  kTriggers,
  kLimits,
  kPairs,
  kTypeNames,        // NameSlot -> types
  kPermissionNames,  // NameSlot -> permissions
  kCount,
};
inline constexpr size_t kSectionCount = static_cast<size_t>(Section::kCount);

struct ProgramHeader {
  std::array<char, 8> magic = kProgramMagic;
  uint32_t format = kProgramFormat;
  uint32_t total_bytes = 0;
  uint64_t checksum = 0;                             // of all bytes, this field as zero
  std::array<uint32_t, kSymbolSpaces> mask_words{};  // by SymbolSpace, at least 1
  std::array<uint32_t, kSymbolSpaces> declared{};    // masks of the policy's own symbols
  uint32_t is_relation = 0;                          // store number of "is"
  uint32_t holds_relation = 0;                       // of "holds"
  Range time_zone;
  Range policy;
  std::array<Range, kSectionCount> sections{};  // first: byte offset, 8-byte aligned
};

uint32_t HashName(std::string_view name);
uint32_t HashDispatch(uint32_t permission, uint32_t subject_type, uint32_t object_type);
uint32_t HashChange(const ChangeDispatchSlot& key);
uint64_t ProgramChecksum(std::string_view bytes);

// A verified program, read in place. Cheap to copy; dies with the bytes.
class Program {
 public:
  Program() = default;

  bool empty() const { return header_ == nullptr; }
  const ProgramHeader& header() const { return *header_; }

  std::span<const uint32_t> lists;
  std::span<const uint64_t> masks;
  std::span<const TypeRecord> types;
  std::span<const uint32_t> type_of_number;
  std::span<const ValueTypeRecord> value_types;
  std::span<const LabelRecord> labels;
  std::span<const EnumRecord> enums;
  std::span<const InputRecord> inputs;
  std::span<const StepRecord> steps;
  std::span<const TermRecord> terms;
  std::span<const FactRecord> facts;
  std::span<const RoleRecord> roles;
  std::span<const LicenceRecord> licences;
  std::span<const PermissionRecord> permissions;
  std::span<const ProgramRecord> programs;
  std::span<const uint32_t> symbol_of_number;
  std::span<const TableRecord> tables;
  std::span<const NodeRecord> nodes;
  std::span<const SourceRecord> sources;
  std::span<const PieceRecord> pieces;
  std::span<const ReasonRecord> reasons;
  std::span<const PlaceRecord> places;
  std::span<const VariableRecord> variables;
  std::span<const DefineRecord> defines;
  std::span<const RuleRecord> rules;
  std::span<const ChangeRuleRecord> change_rules;
  std::span<const DispatchRecord> dispatches;
  std::span<const DispatchSlot> dispatch_slots;
  std::span<const DispatchRecord> change_dispatches;
  std::span<const ChangeDispatchSlot> change_dispatch_slots;
  std::span<const TriggerEndRecord> trigger_ends;
  std::span<const TriggerRecord> triggers;
  std::span<const LimitRecord> limits;
  std::span<const PairRecord> pairs;
  std::span<const NameSlot> type_names;
  std::span<const NameSlot> permission_names;

  std::string_view Text(Range range) const { return {strings_ + range.first, range.count}; }
  std::span<const uint32_t> List(Range range) const {
    return lists.subspan(range.first, range.count);
  }
  uint32_t mask_words(uint32_t space) const { return header_->mask_words[space]; }
  bool Bit(uint32_t mask, uint32_t number) const {
    return (masks[mask + number / 64] >> (number % 64) & 1) != 0;
  }
  // The row of a static table.
  const uint64_t* Row(uint32_t table, uint32_t symbol) const {
    return &masks[tables[table].first_word + size_t{symbol} * tables[table].row_words];
  }
  // Index of the type, role, licence, permission or program with a store number, or kNoIndex.
  uint32_t TypeOfNumber(uint32_t number) const {
    return number < type_of_number.size() ? type_of_number[number] : kNoIndex;
  }
  uint32_t SymbolOfNumber(uint32_t space, uint32_t number) const {
    return number < mask_words(space) * 64 ? symbol_of_number[symbol_first_[space] + number]
                                           : kNoIndex;
  }
  std::string_view SymbolName(uint32_t space, uint32_t number) const;
  // By name; kNoIndex when there is none.
  uint32_t FindType(std::string_view name) const;
  uint32_t FindPermission(std::string_view name) const;
  // Null when no rule can touch it. Arguments are store numbers.
  const DispatchRecord* FindDispatch(uint32_t permission, uint32_t subject_type,
                                     uint32_t object_type) const;
  // Null when no change rule can touch it. `key.dispatch` is not read.
  const DispatchRecord* FindChangeDispatch(const ChangeDispatchSlot& key) const;
  // Null when no rule can touch any permission of theirs.
  const PairRecord* FindPair(uint32_t subject_type, uint32_t object_type) const;

 private:
  friend struct ProgramReader;
  const ProgramHeader* header_ = nullptr;
  const char* strings_ = nullptr;
  std::array<uint32_t, kSymbolSpaces> symbol_first_{};
};

}  // namespace portvakt::engine
