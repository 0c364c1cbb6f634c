// Which bindings a change touches, and whether it takes one further away.
#include "engine/limits.h"

#include <algorithm>
#include <bit>
#include <functional>

#include "dsl/module.h"

namespace portvakt::engine {
namespace {

using LimitCount = dsl::Limit::Count;
using Target = ProposedChange::Target;

LimitCount CountKind(const LimitRecord& limit) { return static_cast<LimitCount>(limit.count); }

}  // namespace

// Finds bindings: first what follows from a change, then what the searches give, then symbols.
class LimitJudge::Finder {
 public:
  using Found = std::function<void(const uint64_t* frame)>;
  Finder(Evaluator& evaluator, const Program& program, const LimitRecord& limit, Range searches,
         Found found)
      : evaluator_(evaluator),
        program_(program),
        limit_(limit),
        searches_(program.List(searches)),
        found_(std::move(found)),
        bound_(limit.variables.count, false) {}

  void Run() {
    frame_ = evaluator_.PushFrame(limit_.variables.count);
    if (frame_ == nullptr) return;
    Search(0);
    evaluator_.PopFrame(frame_);
  }
  void Run(const TriggerRecord& trigger, const ProposedChange& change) {
    frame_ = evaluator_.PushFrame(limit_.variables.count);
    if (frame_ == nullptr) return;
    End(trigger, change, 0);
    evaluator_.PopFrame(frame_);
  }

 private:
  const VariableRecord& Variable(uint32_t variable) const {
    return program_.variables[limit_.variables.first + variable];
  }

  template <class Values, class Next>
  void Each(uint32_t variable, const Values& values, const Next& next) {
    bound_[variable] = true;
    for (const auto value : values) {
      if (!evaluator_.Spend()) break;
      if (Variable(variable).is_symbol == 0 &&
          !evaluator_.Admits(Variable(variable).types, value)) {
        continue;
      }
      frame_[variable] = value;
      next();
    }
    bound_[variable] = false;
  }

  void End(const TriggerRecord& trigger, const ProposedChange& change, uint32_t index) {
    if (index == trigger.ends.count) return Search(0);
    const TriggerEndRecord& end = program_.trigger_ends[trigger.ends.first + index];
    const auto next = [&] { End(trigger, change, index + 1); };
    // A variable that stands at both ends: one of them is enough to find it.
    if (bound_[end.variable]) return next();
    if (end.end >= TriggerEndRecord::End::kSymbol) {
      return Each(end.variable, Symbols(end, change), next);
    }
    std::vector<EntityId> from = {end.end == TriggerEndRecord::End::kSubject ? change.subject
                                                                             : change.object};
    const auto path = program_.List(end.path);
    for (size_t step = path.size(); step-- > 0;) {
      std::vector<EntityId> referrers;
      for (EntityId each : from) {
        if (!evaluator_.Spend()) break;
        evaluator_.reader().view().Referrers(static_cast<uint16_t>(path[step]), each, referrers);
      }
      std::sort(referrers.begin(), referrers.end());
      referrers.erase(std::unique(referrers.begin(), referrers.end()), referrers.end());
      from = std::move(referrers);
    }
    Each(end.variable, from, next);
  }

  std::vector<uint64_t> Symbols(const TriggerEndRecord& end, const ProposedChange& change) const {
    if (end.end == TriggerEndRecord::End::kProgram) return Declared(end.variable, change.program);
    if (change.target != Target::kRole) return Declared(end.variable, change.symbol);
    // Who gets a role gets all that it includes.
    std::vector<uint64_t> roles;
    const uint32_t changed = program_.SymbolOfNumber(kRoleSpace, change.symbol);
    for (const RoleRecord& role : program_.roles) {
      const auto by = program_.List(role.included_by);
      if (std::find(by.begin(), by.end(), changed) != by.end()) roles.push_back(role.number);
    }
    return roles;
  }

