// From a question to the ground formula of what must be so (engine/missing_formula.h). Walks the
// decision program as the evaluator does, but follows every branch, and asks the evaluator for
// whatever no step changes.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "engine/decision.h"
#include "engine/evaluator.h"
#include "engine/missing_formula.h"

namespace portvakt::engine::missing {

// Entities that one `some` tries where its tie may be added: beyond them, those that its tie yields
// now and the first of the rest. A step about any of the others costs the same.
inline constexpr size_t kMaxTriedEntities = 300;
// Entities that a request could have brought for one input.
inline constexpr size_t kMaxInputEntities = 30;
// Parts of one formula; an ordinary question has some hundreds.
inline constexpr size_t kMaxParts = 200'000;
// A `some` over so few symbols of a fact is taken apart at once.
inline constexpr size_t kFewSymbols = 8;
// Conditions inside each other; each takes some 400 bytes of the stack.
inline constexpr uint32_t kMaxGroundDepth = 1'000;

using Deadline = std::chrono::steady_clock::time_point;

// A request with one more thing supplied.
void Supply(const Program& program, const InputKey& key, const InputValue& value, Request& request);

class Grounder {
 public:
  // `evaluator` has begun `request`; `trial` is free to use. All live as long as this.
  Grounder(Evaluator& evaluator, Evaluator& trial, const Reader::Clock& clock,
           const Request& request, const Question& question, Deadline deadline);

  Formula Ground();
  // What must be so that the rules let an actor make a change; the evaluator has begun a change.
  // What the request brings is taken as it is, and no step gives the actor anything.
  Formula GroundChange(const ProposedChange& change, EntityId actor);
  // Rules that keep the root from ever holding: forbids that no step lifts, and where no permit can
  // come to hold, all permits.
  const std::vector<uint32_t>& unmendable() const { return unmendable_; }

 private:
  struct Override {
    uint32_t input;  // index into Formula::inputs
    uint32_t candidate;
  };

  // missing_ground.cpp
  PartId Decision(EntityId subject, uint32_t permission, EntityId object, bool wanted, bool tell);
  PartId Rule(uint32_t rule, EntityId subject, uint32_t permission, EntityId object, bool wanted);
  PartId Condition(uint32_t node, uint64_t* frame, bool wanted);
  PartId Children(const NodeRecord& node, uint64_t* frame, bool wanted);
  PartId SomeSymbol(const NodeRecord& node, uint64_t* frame, bool wanted);
  PartId SomeEntity(const NodeRecord& node, uint64_t* frame, bool wanted);
  void Domain(const NodeRecord& node, uint64_t* frame, std::vector<EntityId>& out);
  bool Fixed(uint32_t source) const;
  PartId Define(uint32_t node, uint64_t* frame, bool wanted);
  PartId May(uint32_t node, uint64_t* frame, bool wanted);

  // missing_sentences.cpp: what is stored, as literals.
  PartId Sentence(uint32_t node, uint64_t* frame, bool wanted);
  PartId Fact(const NodeRecord& node, EntityId subject, EntityId object, const uint64_t* frame,
              bool wanted);
  std::optional<PartId> AnySymbol(const NodeRecord& some, uint64_t* frame);
  PartId Role(const NodeRecord& node, EntityId subject, EntityId object, const uint64_t* frame,
              bool wanted);
  PartId SeatFree(const NodeRecord& node, EntityId pool, const uint64_t* frame, bool wanted);
  PartId Stored(const ProposedChange& change, const FactKey& key, bool wanted);
  bool Admits(Range types, EntityId entity) const;

  // missing_inputs.cpp: what the request brings, as literals.
  bool Expand(uint32_t node, uint64_t* frame, bool wanted, PartId& result);
  uint32_t FirstInput(const NodeRecord& node, const uint64_t* frame);
  uint32_t InputOf(uint32_t term, const uint64_t* frame);
  uint32_t FindInput(const InputKey& key, const Value& given);
  void AddCandidates(Input& input);
  void AddEntities(Input& input, const ValueTypeRecord& type);
  void AddNear(Input& input, const NodeRecord& node, const uint64_t* frame);
  uint32_t AddCandidate(Input& input, InputValue value, EntityId entity, uint64_t distance);
  void NoteWanted(const NodeRecord& node, bool input_left, bool wanted, Candidate& candidate) const;
  Evaluator& Terms();

  bool Out();

  Evaluator& evaluator_;
  Evaluator& trial_;
  const Program& program_;
  const Reader::Clock& clock_;
  const Request& request_;
  const Question question_;
  const Deadline deadline_;
  Formula formula_;
  std::map<std::vector<uint64_t>, PartId> known_;
  std::vector<uint32_t> unmendable_;
  std::vector<Override> overrides_;
  Request trial_request_;
  std::vector<Override> begun_;
  uint32_t depth_ = 0;
  uint32_t ticks_ = 0;
  bool out_ = false;
  bool asks_request_ = true;
};

}  // namespace portvakt::engine::missing
