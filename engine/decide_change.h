// The rules of a program about one operation of a change.
#pragma once

#include <vector>

#include "engine/evaluator.h"
#include "engine/explain.h"
#include "engine/judge.h"

namespace portvakt::engine {

// Those whose head describes the change, made by this actor. The change outlives it.
class ChangeRules {
 public:
  // `adds`: what it adds, else what it removes.
  ChangeRules(const Evaluator& evaluator, const ProposedChange& change, EntityId actor, bool adds);
  ChangeRules(const ChangeRules&) = delete;
  ChangeRules& operator=(const ChangeRules&) = delete;

  const Asked& asked() const { return asked_; }

 private:
  Asked asked_;
  std::vector<uint32_t> permits_;
  std::vector<uint32_t> forbids_;
  std::vector<uint32_t> notes_;
};

// With `held` every permit is tested, and those that hold are added to it.
Tri VerdictOf(Explainer& explainer, const Asked& asked, std::vector<uint32_t>* held);

}  // namespace portvakt::engine
