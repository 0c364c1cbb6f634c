#include "engine/missing_steps.h"

#include <algorithm>

namespace portvakt::engine::missing {
namespace {

using Target = ProposedChange::Target;
using Kind = MissingStep::Kind;

EntityName NameOf(const View& view, EntityId entity) {
  return {std::string(view.NameOf(Space::kType, TypeOf(entity))),
          std::string(view.FindRecord(entity).id())};
}

Space SpaceOf(uint32_t symbol_space) {
  switch (symbol_space) {
    case kRoleSpace: return Space::kRole;
    case kLicenceSpace: return Space::kLicence;
    case kProgramSpace: return Space::kProgram;
    default: return Space::kPermission;
  }
}

FactName FactOf(const Program& program, const View& view, const ProposedChange& change) {
  FactName fact;
  fact.subject = NameOf(view, change.subject);
  if (change.object != kNoEntity) fact.object = NameOf(view, change.object);
  if (change.target == Target::kRole) {
    fact.relation = "is";
    fact.symbol = view.NameOf(Space::kRole, change.symbol);
    if (change.program != kNoIndex) fact.program = view.NameOf(Space::kProgram, change.program);
  } else if (change.target == Target::kHolds) {
    fact.relation = "holds";
    fact.symbol = view.NameOf(Space::kLicence, change.symbol);
  } else {
    fact.relation = view.NameOf(Space::kRelation, change.relation);
    for (const FactRecord& record : program.facts) {
      if (record.relation != change.relation || record.has_symbol == 0) continue;
      fact.symbol = view.NameOf(SpaceOf(record.symbol_space), change.symbol);
    }
  }
  return fact;
}

// What must end ends as late as it may.
Validity ValidityOf(const Program& program, const ProposedChange& change, int64_t now_us) {
  Validity validity;
  for (const FactRecord& fact : program.facts) {
    if (change.target != Target::kFact || fact.relation != change.relation || fact.ends == 0) {
      continue;
    }
    const bool fits = fact.lasting_us < Validity::kForEver - std::max<int64_t>(now_us, 0);
    if (fits) validity.until_us = now_us + fact.lasting_us;
  }
  return validity;
}

Kind KindOf(const ProposedChange& change) {
  if (change.removes) return Kind::kWithdraw;
  switch (change.target) {
    case Target::kRole: return Kind::kAppoint;
    case Target::kHolds: return Kind::kHoldLicence;
    case Target::kSeats: return Kind::kOrderSeat;
    default: break;
  }
  if (change.symbol != kNoIndex) return Kind::kGrant;
  return change.object == kNoEntity ? Kind::kActivate : Kind::kAssign;
}

}  // namespace

uint32_t SeatsTaken(Evaluator& evaluator, const View& view, EntityId pool, uint32_t licence) {
  const Program& program = evaluator.program();
  const uint32_t index = program.SymbolOfNumber(kLicenceSpace, licence);
  if (index == kNoIndex) return 0;
  std::vector<EntityId> near;
  for (uint32_t type : program.List(program.licences[index].held_by)) {
    view.Neighbours(Direction::kSubjectsOf, pool, static_cast<uint16_t>(type), near);
  }
  const auto holds = static_cast<uint16_t>(program.header().holds_relation);
  const auto number = static_cast<uint16_t>(licence);
  const int64_t now_us = evaluator.reader().now_us();
  uint32_t taken = 0;
  for (EntityId holder : near) {
    const Cell::Row row = view.FindCell(holder, pool).Find(holds, number / 64);
    const uint64_t bit = uint64_t{1} << (number % 64);
    if ((row.bits & bit) == 0) continue;
    if ((row.timed & bit) == 0 || view.FindValidity({holds, number, holder, pool}).At(now_us)) {
      ++taken;
    }
  }
  return taken;
}

MissingStep StepOf(const Program& program, const View& view, const Formula& formula, uint32_t index,
                   int64_t now_us) {
  const Literal& literal = formula.literals[index];
  MissingStep step;
  if (literal.kind == Literal::Kind::kInput) {
    const Input& input = formula.inputs[literal.input];
    step.kind = Kind::kContext;
    step.context = program.Text(program.inputs[input.key.input].name);
    step.wanted = input.candidates[literal.candidate].wanted;
    step.text = step.context + " " + step.wanted;
    return step;
  }
  const ProposedChange& change = literal.change;
  step.kind = KindOf(change);
  if (literal.kind == Literal::Kind::kSeats) {
    step.change.kind = ChangeItem::Kind::kSeats;
    step.change.entity = NameOf(view, change.subject);
    step.change.licence = view.NameOf(Space::kLicence, change.symbol);
    return step;
  }
  step.change.kind = change.removes ? ChangeItem::Kind::kRemove : ChangeItem::Kind::kAdd;
  step.change.fact = FactOf(program, view, change);
  if (change.adds) step.change.validity = ValidityOf(program, change, now_us);
  return step;
}

void Apply(const Literal& literal, uint32_t seats, Overlay& overlay) {
  if (literal.kind == Literal::Kind::kSeats) {
    overlay.SetSeats(literal.change.subject, static_cast<uint16_t>(literal.change.symbol), seats);
  } else if (literal.kind == Literal::Kind::kFact && literal.change.adds) {
    overlay.AddFact(literal.key, {});
  } else if (literal.kind == Literal::Kind::kFact) {
    overlay.RemoveFact(literal.key);
  }
}

}  // namespace portvakt::engine::missing
