#include "engine/judge_request.h"

#include <algorithm>
#include <cstring>

#include "engine/change_plan.h"
#include "engine/verify.h"

namespace portvakt::engine {
namespace {

using Outcome = ChangeVerdict::Outcome;

template <class T>
void AddNew(std::vector<T>& all, std::vector<T>&& more) {
  for (T& one : more) {
    if constexpr (std::is_same_v<T, ReasonText>) {
      const bool known = std::any_of(all.begin(), all.end(), [&](const ReasonText& reason) {
        return reason.code == one.code && reason.text == one.text;
      });
      if (known) continue;
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (std::find(all.begin(), all.end(), one) != all.end()) continue;
    }
    all.push_back(std::move(one));
  }
}

// One change may be several to the rules: two attributes, or a validity that both gains and loses.
void Merge(ChangeVerdict& all, ChangeVerdict&& one) {
  if (one.outcome == Outcome::kRefused) all.outcome = Outcome::kRefused;
  AddNew(all.reasons, std::move(one.reasons));
  AddNew(all.decided_by, std::move(one.decided_by));
  AddNew(all.obligations, std::move(one.obligations));
  AddNew(all.rules, std::move(one.rules));
  AddNew(all.missing_context, std::move(one.missing_context));
}

void AskAll(const ChangeScene& scene, const Acting& acting, const ChangePlan& plan,
            ChangeVerdict& verdict) {
  std::vector<ChangeVerdict> all;
  for (const ProposedChange& asked : plan.asked) {
    scene.judge.AskRules(scene.overlay, acting.asker, asked, all.emplace_back());
  }
  const auto refused = [](const ChangeVerdict& one) { return one.outcome == Outcome::kRefused; };
  const bool any = std::any_of(all.begin(), all.end(), refused);
  // What permits one part is no news where another is refused.
  for (ChangeVerdict& one : all) {
    if (!any || refused(one)) Merge(verdict, std::move(one));
  }
}

}  // namespace

Status PolicyInUse::Refresh(const Snapshot& snapshot) {
  auto policy = cache_.GetActive(snapshot);
  if (!policy) return policy.error();
  policy_ = *policy;
  return program_.Refresh(snapshot, policy_->version);
}

Status ProgramInUse::Refresh(const Snapshot& snapshot, uint32_t version) {
  const std::string_view stored = snapshot.PolicyProgram(version);
  if (judge_ != nullptr && size_ == stored.size() &&
      std::memcmp(bytes_.data(), stored.data(), size_) == 0) {
    return Done{};
  }
  judge_.reset();
  bytes_.assign(stored.size() / sizeof(uint64_t) + 1, 0);
  size_ = stored.size();
  std::memcpy(bytes_.data(), stored.data(), size_);
  Result<Program> program = ReadProgram({reinterpret_cast<const char*>(bytes_.data()), size_});
  if (!program) return program.error();
  program_ = *program;
  judge_ = std::make_unique<Judge>(program_, clock_);
  return Done{};
}

Result<Acting> FindActing(const ChangeScene& scene, const ChangeRequest& request) {
  Acting acting;
  acting.asker.context = &request.context;
  acting.asker.now_us = scene.now_us;
  std::string code;
  if (request.actor) {
    const auto actor = FindNamed(scene.names, scene.overlay, *request.actor, code);
    if (!actor) return Error{actor.error().code, "the actor: " + actor.error().message};
    acting.by_operator = false;
    acting.asker.actor = *actor;
  }
  if (request.second) {
    const auto second = FindNamed(scene.names, scene.overlay, *request.second, code);
    if (!second) return Error{second.error().code, "who confirms: " + second.error().message};
    acting.asker.second = *second;
  }
  return acting;
}

ChangeVerdict MakeChange(const ChangeScene& scene, const Acting& acting, const ChangeItem& item) {
  ChangeVerdict verdict;
  ChangePlan plan;
  if (!PlanChange(scene.names, scene.overlay, scene.now_us, item, plan, verdict)) return verdict;
  const size_t before = scene.overlay.changes().size();
  if (!acting.by_operator) {
    MakeOperations(plan, plan.created, scene.overlay);
    AskAll(scene, acting, plan, verdict);
    scene.overlay.Undo(before);
  }
  if (plan.refusal && verdict.outcome == Outcome::kDone) {
    verdict.outcome = Outcome::kRefused;
    verdict.reasons.push_back(*plan.refusal);
  }
  // Who may not make it is not told what the limits would have said.
  const bool agreed = verdict.outcome == Outcome::kDone;
  if (agreed) scene.judge.Before(scene.overlay, plan.touched, scene.now_us);
  MakeOperations(plan, plan.operations.size(), scene.overlay);
  if (!agreed) return verdict;
  if (scene.overlay.changes().size() == before) {
    verdict.outcome = Outcome::kAlready;
  } else {
    scene.judge.After(scene.overlay, plan.touched, verdict);
  }
  return verdict;
}

void MakeChanges(const ChangeScene& scene, const Acting& acting,
                 const std::vector<ChangeItem>& changes, ChangeResult& result) {
  const size_t before = scene.overlay.changes().size();
  bool refused = false;
  bool invalid = false;
  for (const ChangeItem& item : changes) {
    const ChangeVerdict& verdict = result.verdicts.emplace_back(MakeChange(scene, acting, item));
    refused |= verdict.outcome == Outcome::kRefused;
    invalid |= verdict.outcome == Outcome::kInvalid;
  }
  const bool changed = scene.overlay.changes().size() != before;
  result.outcome = invalid   ? ChangeResult::Outcome::kInvalid
                   : refused ? ChangeResult::Outcome::kRefused
                   : changed ? ChangeResult::Outcome::kApplied
                             : ChangeResult::Outcome::kUnchanged;
}

}  // namespace portvakt::engine
