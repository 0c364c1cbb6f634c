#include "engine/load_limits.h"

#include <algorithm>

namespace portvakt::engine {
namespace {

bool IsEmpty(const View& view) {
  for (uint32_t type = 0; !view.NameOf(Space::kType, type).empty(); ++type) {
    if (view.NextIndex(static_cast<uint16_t>(type)) > 0) return false;
  }
  return true;
}

// `last_boss: norr would be without a boss (agency norr)`.
std::string Sentence(const LimitReport& report) {
  std::string text = Quoted(report.limit);
  if (!report.text.empty()) text += ": " + report.text;
  std::string binding;
  for (const auto& [name, value] : report.binding) {
    binding += (binding.empty() ? "" : ", ") + name + " " + value;
  }
  return binding.empty() ? text : text + " (" + binding + ")";
}

// New entities by their numbers, so that an overlay gives them the same; then the rest in order.
// A second record of a new entity is a change of it.
ChangePlan PlanOf(std::vector<Operation> operations) {
  ChangePlan plan;
  const auto creates = [](const Operation& operation) {
    return operation.kind == Operation::Kind::kCreate;
  };
  const auto rest = std::stable_partition(operations.begin(), operations.end(), creates);
  std::stable_sort(operations.begin(), rest,
                   [](const Operation& a, const Operation& b) { return a.entity < b.entity; });
  plan.operations = std::move(operations);
  for (size_t i = 1; i < plan.operations.size() && creates(plan.operations[i]); ++i) {
    Operation& operation = plan.operations[i];
    if (operation.entity != plan.operations[i - 1].entity) continue;
    operation.kind = Operation::Kind::kSetAttributes;
  }
  return plan;
}

void Touch(const DataNames& names, const View& view, ChangePlan& plan) {
  for (const Operation& operation : plan.operations) {
    ProposedChange change;
    change.subject = operation.entity;
    change.adds = true;
    switch (operation.kind) {
      case Operation::Kind::kAddFact:
      case Operation::Kind::kRemoveFact:
        if (!DescribeFact(names, view, operation.fact, change)) continue;
        // A validity that is replaced may give and take.
        change.removes = true;
        change.adds = operation.kind == Operation::Kind::kAddFact;
        plan.touched.push_back(change);
        continue;
      case Operation::Kind::kSetSeats:
        change.target = ProposedChange::Target::kSeats;
        change.symbol = operation.licence;
        change.removes = true;
        plan.touched.push_back(change);
        continue;
      case Operation::Kind::kCreate:
      case Operation::Kind::kRemoveEntity:
        change.target = ProposedChange::Target::kEntity;
        change.adds = operation.kind == Operation::Kind::kCreate;
        change.removes = !change.adds;
        plan.touched.push_back(change);
        break;
      case Operation::Kind::kSetAttributes: break;
    }
    change.target = ProposedChange::Target::kAttribute;
    change.adds = true;
    change.removes = true;
    // What the record had, and what it has.
    std::vector<StoredAttribute> all = view.FindRecord(operation.entity).All();
    all.insert(all.end(), operation.attributes.begin(), operation.attributes.end());
    for (const StoredAttribute& stored : all) {
      change.attribute = stored.attribute;
      plan.touched.push_back(change);
    }
  }
}

}  // namespace

LoadLimits::LoadLimits(const Store& store, const dsl::Module& module, int64_t now_us)
    : store_(store),
      names_(module),
      now_us_(now_us),
      clock_([now_us] { return now_us; }),
      program_(clock_) {
  const Result<Snapshot> snapshot = store_.Read();
  if (!snapshot || module.limits.empty()) return;
  const std::optional<PolicyInfo> active = snapshot->ActivePolicy();
  any_ = active && program_.Refresh(*snapshot, active->version);
}

void LoadLimits::Check(std::vector<Operation> operations, DataFindings& findings, DataPlace place) {
  const Result<Snapshot> snapshot = store_.Read();
  if (!snapshot) return findings.Add(place, snapshot.error().message);
  new_entities_ |= std::any_of(operations.begin(), operations.end(), [](const auto& operation) {
    return operation.kind == Operation::Kind::kCreate;
  });
  if (IsEmpty(*snapshot)) return;
  Overlay overlay(*snapshot);
  ChangePlan plan = PlanOf(std::move(operations));
  Touch(names_, overlay, plan);
  program_.judge().Before(overlay, plan.touched, now_us_);
  MakeOperations(plan, plan.operations.size(), overlay);
  ChangeVerdict verdict;
  program_.judge().After(overlay, plan.touched, verdict);
  for (const LimitReport& report : verdict.limits) {
    findings.Add(place, "the load would break " + Sentence(report), report.remedy);
  }
}

std::vector<std::string> LoadLimits::Warnings() {
  std::vector<std::string> warnings;
  if (!any_ || !new_entities_) return warnings;
  const Result<Snapshot> snapshot = store_.Read();
  if (!snapshot) return warnings;
  for (const auto& report : program_.judge().Broken(*snapshot, kMaxLimitWarnings, now_us_)) {
    warnings.push_back("not kept: " + Sentence(report));
  }
  return warnings;
}

}  // namespace portvakt::engine
