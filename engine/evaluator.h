// Runs a decision program against one state of the store: Kleene's three values, nothing allocated
// on the way of an ordinary check. Belongs to one thread. Its parts: evaluate.cpp (conditions),
// evaluate_closure.cpp (transitive facts), evaluate_masks.cpp (`some` over symbols),
// evaluate_terms.cpp (values and comparisons), candidates.cpp (`some` over entities), decide.cpp
// (rules and whole decisions).
//
// Everything is bounded: steps and depth of a decision are counted, and one that would need more is
// given up (exhausted()), which denies.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/decision.h"
#include "engine/program.h"
#include "engine/reader.h"
#include "engine/request_values.h"

namespace portvakt::engine {

struct ProposedChange;

// Conditions tested and entities walked over in one decision: a hundred thousand times an ordinary
// check, some tens of milliseconds.
inline constexpr int64_t kMaxSteps = 1'000'000;
// Conditions, definitions and decisions inside each other: bounds the stack (some 200 bytes each).
// Definitions alone can be dsl::kMaxCallDepth * dsl::kMaxNesting = 2048 deep.
inline constexpr uint32_t kMaxDepth = 2'500;
// Variables of all frames together.
inline constexpr size_t kMaxRegisters = 1 << 15;
// Words of all masks in use at once.
inline constexpr size_t kMaxMaskPool = 1 << 16;

// The names of a request as numbers, or why it has none.
struct Question {
  enum class Refusal : uint8_t { kNone, kType, kPermission, kEntity };
  Refusal refusal = Refusal::kNone;
  std::string_view culprit;  // the name that is not known
  EntityId subject = kNoEntity;
  uint32_t permission = kNoIndex;  // store number
  EntityId object = kNoEntity;
};

// The refusal as a reason: "unknown_type", "unknown_permission" or "unknown_entity"; "" for none.
std::string_view CodeOf(Question::Refusal refusal);

class Evaluator {
 public:
  Evaluator();

  // Program, view, clock and request live until the next Begin. `state` as in Reader::Start: what
  // was fetched for the last request serves this one too when its state is the same.
  Question Begin(const Program& program, const View& view, const Reader::Clock& clock,
                 const Request& request, uint64_t state = 0);

  // The same without a question: for searches, which ask many of one request. The ends are resolved
  // by `values`; everything that is kept until the next Begin holds for all of them, since what a
  // request says of an entity does not lean on which others are asked about.
  void Start(const Program& program, const View& view, const Reader::Clock& clock,
             const Request& request, int64_t steps, uint64_t state = 0);
  // Begins what is no act: a change, a limit. There is no second signer yet, and without a context
  // nothing of it is known.
  void Begin(const Program& program, const View& view, const Reader::Clock& clock,
             const InputValues* context, std::optional<int64_t> now_us, int64_t steps = kMaxSteps);
  void SetSecond(EntityId second) { second_ = second; }

  // The whole decision: permits, forbids and what the permission requires.
  Tri Decide(EntityId subject, uint32_t permission, EntityId object);
  // All permissions of `interest` at once (a mask over permissions): those that are not refused and
  // those that are permitted. Both masks are written.
  void DecideMask(EntityId subject, EntityId object, const uint64_t* interest, uint64_t* possible,
                  uint64_t* sure);
  // Of the last Decide: the permit that held, the forbid that held back, or kNoIndex.
  uint32_t decisive_rule() const { return decisive_rule_; }
  bool exhausted() const { return exhausted_; }
  int64_t steps() const { return steps_given_ - steps_left_; }
  Reader& reader() { return reader_; }

  // ---- for explanations: the same machinery, piece by piece.
  const Program& program() const { return *program_; }
  RequestValues& values() { return values_; }
  // Null when no rule can touch it.
  const DispatchRecord* RulesFor(EntityId subject, uint32_t permission, EntityId object) const;
  // Frames are a stack: pop in reverse order. Null when the limit is reached.
  uint64_t* PushFrame(uint32_t variable_count);
  void PopFrame(uint64_t* frame) {
    registers_used_ = static_cast<size_t>(frame - registers_.get());
  }
  // A rule's frame with its first three variables.
  uint64_t* PushRule(const RuleRecord& rule, EntityId subject, uint32_t permission,
                     EntityId object);
  // A change rule's frame with the variables of its head.
  uint64_t* PushChangeRule(const ChangeRuleRecord& rule, const ProposedChange& change,
                           EntityId actor);
  // The frame of a call, or null when the sentence is decided by its slots. `verdict` is what they
  // say: the sentence is that and the body.
  uint64_t* PushCall(const NodeRecord& node, const uint64_t* frame, Tri& verdict);

