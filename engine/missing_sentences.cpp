// Sentences about what is stored, as literals of the ground formula.
#include <bit>

#include "engine/missing_costs.h"
#include "engine/missing_ground.h"

namespace portvakt::engine::missing {

bool Grounder::Admits(Range types, EntityId entity) const {
  for (uint32_t each : program_.List(types)) {
    if (each == TypeOf(entity)) return true;
  }
  return false;
}

PartId Grounder::Stored(const ProposedChange& change, const FactKey& key, bool wanted) {
  const auto known = formula_.facts.find(key);
  if (known != formula_.facts.end()) return formula_.AddLiteral(known->second, wanted);
  const bool holds = evaluator_.reader().Holds(key.relation, key.symbol, key.subject, key.object);
  const uint32_t literal = formula_.FindFact(program_, change, key, holds);
  return formula_.AddLiteral(literal, wanted);
}

PartId Grounder::Fact(const NodeRecord& node, EntityId subject, EntityId object,
                      const uint64_t* frame, bool wanted) {
  const FactRecord& fact = program_.facts[node.index];
  const uint32_t symbol = fact.has_symbol != 0 ? Terms().SymbolOf(node.symbol, frame) : 0;
  if (fact.transitive != 0 && node.directly == 0) {
    formula_.paths.push_back({node.index, symbol, subject, object});
    return formula_.Add(Part::Op::kReaches, static_cast<uint32_t>(formula_.paths.size() - 1),
                        wanted);
  }
  ProposedChange change;
  change.target = ProposedChange::Target::kFact;
  change.subject = subject;
  change.object = object;
  change.relation = fact.relation;
  change.symbol = fact.has_symbol != 0 ? symbol : kNoIndex;
  return Stored(
      change,
      {static_cast<uint16_t>(fact.relation), static_cast<uint16_t>(symbol), subject, object},
      wanted);
}

// `user granted some permission in client`: as one part, where it is about two stored entities.
std::optional<PartId> Grounder::AnySymbol(const NodeRecord& some, uint64_t* frame) {
  const NodeRecord& node = program_.nodes[program_.lists[some.children.first]];
  if (node.op != Op::kFact || node.symbol == kNoIndex) return std::nullopt;
  const FactRecord& fact = program_.facts[node.index];
  const TermRecord& symbol = program_.terms[node.symbol];
  if (fact.transitive != 0 || fact.has_symbol == 0 || node.object == kNoIndex ||
      symbol.kind != TermRecord::Kind::kVariable || symbol.variable != some.variable ||
      FirstInput(node, frame) != kNoIndex) {
    return std::nullopt;
  }
  Evaluator& terms = Terms();
  AnyPart any;
  any.change.target = ProposedChange::Target::kFact;
  any.change.subject = terms.EntityOf(node.subject, frame);
  any.change.object = terms.EntityOf(node.object, frame);
  any.change.relation = fact.relation;
  for (EntityId end : {any.change.subject, any.change.object}) {
    if (!IsEntity(end) || IsTransient(end)) return std::nullopt;
  }
  Reader& reader = evaluator_.reader();
  const auto relation = static_cast<uint16_t>(fact.relation);
  const bool some_held = reader.HoldsAny(relation, any.change.subject, any.change.object);
  const uint32_t mask = program_.header().declared[some.space];
  for (uint32_t word = 0; word < program_.mask_words(some.space); ++word) {
    for (uint64_t bits = program_.masks[mask + word]; bits != 0; bits &= bits - 1) {
      const uint32_t number = word * 64 + static_cast<uint32_t>(std::countr_zero(bits));
      frame[some.variable] = number;
      if (terms.SlotsRefuse(node, frame)) continue;
      any.symbols.push_back(number);
      if (some_held && reader.Holds(relation, number, any.change.subject, any.change.object)) {
        ++any.held;
      }
    }
  }
  if (any.symbols.size() <= kFewSymbols) return std::nullopt;
  formula_.any.push_back(std::move(any));
  return formula_.Add(Part::Op::kAny, static_cast<uint32_t>(formula_.any.size() - 1), true);
}

// A role is held directly or through one that includes it, with a program or for any.
PartId Grounder::Role(const NodeRecord& node, EntityId subject, EntityId object,
                      const uint64_t* frame, bool wanted) {
  Evaluator& terms = Terms();
  const uint32_t program =
      node.program == kNoIndex ? kAnySymbol : terms.SymbolOf(node.program, frame);
  const uint32_t index = program_.SymbolOfNumber(kRoleSpace, terms.SymbolOf(node.symbol, frame));
  std::vector<PartId> parts;
  for (uint32_t other : program_.List(program_.roles[index].included_by)) {
    const RoleRecord& held = program_.roles[other];
    if ((held.on.count == 0) != (object == kNoEntity) || !Admits(held.held_by, subject)) continue;
    if (object != kNoEntity && !Admits(held.on, object)) continue;
    ProposedChange change;
    change.target = ProposedChange::Target::kRole;
    change.subject = subject;
    change.object = object;
    change.symbol = held.number;
    if (held.for_program == 0) {
      if (program != kAnySymbol) continue;
      const auto is = static_cast<uint16_t>(program_.header().is_relation);
      parts.push_back(
          Stored(change, {is, static_cast<uint16_t>(held.number), subject, object}, wanted));
      continue;
    }
    for (const ProgramRecord& each : program_.programs) {
      if (program != kAnySymbol && program != each.number) continue;
      change.program = each.number;
      const FactKey key{static_cast<uint16_t>(held.program_relation),
                        static_cast<uint16_t>(each.number), subject, object};
      parts.push_back(Stored(change, key, wanted));
    }
  }
  return formula_.Join(!wanted, parts);
}

PartId Grounder::SeatFree(const NodeRecord& node, EntityId pool, const uint64_t* frame,
                          bool wanted) {
  const uint32_t number = Terms().SymbolOf(node.symbol, frame);
  const uint32_t index = program_.SymbolOfNumber(kLicenceSpace, number);
  if (index == kNoIndex || !IsEntity(pool) || IsTransient(pool) ||
      !Admits(program_.licences[index].from, pool)) {
    return formula_.Constant(Terms().Test(static_cast<uint32_t>(&node - program_.nodes.data()),
                                          const_cast<uint64_t*>(frame)) == From(wanted));
  }
  const View& view = evaluator_.reader().view();
  SeatPart seats;
  seats.pool = pool;
  seats.licence = number;
  seats.owned = view.FindSeats(pool, static_cast<uint16_t>(number));
  std::vector<EntityId> near;
  for (uint32_t type : program_.List(program_.licences[index].held_by)) {
    view.Neighbours(Direction::kSubjectsOf, pool, static_cast<uint16_t>(type), near);
  }
  const auto holds = static_cast<uint16_t>(program_.header().holds_relation);
  for (EntityId holder : near) {
    if (!evaluator_.Spend()) break;
    if (evaluator_.reader().Holds(holds, number, holder, pool)) seats.holders.push_back(holder);
  }
  for (uint32_t i = 0; i < formula_.seats.size(); ++i) {
    if (formula_.seats[i].pool == pool && formula_.seats[i].licence == number) {
      return formula_.Add(Part::Op::kSeatFree, i, wanted);
    }
  }
  seats.literal = formula_.FindSeats(program_, pool, number, seats.owned);
  formula_.seats.push_back(std::move(seats));
  return formula_.Add(Part::Op::kSeatFree, static_cast<uint32_t>(formula_.seats.size() - 1),
                      wanted);
}

// What is not about two stored entities that the slots admit is as the evaluator says, for ever.
PartId Grounder::Sentence(uint32_t id, uint64_t* frame, bool wanted) {
  if (PartId expanded = Formula::kNever; Expand(id, frame, wanted, expanded)) return expanded;
  const NodeRecord& node = program_.nodes[id];
  if (node.op == Op::kDefine) return Define(id, frame, wanted);
  if (node.op == Op::kMay) return May(id, frame, wanted);
  Evaluator& terms = Terms();
  const bool stored = node.op == Op::kFact || node.op == Op::kRole || node.op == Op::kHolds;
  if (node.op == Op::kSeatFree) {
    return SeatFree(node, terms.EntityOf(node.object, frame), frame, wanted);
  }
  const auto as_it_is = [&] { return formula_.Constant(terms.Test(id, frame) == From(wanted)); };
  if (!stored) return as_it_is();
  const EntityId subject = terms.EntityOf(node.subject, frame);
  const EntityId object = node.object == kNoIndex ? kNoEntity : terms.EntityOf(node.object, frame);
  if (!IsEntity(subject) || IsTransient(subject)) return as_it_is();
  if (node.object != kNoIndex && (!IsEntity(object) || IsTransient(object))) return as_it_is();
  if (node.op == Op::kRole && node.program != kNoIndex &&
      terms.SymbolOf(node.program, frame) == kNoSymbol) {
    return formula_.Constant(!wanted);
  }
  if (terms.SlotsRefuse(node, frame)) return formula_.Constant(!wanted);
  if (node.op == Op::kFact) return Fact(node, subject, object, frame, wanted);
  if (node.op == Op::kRole) return Role(node, subject, object, frame, wanted);
  const uint32_t licence = terms.SymbolOf(node.symbol, frame);
  ProposedChange change;
  change.target = ProposedChange::Target::kHolds;
  change.subject = subject;
  change.object = object;
  change.symbol = licence;
  return Stored(change,
                {static_cast<uint16_t>(program_.header().holds_relation),
                 static_cast<uint16_t>(licence), subject, object},
                wanted);
}

}  // namespace portvakt::engine::missing
