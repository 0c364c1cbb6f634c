// An entity goes with all that is stored about it: facts on both sides, roles, licences and seats.
// What refers to it must let go first.
#include <bit>
#include <set>

#include "engine/change_plan.h"
#include "engine/compile.h"

namespace portvakt::engine {
namespace {

// Names of those that still refer to an entity, in one sentence.
constexpr size_t kMaxReferrersTold = 20;

// Calls `visit(number, name)` for all numbers ever given in a space.
template <class Visit>
void ForEachNumber(const View& view, Space space, const Visit& visit) {
  for (uint32_t number = 0; number < kMaxNumbers; ++number) {
    const std::string_view name = view.NameOf(space, number);
    if (name.empty()) return;
    visit(static_cast<uint16_t>(number), name);
  }
}

std::string NameOfEntity(const View& view, EntityId entity) {
  return std::string(view.NameOf(Space::kType, TypeOf(entity))) + " " +
         Quoted(view.FindRecord(entity).id());
}

bool RefersTo(const Record& record, uint16_t attribute, EntityId target) {
  ValueView value;
  if (!record.Find(attribute, value)) return false;
  if (value.kind() == StoredValue::Kind::kEntity) return value.entity() == target;
  if (value.kind() != StoredValue::Kind::kSet) return false;
  for (size_t i = 0; i < value.size(); ++i) {
    const ValueView member = value.at(i);
    if (member.kind() == StoredValue::Kind::kEntity && member.entity() == target) return true;
  }
  return false;
}

std::set<EntityId> ReferrersOf(const View& view, EntityId entity) {
  std::set<EntityId> found;
  ForEachNumber(view, Space::kAttribute, [&](uint16_t attribute, std::string_view) {
    std::vector<EntityId> candidates;
    view.Referrers(attribute, entity, candidates);
    for (const EntityId from : candidates) {
      if (from != entity && RefersTo(view.FindRecord(from), attribute, entity)) found.insert(from);
    }
  });
  return found;
}

void PlanCell(const DataNames& names, const View& view, EntityId subject, EntityId object,
              ChangePlan& plan) {
  const Cell cell = view.FindCell(subject, object);
  for (size_t i = 0; i < cell.size(); ++i) {
    const Cell::Row row = cell.at(i);
    for (uint64_t bits = row.bits; bits != 0; bits &= bits - 1) {
      const auto symbol = static_cast<uint16_t>(row.word * 64 + std::countr_zero(bits));
      Operation& operation = plan.operations.emplace_back();
      operation.kind = Operation::Kind::kRemoveFact;
      operation.fact = {row.relation, symbol, subject, object};
      ProposedChange change;
      if (!DescribeFact(names, view, operation.fact, change)) continue;
      change.removes = true;
      plan.touched.push_back(change);
    }
  }
}

void PlanFacts(const DataNames& names, const View& view, EntityId entity, ChangePlan& plan) {
  PlanCell(names, view, entity, kNoEntity, plan);
  ForEachNumber(view, Space::kType, [&](uint16_t type, std::string_view) {
    std::vector<EntityId> others;
    view.Neighbours(Direction::kObjectsOf, entity, type, others);
    for (const EntityId object : others) PlanCell(names, view, entity, object, plan);
    others.clear();
    view.Neighbours(Direction::kSubjectsOf, entity, type, others);
    for (const EntityId subject : others) {
      if (subject != entity) PlanCell(names, view, subject, entity, plan);
    }
  });
}

void PlanNoSeats(const View& view, EntityId entity, ChangePlan& plan) {
  ForEachNumber(view, Space::kLicence, [&](uint16_t licence, std::string_view) {
    if (view.FindSeats(entity, licence) == 0) return;
    Operation& operation = plan.operations.emplace_back();
    operation.kind = Operation::Kind::kSetSeats;
    operation.entity = entity;
    operation.licence = licence;
    ProposedChange change;
    change.target = ProposedChange::Target::kSeats;
    change.removes = true;
    change.subject = entity;
    change.symbol = licence;
    plan.touched.push_back(change);
  });
}

void PlanNoAttributes(const View& view, EntityId entity, ChangePlan& plan) {
  for (const StoredAttribute& stored : view.FindRecord(entity).All()) {
    ProposedChange change;
    change.target = ProposedChange::Target::kAttribute;
    change.removes = true;
    change.subject = entity;
    change.attribute = stored.attribute;
    plan.touched.push_back(change);
  }
}

}  // namespace

bool DescribeFact(const DataNames& names, const View& view, const FactKey& fact,
                  ProposedChange& out) {
  const std::string_view relation = view.NameOf(Space::kRelation, fact.relation);
  out.subject = fact.subject;
  out.object = fact.object;
  if (relation == "is" || relation == "holds") {
    out.target = relation == "is" ? ProposedChange::Target::kRole : ProposedChange::Target::kHolds;
    out.symbol = fact.symbol;
    return true;
  }
  const dsl::FactId declared = names.FindVerb(relation);
  if (declared != dsl::kNone) {
    out.target = ProposedChange::Target::kFact;
    out.relation = fact.relation;
    if (names.module().facts[declared].symbol_slot != dsl::kNone) out.symbol = fact.symbol;
    return true;
  }
  for (const dsl::Role& role : names.module().roles) {
    if (!role.for_program || ProgramRoleRelation(role.name) != relation) continue;
    const auto number = view.FindNumber(Space::kRole, role.name);
    if (!number) return false;
    out.target = ProposedChange::Target::kRole;
    out.symbol = *number;
    out.program = fact.symbol;
    return true;
  }
  return false;
}

void PlanDeletion(const DataNames& names, const View& view, EntityId entity, ChangePlan& plan) {
  if (const std::set<EntityId> referrers = ReferrersOf(view, entity); !referrers.empty()) {
    std::string told;
    size_t count = 0;
    for (const EntityId from : referrers) {
      if (count++ == kMaxReferrersTold) break;
      told += (told.empty() ? "" : ", ") + NameOfEntity(view, from);
    }
    if (referrers.size() > kMaxReferrersTold) {
      told += " and " + std::to_string(referrers.size() - kMaxReferrersTold) + " more";
    }
    plan.refusal = ReasonText{"still_referred", "still referred to by " + told};
  }
  PlanFacts(names, view, entity, plan);
  PlanNoSeats(view, entity, plan);
  PlanNoAttributes(view, entity, plan);
  Operation& operation = plan.operations.emplace_back();
  operation.kind = Operation::Kind::kRemoveEntity;
  operation.entity = entity;
  ProposedChange change;
  change.target = ProposedChange::Target::kEntity;
  change.removes = true;
  change.subject = entity;
  plan.touched.push_back(change);
}

}  // namespace portvakt::engine
