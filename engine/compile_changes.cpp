// Rules about changes in the program, and for each change the rules that can touch it. A rule whose
// static conditions are false for a change's symbol and types is no rule of it.
#include <algorithm>

#include "engine/compiler.h"

namespace portvakt::engine {
namespace {

using Target = dsl::ChangeTarget;
using Types = std::vector<dsl::TypeId>;

uint32_t Optional(uint32_t variable) { return variable == dsl::kNone ? kNoIndex : variable; }

Types Common(const Types& a, const Types& b) {
  Types result;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}

}  // namespace

Types Compiler::TypesOfAttribute(const Target& target) const {
  Types types;
  for (dsl::TypeId id = 0; id < module_.types.size(); ++id) {
    const dsl::Type& type = module_.types[id];
    const bool has = std::any_of(
        type.attributes.begin(), type.attributes.end(),
        [&](const dsl::Attribute& a) { return a.name == target.attribute && !a.from_request; });
    if (!type.is_union && has) types.push_back(id);
  }
  return types;
}

void Compiler::AddChangeRules() {
  for (const dsl::ChangeRule& rule : module_.changes) {
    const Target& target = rule.target;
    ChangeRuleRecord record;
    size_t head = 0;
    for (uint32_t variable :
         {rule.actor, target.subject, target.object, target.symbol, target.program}) {
      if (variable != dsl::kNone) head = std::max<size_t>(head, variable + 1);
    }
    record.rule = CompileRule(rule.name, rule.title, rule.effect, rule.span, rule.variables, head,
                              rule.condition);
    record.operation = static_cast<uint32_t>(rule.operation);
    record.target = static_cast<uint32_t>(target.kind);
    if (target.kind == Target::Kind::kFact) record.number = numbers_.relations[target.fact];
    if (target.kind == Target::Kind::kAttribute) {
      record.number = numbers_.attributes.at(target.attribute);
    }
    record.target_place = AddPlace(target.span);
    record.actor = rule.actor;
    record.subject = target.subject;
    record.object = Optional(target.object);
    record.symbol = Optional(target.symbol);
    record.program = Optional(target.program);
    if (rule.effect == dsl::Effect::kPermit) {
      Known known(rule.variables.size(), false);
      std::fill_n(known.begin(), head, true);
      record.actor_source = AddSearch(rule.condition, rule.actor, known);
      record.rule.subject_source = AddSearch(rule.condition, target.subject, known);
      if (target.object != dsl::kNone) {
        record.rule.object_source = AddSearch(rule.condition, target.object, known);
      }
    }
    builder_.change_rules.push_back(record);
  }
}

// Those with one symbol, or without one, and with entities of these types.
void Compiler::AddChangesOf(const dsl::ChangeRule& rule, ChangeDispatchSlot key, uint32_t symbol,
                            const Types& subjects, const Types& objects,
                            std::vector<ChangeDispatchSlot>& changes) {
  const Target& target = rule.target;
  const auto types_of = [&](uint32_t variable) { return rule.variables[variable].types; };
  for (dsl::TypeId subject : Common(types_of(target.subject), subjects)) {
    key.subject_type = numbers_.types[subject];
    key.object_type = kNoIndex;
    if (target.object == dsl::kNone) {
      if (truth_.Of(rule, symbol, subject, dsl::kNone) != StaticValue::kFalse) {
        changes.push_back(key);
      }
      continue;
    }
    for (dsl::TypeId object : Common(types_of(target.object), objects)) {
      if (truth_.Of(rule, symbol, subject, object) == StaticValue::kFalse) continue;
      key.object_type = numbers_.types[object];
      changes.push_back(key);
    }
  }
}

// Every change that the rule is about, as far as symbols and types say.
std::vector<ChangeDispatchSlot> Compiler::ChangesOf(const dsl::ChangeRule& rule) {
  const Target& target = rule.target;
  std::vector<ChangeDispatchSlot> changes;
  ChangeDispatchSlot key;
  key.target = static_cast<uint32_t>(target.kind);
  const auto add = [&](uint32_t symbol, uint32_t symbol_number, const Types& subjects,
                       const Types& objects) {
    key.symbol = symbol_number;
    AddChangesOf(rule, key, symbol, subjects, objects, changes);
  };
  const bool placed = target.object != dsl::kNone;
  switch (target.kind) {
    case Target::Kind::kFact: {
      const dsl::Fact& fact = module_.facts[target.fact];
      key.number = numbers_.relations[target.fact];
      const Types& subjects = fact.shape.slots[fact.subject_slot].types;
      const Types objects = placed ? fact.shape.slots[fact.object_slot].types : Types();
      if (fact.symbol_slot == dsl::kNone) {
        add(dsl::kNone, kNoIndex, subjects, objects);
        break;
      }
      const dsl::Slot& slot = fact.shape.slots[fact.symbol_slot];
      const auto& numbers = numbers_.symbols[static_cast<size_t>(slot.symbol_kind)];
      for (uint32_t symbol = 0; symbol < numbers.size(); ++symbol) {
        const auto& allowed = slot.allowed;
        if (!allowed.empty() && !std::binary_search(allowed.begin(), allowed.end(), symbol)) {
          continue;
        }
        add(symbol, numbers[symbol], subjects, objects);
      }
      break;
    }
    case Target::Kind::kRole:
      for (dsl::RoleId id = 0; id < module_.roles.size(); ++id) {
        const dsl::Role& role = module_.roles[id];
        if (role.on.empty() == placed || (target.program != dsl::kNone && !role.for_program)) {
          continue;
        }
        add(id, numbers_.symbols[kRoleSpace][id], role.held_by, role.on);
      }
      break;
    case Target::Kind::kHolds:
      for (dsl::LicenceId id = 0; id < module_.licences.size(); ++id) {
        const dsl::Licence& licence = module_.licences[id];
        if (licence.from.empty() == placed) continue;
        add(id, numbers_.symbols[kLicenceSpace][id], licence.held_by, licence.from);
      }
      break;
    case Target::Kind::kSeats:
      for (dsl::LicenceId id = 0; id < module_.licences.size(); ++id) {
        add(id, numbers_.symbols[kLicenceSpace][id], module_.licences[id].from, {});
      }
      break;
    case Target::Kind::kEntity:
      add(dsl::kNone, kNoIndex, rule.variables[target.subject].types, {});
      break;
    case Target::Kind::kAttribute:
      key.number = numbers_.attributes.at(target.attribute);
      add(dsl::kNone, kNoIndex, TypesOfAttribute(target), {});
      break;
  }
  return changes;
}

void Compiler::AddChangeDispatches() {
  std::vector<uint32_t> by_name(module_.changes.size());
  for (uint32_t i = 0; i < by_name.size(); ++i) by_name[i] = i;
  std::stable_sort(by_name.begin(), by_name.end(), [&](uint32_t a, uint32_t b) {
    return module_.changes[a].name < module_.changes[b].name;
  });
  using Lists = std::array<std::vector<uint32_t>, 3>;  // by dsl::Effect
  std::map<std::array<uint32_t, 5>, Lists> lists;
  for (uint32_t index : by_name) {
    const dsl::ChangeRule& rule = module_.changes[index];
    for (const ChangeDispatchSlot& key : ChangesOf(rule)) {
      lists[{key.target, key.number, key.symbol, key.subject_type, key.object_type}]
           [static_cast<size_t>(rule.effect)]
               .push_back(index);
    }
  }
  std::map<Lists, uint32_t> known;
  builder_.change_dispatch_slots.resize(SlotCount(lists.size()));
  const size_t mask = builder_.change_dispatch_slots.size() - 1;
  for (const auto& [key, list] : lists) {
    const auto [at, fresh] =
        known.try_emplace(list, static_cast<uint32_t>(builder_.change_dispatches.size()));
    if (fresh) {
      builder_.change_dispatches.push_back(
          {builder_.AddList(list[0]), builder_.AddList(list[1]), builder_.AddList(list[2])});
    }
    ChangeDispatchSlot slot{key[0], key[1], key[2], key[3], key[4], at->second};
    size_t place = HashChange(slot) & mask;
    while (builder_.change_dispatch_slots[place].dispatch != kNoIndex) place = (place + 1) & mask;
    builder_.change_dispatch_slots[place] = slot;
  }
}

}  // namespace portvakt::engine
