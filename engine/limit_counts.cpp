// The value of a limit for one binding.
#include "dsl/module.h"
#include "engine/limits.h"

namespace portvakt::engine {

uint64_t* LimitJudge::PushBinding(Evaluator& evaluator, const LimitRecord& limit,
                                  const Binding& binding) {
  uint64_t* frame = evaluator.PushFrame(limit.variables.count);
  if (frame != nullptr) std::copy(binding.begin(), binding.end(), frame);
  return frame;
}

// Of an uncounted limit `counted` is kNoEntity. Who is not there is not counted.
Tri LimitJudge::Holds(Evaluator& evaluator, const LimitRecord& limit, const Binding& binding,
                      EntityId counted) {
  if (counted != kNoEntity && !evaluator.reader().RecordOf(counted).exists()) return Tri::kFalse;
  uint64_t* frame = PushBinding(evaluator, limit, binding);
  if (frame == nullptr) return Tri::kUnknown;
  if (counted != kNoEntity) frame[limit.for_every_count] = counted;
  const Tri value = evaluator.Test(limit.condition, frame);
  evaluator.PopFrame(frame);
  return value;
}

LimitJudge::Count LimitJudge::CountOf(Evaluator& evaluator, const LimitRecord& limit,
                                      const Binding& binding, bool all) {
  Count result;
  uint64_t* frame = PushBinding(evaluator, limit, binding);
  if (frame == nullptr) return result;
  const uint32_t variable = limit.for_every_count;
  const Range types = program_.variables[limit.variables.first + variable].types;
  result.bound = evaluator.ValueOf(limit.bound, frame).number;
  std::vector<EntityId> candidates;
  if (!evaluator.SearchCandidates(limit.count_source, frame, candidates)) {
    candidates.clear();
    for (uint32_t type : program_.List(types)) {
      evaluator.reader().view().Entities(static_cast<uint16_t>(type), candidates);
    }
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  const bool least = limit.count == static_cast<uint32_t>(dsl::Limit::Count::kAtLeast);
  for (EntityId candidate : candidates) {
    if (!evaluator.Spend()) break;
    if (!all && least && result.count >= result.bound) break;
    if (!evaluator.Admits(types, candidate)) continue;
    if (!evaluator.reader().RecordOf(candidate).exists()) continue;
    frame[variable] = candidate;
    if (evaluator.Test(limit.condition, frame) != Tri::kTrue) continue;
    ++result.count;
    if (all) result.counted.push_back(candidate);
  }
  evaluator.PopFrame(frame);
  return result;
}

int64_t LimitJudge::Distance(const LimitRecord& limit, const Count& count) {
  const bool least = limit.count == static_cast<uint32_t>(dsl::Limit::Count::kAtLeast);
  return std::max<int64_t>(0, least ? count.bound - count.count : count.count - count.bound);
}

}  // namespace portvakt::engine
