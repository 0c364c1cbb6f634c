// One step of a case: asked or done, and compared with what must come of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/policy.h"
#include "cli/scenario_file.h"
#include "engine/engine.h"

namespace portvakt::cli {

struct StepResult {
  bool passed = false;
  std::string question;  // "eva: add david assigned_to alfa"
  std::string expected;  // "refused because wrong_program_admin (first)"
  std::string actual;    // the same form
  std::string explanation;
};

// Where a sentence of the test file is wrong.
struct StepFinding {
  FilePlace place;
  std::string message;
};

// Takes the step in the engine's newest state; its clock stands at `now_us`. Changes that are
// accepted are made. Empty after `finding` when the step cannot be taken.
std::optional<StepResult> TakeStep(const ScenarioStep& step, const Policy& policy,
                                   engine::Engine& engine, int64_t now_us, StepFinding& finding);

}  // namespace portvakt::cli
