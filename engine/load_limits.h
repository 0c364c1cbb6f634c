// Holds a load to the limits of the active policy: what a batch changes is judged as one step, the
// state after it against the state before. Belongs to one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/change_plan.h"
#include "engine/data_findings.h"
#include "engine/judge_request.h"

namespace portvakt::engine {

// Limits listed as warnings after a load.
inline constexpr size_t kMaxLimitWarnings = 20;

class LoadLimits {
 public:
  // `store` and `module` outlive it. Limits are those of the store's active policy; without one,
  // and while the store holds no entity, nothing is held back.
  LoadLimits(const Store& store, const dsl::Module& module, int64_t now_us);

  // While this is false nothing need be gathered.
  bool any() const { return any_; }
  // Adds a finding for each limit that the batch, not written yet, would take further from being
  // kept.
  void Check(std::vector<Operation> operations, DataFindings& findings, DataPlace place);
  // After the load: what is not kept, when new entities came, of whom no limit held before.
  std::vector<std::string> Warnings();

 private:
  const Store& store_;
  DataNames names_;
  int64_t now_us_;
  Reader::Clock clock_;
  ProgramInUse program_;
  bool any_ = false;
  bool new_entities_ = false;
};

}  // namespace portvakt::engine