  Tri Test(uint32_t node, uint64_t* frame);
  Tri TestRule(uint32_t rule, EntityId subject, uint32_t permission, EntityId object);
  // A definition's sentence about these arguments; false when a place does not admit one.
  Tri TestDefinition(const DefineRecord& define, std::span<const uint64_t> arguments);
  Value ValueOf(uint32_t term, const uint64_t* frame);
  EntityId EntityOf(uint32_t term, const uint64_t* frame);
  uint32_t SymbolOf(uint32_t term, const uint64_t* frame) const;
  // Whether a sentence is false by what its slots admit, whatever is stored.
  bool SlotsRefuse(const NodeRecord& node, const uint64_t* frame);
  bool Admits(Range types, EntityId entity) const;
  // One step of the budget; false when there is none left.
  bool Spend() { return Step(); }
  // Candidates of a `some` over entities, ascending, each once, of its types. False when its tie
  // starts from something unknown: the candidates are then all there are.
  // `source` is one of the node's two.
  bool Candidates(const NodeRecord& some, uint32_t source, uint64_t* frame,
                  std::vector<EntityId>& out);
  // Appends what a source for a search yields: stored entities alone, in no order. False when it
  // starts from something unknown: then any entity may be a candidate.
  bool SearchCandidates(uint32_t source, uint64_t* frame, std::vector<EntityId>& out);

 private:
  struct Depth;
  struct Masks {
    uint64_t* possible = nullptr;  // not false
    uint64_t* sure = nullptr;      // true; never outside `possible`
  };
  struct MaskTest;
  struct Remembered {
    uint64_t generation = 0;
    uint32_t what = 0;
    Tri value = Tri::kFalse;
    std::array<uint64_t, 4> arguments{};

    bool Is(uint64_t now, uint32_t other, const uint64_t* given, uint32_t count) const {
      bool same = generation == now && what == other;
      for (uint32_t i = 0; i < count && same; ++i) same = arguments[i] == given[i];
      return same;
    }
    void Keep(uint64_t now, uint32_t other, const uint64_t* given, uint32_t count, Tri answer) {
      generation = now;
      what = other;
      value = answer;
      for (uint32_t i = 0; i < count; ++i) arguments[i] = given[i];
    }
  };
  static constexpr size_t kRememberedSlots = 512;
  struct Closure {
    uint64_t generation = 0;
    uint32_t fact = 0;
    uint32_t symbol = 0;
    EntityId start = 0;
    Direction direction = Direction::kObjectsOf;
    bool complete = false;
    std::vector<EntityId> reached;  // ascending
  };

  // For the slots of what is remembered.
  static uint64_t Mix(uint64_t hash, uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
    return hash ^ (hash >> 32);
  }
  void Restart(const Program& program, int64_t steps);
  bool Step() {
    if (--steps_left_ >= 0) return true;
    exhausted_ = true;
    return false;
  }
  bool MayAdmit(Range types, uint32_t term) const;
  bool MustAdmit(Range types, uint32_t term) const;
  // Whether a slot admits what a term is: false, true, or unknown when the term is. `fits` when it
  // admits all that the term may be.
  Tri Admission(Range types, uint32_t term, EntityId entity, bool fits = false) const {
    if (fits) return entity == kUnknownEntity ? Tri::kUnknown : From(IsEntity(entity));
    return LookForAdmission(types, term, entity);
  }
  Tri LookForAdmission(Range types, uint32_t term, EntityId entity) const;

  // evaluate.cpp
  Tri TestChildren(const NodeRecord& node, uint64_t* frame);
  Tri TestSomeEntity(const NodeRecord& node, uint64_t* frame);
  Tri TestFact(const NodeRecord& node, const uint64_t* frame);
  Tri TestRole(const NodeRecord& node, const uint64_t* frame);
  Tri TestRoleOf(const NodeRecord& node, uint32_t role, uint32_t program, EntityId subject,
                 EntityId object);
  Tri TestHolds(const NodeRecord& node, const uint64_t* frame);
  Tri RoleAdmission(const NodeRecord& node, const RoleRecord& role, EntityId subject,
                    EntityId object) const;
  bool RoleHeld(uint32_t role, uint32_t program, bool on, EntityId subject, EntityId object);
  Tri TestLicence(const NodeRecord& node, uint32_t licence, EntityId subject, EntityId object);
  Tri TestDefine(const NodeRecord& node, uint64_t* frame);
  Tri TestMay(const NodeRecord& node, const uint64_t* frame);
  Tri TestIsType(const NodeRecord& node, const uint64_t* frame);
  Tri TestSeatFree(const NodeRecord& node, const uint64_t* frame);
  Tri TestStatic(const NodeRecord& node, const uint64_t* frame) const;
  // Where the answer for these arguments, at most four, is remembered if at all.
  Remembered& SlotOf(uint32_t what, const uint64_t* arguments, uint32_t count);

  // evaluate_closure.cpp
  const Closure& FindClosure(uint32_t fact, uint32_t symbol, EntityId start, Direction direction);
  bool StepHolds(const FactRecord& fact, uint32_t symbol, EntityId subject, EntityId object);