  // The symbols that a variable can be: `symbol`, or all when it is kNoIndex.
  std::vector<uint64_t> Declared(uint32_t variable, uint32_t symbol) const {
    const uint32_t space = Variable(variable).space;
    const uint32_t mask = program_.header().declared[space];
    std::vector<uint64_t> result;
    for (uint32_t number = 0; number < program_.mask_words(space) * 64; ++number) {
      if (symbol != kNoIndex && number != symbol) continue;
      if (program_.Bit(mask, number)) result.push_back(number);
    }
    return result;
  }

  void Search(size_t index) {
    if (index == searches_.size()) return Symbol(0);
    const uint32_t variable = searches_[index];
    if (bound_[variable]) return Search(index + 2);
    std::vector<EntityId> candidates;
    if (!evaluator_.SearchCandidates(searches_[index + 1], frame_, candidates)) {
      candidates.clear();
      for (uint32_t type : program_.List(Variable(variable).types)) {
        evaluator_.reader().view().Entities(static_cast<uint16_t>(type), candidates);
      }
    }
    Each(variable, candidates, [&] { Search(index + 2); });
  }

  void Symbol(uint32_t variable) {
    if (variable == limit_.for_every_count) return found_(frame_);
    if (bound_[variable]) return Symbol(variable + 1);
    Each(variable, Declared(variable, kNoIndex), [&] { Symbol(variable + 1); });
  }

