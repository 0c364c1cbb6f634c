// What the policy says of one change: its rules about changes, and its limits. Below the names:
// numbers in, verdicts out. Belongs to one thread.
//
// For one change of a batch: AskRules in the state before it (of a new entity: with it there), then
// Before, make the change, After.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/change.h"
#include "engine/decision.h"
#include "engine/evaluator.h"
#include "engine/program.h"
#include "engine/reader.h"
#include "engine/store.h"

namespace portvakt::engine {

struct ProposedChange {
  enum class Target : uint8_t { kFact, kRole, kHolds, kSeats, kEntity, kAttribute };
  Target target = Target::kFact;
  bool adds = false;
  bool removes = false;          // an attribute's value that is replaced: both
  EntityId subject = kNoEntity;  // kSeats: the pool; kEntity, kAttribute: the entity
  EntityId object = kNoEntity;
  uint32_t relation = kNoIndex;   // kFact: store number
  uint32_t symbol = kNoIndex;     // store number of the permission, role, licence or program
  uint32_t program = kNoIndex;    // kRole that is held for a program
  uint32_t attribute = kNoIndex;  // kAttribute
};

// Who asks, and with what.
struct Asker {
  EntityId actor = kNoEntity;
  EntityId second = kUnknownEntity;  // nobody has confirmed yet
  const InputValues* context = nullptr;
  std::optional<int64_t> now_us;
};

class Judge {
 public:
  // `program` and `clock` live as long as the judge.
  Judge(const Program& program, const Reader::Clock& clock);
  ~Judge();

  // The rules alone: (some permit is true) and (no forbid is true), three-valued. A permit whose
  // operation is `change` covers both; an attribute that is replaced needs a permit for its removal
  // and one for its addition.
  Tri Verdict(const View& view, const Asker& asker, const ProposedChange& change);
  // The same with reasons, rules and notes: sets outcome to kDone or kRefused.
  void AskRules(const View& view, const Asker& asker, const ProposedChange& change,
                ChangeVerdict& verdict);

  // Several elementary changes that are one step: an entity that goes with its facts. Notes how far
  // each limit that they touch is from being kept.
  void Before(const View& view, std::span<const ProposedChange> changes,
              std::optional<int64_t> now_us);
  // Refuses (outcome, reasons with the limit's name as code, limits) when a binding that existed
  // before is further away now. `view` is the state with the changes made.
  void After(const View& view, std::span<const ProposedChange> changes, ChangeVerdict& verdict);

  // Limits that are not kept.
  std::vector<LimitReport> Broken(const View& view, size_t most, std::optional<int64_t> now_us);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portvakt::engine
