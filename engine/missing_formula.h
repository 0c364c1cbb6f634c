// What must be so for a permit, as a ground formula: `and` and `or` over things that a step could
// change. Everything that no step changes (attributes, references, what the policy says of symbols)
// has been worked out. engine/missing_ground.h makes it, engine/missing_search.h looks for the
// cheapest ways of making it true; the front door is Session::Missing.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/judge.h"
#include "engine/reader.h"
#include "engine/request_values.h"
#include "engine/store.h"

namespace portvakt::engine::missing {

// A supplied value: of context or action, or a property of subject or resource.
struct InputKey {
  uint32_t input = 0;        // index into the program's inputs
  bool of_resource = false;  // of a property; else of the subject
  friend bool operator==(const InputKey&, const InputKey&) = default;
};

// Of what no step may change.
inline constexpr uint64_t kHopeless = ~uint64_t{0};

// Something that one step changes.
struct Literal {
  enum class Kind : uint8_t { kFact, kSeats, kInput };
  Kind kind = Kind::kFact;
  bool holds = false;  // as things stand
  // Facts, roles and licences: which, for rules about changes. Seats: subject is the pool, symbol
  // the licence. adds is the step's direction: the opposite of `holds`.
  ProposedChange change;
  FactKey key;             // kFact
  uint32_t input = 0;      // kInput: index into Formula::inputs
  uint32_t candidate = 0;  // kInput: index into Input::candidates
  uint64_t price = 0;      // cost and, below it, how much it hands out
  // Its two parts, once they are there: unwanted, wanted.
  std::array<uint32_t, 2> parts{kNoIndex, kNoIndex};
};

// A value that an input could have been given.
struct Candidate {
  InputValue value;
  EntityId entity = kNoEntity;
  uint64_t distance = 0;  // from what a condition names: nearer ones are offered first
  std::string wanted;     // `at least bankid`
  uint32_t literal = kNoIndex;
};
struct Input {
  InputKey key;
  uint32_t index = 0;
  bool changeable = false;
  bool entities = false;              // its type is an entity's
  std::vector<Candidate> candidates;  // distinct
  uint32_t given = kNoIndex;          // the candidate that the request brings
};

using PartId = uint32_t;
struct Part {
  enum class Op : uint8_t {
    kFalse,
    kTrue,
    kAnd,
    kOr,
    kLiteral,   // index: literals
    kSeatFree,  // index: seats
    kReaches,   // index: paths
    kAny,       // index: any; wanted alone
  };
  Op op = Op::kFalse;
  bool wanted = true;  // of the last four
  uint32_t index = 0;
  uint32_t first = 0;  // kAnd, kOr: into Formula::children
  uint32_t count = 0;
};

// `licence is free in pool`.
struct SeatPart {
  EntityId pool = kNoEntity;
  uint32_t licence = 0;
  uint32_t owned = 0;
  std::vector<EntityId> holders;  // as things stand
  uint32_t literal = kNoIndex;    // one more seat
};

// A transitive fact: `from` leads to `to` in one or more steps.
struct PathPart {
  uint32_t fact = 0;
  uint32_t symbol = 0;
  EntityId from = kNoEntity;
  EntityId to = kNoEntity;
};

// A fact about two entities with any of many symbols: their literals are made when a step is looked
// for among them.
struct AnyPart {
  ProposedChange change;          // without a symbol
  std::vector<uint32_t> symbols;  // ascending
  uint32_t held = 0;              // of these, as things stand
  PartId literals = 0;            // the `or` over them, once it is there
};

struct HashOfFact {
  size_t operator()(const FactKey& key) const {
    uint64_t hash = key.subject * 0x9e3779b97f4a7c15ull;
    hash = (hash ^ (hash >> 29) ^ key.object) * 0xbf58476d1ce4e5b9ull;
    return hash ^ (uint64_t{key.relation} << 16 | key.symbol) ^ (hash >> 32);
  }
};

// Parts stand after their children.
struct Formula {
  static constexpr PartId kNever = 0;
  static constexpr PartId kAlways = 1;

  std::vector<Literal> literals;
  std::deque<Input> inputs;
  std::vector<Part> parts{Part{Part::Op::kFalse, true, 0, 0, 0},
                          Part{Part::Op::kTrue, true, 0, 0, 0}};
  std::vector<PartId> children;
  std::vector<SeatPart> seats;
  std::vector<PathPart> paths;
  std::vector<AnyPart> any;
  std::unordered_map<FactKey, uint32_t, HashOfFact> facts;  // -> literals
  PartId root = kNever;
  // Somebody who is to be helped: then only facts are added that rules permit, and none about him.
  EntityId helped = kNoEntity;
  bool complete = true;  // false: something that could help was left out

  PartId Constant(bool value) const { return value ? kAlways : kNever; }
  // The literal of a stored fact, made now if need be.
  uint32_t FindFact(const Program& program, ProposedChange change, const FactKey& key, bool holds);
  // An order of seats where so many are owned.
  uint32_t FindSeats(const Program& program, EntityId pool, uint32_t licence, uint32_t owned);
  PartId AddLiteral(uint32_t literal, bool wanted);
  PartId Add(Part::Op op, uint32_t index, bool wanted);
  // `list` loses what decides nothing; constants are folded.
  PartId Join(bool is_and, std::vector<PartId>& list);
};

}  // namespace portvakt::engine::missing