  // evaluate_terms.cpp
  Value Follow(EntityId entity, Range steps);
  Value SeatsOf(const TermRecord& term, const uint64_t* frame);
  Value ReadStored(const ValueView& view, const ValueTypeRecord& type) const;
  Tri TestCompare(const NodeRecord& node, const uint64_t* frame);
  Tri TestContains(const NodeRecord& node, const uint64_t* frame);
  Tri TestPresence(const NodeRecord& node, const uint64_t* frame);
  Tri TestFlag(const NodeRecord& node, const uint64_t* frame);
  Tri CompareEntityId(const NodeRecord& node, uint32_t entity, uint32_t literal,
                      const uint64_t* frame);
  EntityId ResolveLiteral(const TermRecord& term);

  // evaluate_masks.cpp
  Tri TestSomeSymbol(const NodeRecord& node, uint64_t* frame);
  uint32_t NarrowByStatic(uint32_t body, uint32_t space, const MaskTest& test, uint64_t* interest,
                          uint64_t* zeros) const;
  uint64_t* PushMask(uint32_t words);
  void PopMask(uint64_t* mask) { masks_used_ = static_cast<size_t>(mask - masks_.get()); }
  void TestMask(uint32_t node, MaskTest& test, const uint64_t* interest, Masks out, bool any);
  void MaskOfChildren(const NodeRecord& node, MaskTest& test, const uint64_t* interest, Masks out,
                      bool any);
  bool MaskOfSentence(const NodeRecord& node, MaskTest& test, const uint64_t* interest, Masks out,
                      bool any);
  bool MaskOfCall(const NodeRecord& node, MaskTest& test, const uint64_t* interest, Masks out,
                  bool any);
  void MaskOfSome(const NodeRecord& node, MaskTest& test, const uint64_t* interest, Masks out,
                  bool any);
  void InnerSymbols(const NodeRecord& some, const MaskTest& outer, MaskTest& inner,
                    uint64_t* symbols);
  bool MaskOfMay(const NodeRecord& node, MaskTest& test, const uint64_t* interest, Masks out);
  bool MaskOfFact(const NodeRecord& node, MaskTest& test, const uint64_t* interest, Masks out);
  bool MaskOfHolds(const NodeRecord& node, MaskTest& test, const uint64_t* interest, Masks out);
  bool MaskOfTable(const NodeRecord& node, MaskTest& test, const uint64_t* interest, Masks out);
  bool IsVariable(uint32_t term, const MaskTest& test) const;
  const uint64_t* StaticRow(const NodeRecord& node, const MaskTest& test,
                            const uint64_t* none) const;

  // decide_masks.cpp
  void PermitMask(const PairRecord& pair, EntityId subject, EntityId object, uint64_t* wanted,
                  Masks out);
  void ForbidMask(const PairRecord& pair, EntityId subject, EntityId object, Masks out);
  void RequireMask(const PairRecord& pair, Masks out);

  // candidates.cpp: false when what it starts from is unknown: then anything may be a candidate.
  bool Collect(uint32_t source, uint64_t* frame, std::vector<EntityId>& out);
  bool CollectFrom(const SourceRecord& source, uint64_t* frame, std::vector<EntityId>& out);
  bool CollectChildren(const SourceRecord& source, uint64_t* frame, std::vector<EntityId>& out);
  bool CollectCall(const SourceRecord& source, uint64_t* frame, std::vector<EntityId>& out);
  void CollectNeighbours(const SourceRecord& source, EntityId from, uint64_t* frame,
                         std::vector<EntityId>& out);
  bool Joined(const SourceRecord& source, uint32_t symbol, EntityId subject, EntityId object);
  void CollectAll(Range types, std::vector<EntityId>& out);
  std::vector<EntityId>& TakeBuffer();
  void GiveBuffer() { --buffers_used_; }

  const Program* program_ = nullptr;
  RequestValues values_;
  Reader reader_;
  uint64_t generation_ = 0;
  int64_t steps_given_ = 0;
  int64_t steps_left_ = 0;
  uint32_t depth_ = 0;
  bool exhausted_ = false;
  uint32_t decisive_rule_ = kNoIndex;
  EntityId second_ = kUnknownEntity;
  std::unique_ptr<uint64_t[]> registers_;
  size_t registers_used_ = 0;
  std::unique_ptr<uint64_t[]> masks_;
  size_t masks_used_ = 0;
  std::vector<Remembered> remembered_;
  std::vector<Closure> closures_;
  std::vector<std::unique_ptr<std::vector<EntityId>>> buffers_;
  size_t buffers_used_ = 0;
};

// A condition that is tested for all symbols of one variable of its frame.
struct Evaluator::MaskTest {
  uint32_t variable = 0;
  uint32_t space = 0;
  uint32_t words = 0;
  uint64_t* frame = nullptr;
};

// Counts one level of nesting while it lives.
struct Evaluator::Depth {
  explicit Depth(Evaluator& evaluator) : owner(evaluator) {
    if (++owner.depth_ > kMaxDepth) owner.exhausted_ = true;
  }
  ~Depth() { --owner.depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;
  Evaluator& owner;
};

}  // namespace portvakt::engine