  Evaluator& evaluator_;
  const Program& program_;
  const LimitRecord& limit_;
  std::span<const uint32_t> searches_;
  Found found_;
  std::vector<bool> bound_;
  uint64_t* frame_ = nullptr;
};

// Whether an entity that comes or goes brings or takes the attribute.
bool LimitJudge::ReadsAttributeOf(const TriggerRecord& trigger, EntityId entity) {
  ValueView value;
  const auto attribute = static_cast<uint16_t>(trigger.number);
  return before_.reader().view().FindRecord(entity).Find(attribute, value) ||
         after_.reader().view().FindRecord(entity).Find(attribute, value);
}

bool LimitJudge::IsOf(const TriggerRecord& trigger, const ProposedChange& change) {
  if (trigger.target == kAnyTarget) return true;
  if (change.target == Target::kEntity &&
      trigger.target == static_cast<uint32_t>(Target::kAttribute)) {
    return ReadsAttributeOf(trigger, change.subject);
  }
  if (trigger.target != static_cast<uint32_t>(change.target)) return false;
  const bool same_symbol = trigger.symbol == kNoIndex || trigger.symbol == change.symbol;
  const bool same_place = (trigger.placed != 0) == (change.object != kNoEntity);
  switch (change.target) {
    case Target::kFact: return trigger.number == change.relation && same_symbol;
    case Target::kAttribute: return trigger.number == change.attribute;
    case Target::kHolds: return same_symbol && same_place;
    case Target::kSeats: return same_symbol;
    case Target::kEntity: return true;
    case Target::kRole: break;
  }
  if (!same_place || (trigger.program != kNoIndex && trigger.program != change.program)) {
    return false;
  }
  if (same_symbol) return true;
  const uint32_t asked = program_.SymbolOfNumber(kRoleSpace, trigger.symbol);
  const uint32_t changed = program_.SymbolOfNumber(kRoleSpace, change.symbol);
  if (asked == kNoIndex || changed == kNoIndex) return false;
  const auto by = program_.List(program_.roles[asked].included_by);
  return std::find(by.begin(), by.end(), changed) != by.end();
}

void LimitJudge::Touch(uint32_t index, const ProposedChange& change, AllTouched& touched) {
  const LimitRecord& limit = program_.limits[index];
  for (uint32_t i = 0; i < limit.triggers.count; ++i) {
    const TriggerRecord& trigger = program_.triggers[limit.triggers.first + i];
    if (!IsOf(trigger, change)) continue;
    Evaluator& evaluator = trigger.after != 0 ? after_ : before_;
    Finder finder(evaluator, program_, limit, trigger.searches, [&](const uint64_t* frame) {
      // New entities are not held to account yet, and those that go no more.
      for (uint32_t v = 0; v < limit.for_every_count; ++v) {
        if (program_.variables[limit.variables.first + v].is_symbol != 0) continue;
        if (!before_.reader().RecordOf(frame[v]).exists()) return;
        if (!after_.reader().RecordOf(frame[v]).exists()) return;
      }
      Touched& entry = touched[{index, Binding(frame, frame + limit.for_every_count)}];
      if (trigger.counts_one != 0) {
        entry.counted.insert(frame[limit.for_every_count]);
      } else {
        entry.anyone = true;
      }
    });
    finder.Run(trigger, change);
  }
}

bool LimitJudge::IsFurther(const LimitRecord& limit, const Binding& binding,
                           const Touched& touched) {
  if (CountKind(limit) == LimitCount::kUncounted) {
    return Holds(before_, limit, binding, kNoEntity) == Tri::kTrue &&
           Holds(after_, limit, binding, kNoEntity) != Tri::kTrue;
  }
  const bool most = CountKind(limit) == LimitCount::kAtMost;
  const auto worse = [&](EntityId counted) {
    const bool was = Holds(before_, limit, binding, counted) == Tri::kTrue;
    if (was == most) return false;
    return (Holds(after_, limit, binding, counted) == Tri::kTrue) == most;
  };
  if (!touched.anyone && std::none_of(touched.counted.begin(), touched.counted.end(), worse)) {
    return false;
  }
  const int64_t after = Distance(limit, CountOf(after_, limit, binding, false));
  return after > 0 && after > Distance(limit, CountOf(before_, limit, binding, false));
}

void LimitJudge::Before(const View& view, std::span<const ProposedChange> changes,
                        std::optional<int64_t> now_us) {
  if (program_.limits.empty()) return;
  now_us_ = now_us ? now_us : clock_();
  former_.Keep(view, changes);
}

void LimitJudge::After(const View& view, std::span<const ProposedChange> changes,
                       ChangeVerdict& verdict) {
  if (program_.limits.empty()) return;
  former_.SetLater(view);
  before_.Begin(program_, former_, clock_, nullptr, now_us_);
  after_.Begin(program_, view, clock_, nullptr, now_us_);
  AllTouched touched;
  for (uint32_t limit = 0; limit < program_.limits.size(); ++limit) {
    for (const ProposedChange& change : changes) Touch(limit, change, touched);
  }
  std::vector<LimitReport> broken;
  for (const auto& [key, counted] : touched) {
    const LimitRecord& limit = program_.limits[key.first];
    if (!IsFurther(limit, key.second, counted)) continue;
    if (before_.exhausted() || after_.exhausted()) break;
    broken.push_back(Report(after_, limit, key.second));
  }
  if (before_.exhausted() || after_.exhausted()) {
    verdict.outcome = ChangeVerdict::Outcome::kRefused;
    verdict.reasons.push_back(
        {"budget", "its limits would take more than " + std::to_string(kMaxSteps) + " steps"});
    return;
  }
  for (LimitReport& report : broken) {
    verdict.outcome = ChangeVerdict::Outcome::kRefused;
    verdict.reasons.push_back({report.limit, report.text});
    verdict.limits.push_back(std::move(report));
  }
}

std::vector<LimitReport> LimitJudge::Broken(const View& view, size_t most,
                                            std::optional<int64_t> now_us) {
  const int64_t now = now_us ? *now_us : clock_();
  std::vector<LimitReport> broken;
  std::set<std::pair<uint32_t, Binding>> seen;
  before_.Begin(program_, view, clock_, nullptr, now, kMaxListedSteps);
  for (uint32_t index = 0; index < program_.limits.size(); ++index) {
    const LimitRecord& limit = program_.limits[index];
    Finder finder(before_, program_, limit, limit.searches, [&](const uint64_t* frame) {
      if (broken.size() >= most) return;
      const Binding binding(frame, frame + limit.for_every_count);
      if (!seen.insert({index, binding}).second) return;
      after_.Begin(program_, view, clock_, nullptr, now);
      const bool kept = CountKind(limit) == LimitCount::kUncounted
                            ? Holds(after_, limit, binding, kNoEntity) == Tri::kTrue
                            : Distance(limit, CountOf(after_, limit, binding, false)) == 0;
      if (!kept) broken.push_back(Report(after_, limit, binding));
    });
    finder.Run();
  }
  return broken;
}

}  // namespace portvakt::engine
