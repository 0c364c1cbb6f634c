// Limits, judged by distance: how far each binding of `for every` is from being kept, before a
// change and after it. Only the bindings that the change can touch are looked at; the program's
// triggers say which (engine/triggers.h).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/change.h"
#include "engine/evaluator.h"
#include "engine/former_view.h"
#include "engine/judge.h"

namespace portvakt::engine {

// Bindings looked at when all that is broken is listed: a few seconds' worth.
inline constexpr int64_t kMaxListedSteps = 50'000'000;

class LimitJudge {
 public:
  LimitJudge(const Program& program, const Reader::Clock& clock)
      : program_(program), clock_(clock) {}

  // As Judge's.
  void Before(const View& view, std::span<const ProposedChange> changes,
              std::optional<int64_t> now_us);
  void After(const View& view, std::span<const ProposedChange> changes, ChangeVerdict& verdict);
  std::vector<LimitReport> Broken(const View& view, size_t most, std::optional<int64_t> now_us);

 private:
  // Values of the `for every` variables; entities and symbols as frames have them.
  using Binding = std::vector<uint64_t>;
  // Of the binding, who may be counted otherwise than before.
  struct Touched {
    bool anyone = false;
    std::set<EntityId> counted;
  };
  using AllTouched = std::map<std::pair<uint32_t, Binding>, Touched>;  // by the limit's index
  struct Count {
    int64_t count = 0;
    int64_t bound = 0;
    std::vector<EntityId> counted;
  };
  class Finder;

  bool IsOf(const TriggerRecord& trigger, const ProposedChange& change);
  bool ReadsAttributeOf(const TriggerRecord& trigger, EntityId entity);
  void Touch(uint32_t limit, const ProposedChange& change, AllTouched& touched);
  bool IsFurther(const LimitRecord& limit, const Binding& binding, const Touched& touched);

  // limit_counts.cpp
  uint64_t* PushBinding(Evaluator& evaluator, const LimitRecord& limit, const Binding& binding);
  Tri Holds(Evaluator& evaluator, const LimitRecord& limit, const Binding& binding,
            EntityId counted);
  // Stops when more would not change how far the limit is from being kept, unless `all`.
  Count CountOf(Evaluator& evaluator, const LimitRecord& limit, const Binding& binding, bool all);
  static int64_t Distance(const LimitRecord& limit, const Count& count);

  // limit_reports.cpp
  LimitReport Report(Evaluator& evaluator, const LimitRecord& limit, const Binding& binding);
  std::string Remedy(Evaluator& evaluator, const LimitRecord& limit, uint64_t* frame,
                     const LimitReport& report);

  const Program& program_;
  const Reader::Clock& clock_;
  std::optional<int64_t> now_us_;
  FormerView former_;
  Evaluator before_;
  Evaluator after_;
};

}  // namespace portvakt::engine
