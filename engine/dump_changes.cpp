// Rules about changes in text.
#include <algorithm>
#include <map>

#include "dsl/module.h"
#include "engine/dump_program.h"

namespace portvakt::engine {
namespace {

using Target = dsl::ChangeTarget::Kind;

}  // namespace

// All rules of a list name the same attribute: `user.home`.
std::string ProgramDumper::AttributeOf(const DispatchRecord& record) const {
  for (Range list : {record.permits, record.forbids, record.notes}) {
    if (list.count == 0) continue;
    const ChangeRuleRecord& rule = program_.change_rules[program_.lists[list.first]];
    const std::string_view text = program_.Text(program_.places[rule.target_place].text);
    return " " + std::string(text.substr(text.find('.') + 1));
  }
  return "";
}

// By what the rules say of the change, as far as it is known without a store: which symbols and
// types lead to which rules.
void ProgramDumper::ChangeDispatches() {
  static constexpr const char* kTargets[] = {"fact",  "role",   "licence",
                                             "seats", "entity", "attribute"};
  const auto type_name = [&](uint32_t number) {
    const uint32_t type = program_.TypeOfNumber(number);
    return std::string(type == kNoIndex ? "?" : program_.Text(program_.types[type].name));
  };
  const auto symbol_name = [&](const ChangeDispatchSlot& slot) -> std::string {
    if (slot.symbol == kNoIndex) return "";
    uint32_t space =
        slot.target == static_cast<uint32_t>(Target::kRole) ? kRoleSpace : kLicenceSpace;
    for (const FactRecord& fact : program_.facts) {
      const bool is_fact = slot.target == static_cast<uint32_t>(Target::kFact);
      if (is_fact && fact.relation == slot.number) space = fact.symbol_space;
    }
    return std::string(program_.SymbolName(space, slot.symbol));
  };
  std::map<std::string, std::vector<std::string>> lines;  // rules and types -> symbols
  for (const ChangeDispatchSlot& slot : program_.change_dispatch_slots) {
    if (slot.dispatch == kNoIndex) continue;
    const DispatchRecord& record = program_.change_dispatches[slot.dispatch];
    std::string text = kTargets[slot.target];
    if (slot.target == static_cast<uint32_t>(Target::kFact)) {
      for (const FactRecord& fact : program_.facts) {
        if (fact.relation == slot.number) text += " " + std::string(program_.Text(fact.format));
      }
    }
    if (slot.target == static_cast<uint32_t>(Target::kAttribute)) text += AttributeOf(record);
    text += " (" + type_name(slot.subject_type);
    if (slot.object_type != kNoIndex) text += ", " + type_name(slot.object_type);
    text += ")";
    const auto rules = [&](const char* word, Range list) {
      if (list.count == 0) return;
      text += word +
              RuleNames(list, [&](uint32_t rule) { return program_.change_rules[rule].rule.name; });
    };
    rules("; permits ", record.permits);
    rules("; forbids ", record.forbids);
    rules("; notes ", record.notes);
    lines[text].push_back(symbol_name(slot));
  }
  for (auto& [text, symbols] : lines) {
    Line(0, "change of " + text);
    std::sort(symbols.begin(), symbols.end());
    std::string list;
    for (const std::string& symbol : symbols) list += (list.empty() ? "" : ", ") + symbol;
    if (!list.empty()) Line(1, list);
  }
}

void ProgramDumper::ChangeRules() {
  std::vector<uint32_t> order(program_.change_rules.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return program_.Text(program_.change_rules[a].rule.name) <
           program_.Text(program_.change_rules[b].rule.name);
  });
  for (uint32_t index : order) {
    const ChangeRuleRecord& record = program_.change_rules[index];
    static constexpr const char* kEffects[] = {"permit ", "forbid ", "note "};
    static constexpr const char* kOperations[] = {" add ", " remove ", " change "};
    uint32_t head = 0;
    for (uint32_t variable :
         {record.actor, record.subject, record.object, record.symbol, record.program}) {
      if (variable != kNoIndex) head = std::max(head, variable + 1);
    }
    Line(0, kEffects[record.rule.effect] + std::string(program_.Text(record.rule.name)) +
                kOperations[record.operation] +
                std::string(program_.Text(program_.places[record.target_place].text)) + " by " +
                std::string(program_.Text(
                    program_.variables[record.rule.variables.first + record.actor].name)) +
                " " + Head(record.rule.variables, head));
    Search(record.actor_source, record.rule.variables, record.actor, 1);
    Search(record.rule.subject_source, record.rule.variables, record.subject, 1);
    Search(record.rule.object_source, record.rule.variables, record.object, 1);
    Node(record.rule.condition, record.rule.variables, 1);
  }
}

}  // namespace portvakt::engine
