// Limits in text, with what touches them.
#include <algorithm>

#include "dsl/module.h"
#include "engine/dump_program.h"

namespace portvakt::engine {
namespace {

using Target = dsl::ChangeTarget::Kind;

}  // namespace

// `fact granted lon.las`, `attribute home`: what is changed, by the names that the program has.
std::string ProgramDumper::TriggerText(const TriggerRecord& trigger) const {
  static constexpr const char* kTargets[] = {"fact",   "role",      "licence",     "seats",
                                             "entity", "attribute", "every change"};
  std::string text = kTargets[trigger.target];
  uint32_t space =
      trigger.target == static_cast<uint32_t>(Target::kRole) ? kRoleSpace : kLicenceSpace;
  if (trigger.target == static_cast<uint32_t>(Target::kFact)) {
    for (const FactRecord& fact : program_.facts) {
      if (fact.relation != trigger.number) continue;
      text += " " + std::string(program_.Text(fact.format));
      space = fact.symbol_space;
    }
  }
  if (trigger.target == static_cast<uint32_t>(Target::kAttribute)) {
    const auto step =
        std::find_if(program_.steps.begin(), program_.steps.end(),
                     [&](const StepRecord& each) { return each.attribute == trigger.number; });
    if (step != program_.steps.end()) text += " " + std::string(program_.Text(step->name));
  }
  if (trigger.symbol != kNoIndex) {
    text += " " + std::string(program_.SymbolName(space, trigger.symbol));
  }
  if (trigger.program != kNoIndex) {
    text += " for " + std::string(program_.SymbolName(kProgramSpace, trigger.program));
  }
  return text;
}

std::string ProgramDumper::EndText(const TriggerEndRecord& end, Range variables) const {
  static constexpr const char* kEnds[] = {"subject", "object", "symbol", "program"};
  std::string text(program_.Text(program_.variables[variables.first + end.variable].name));
  for (uint32_t attribute : program_.List(end.path)) {
    const auto step =
        std::find_if(program_.steps.begin(), program_.steps.end(),
                     [&](const StepRecord& each) { return each.attribute == attribute; });
    text += "." + std::string(step == program_.steps.end() ? "?" : program_.Text(step->name));
  }
  return text + " is the " + kEnds[static_cast<size_t>(end.end)];
}

void ProgramDumper::Searches(Range searches, Range variables, size_t depth) {
  const auto list = program_.List(searches);
  for (size_t i = 0; i + 1 < list.size(); i += 2) {
    Line(depth,
         "then " + std::string(program_.Text(program_.variables[variables.first + list[i]].name)));
    Source(list[i + 1], variables, depth + 1);
  }
}

void ProgramDumper::Limits() {
  for (const LimitRecord& limit : program_.limits) {
    static constexpr const char* kCounts[] = {"", " at least ", " at most "};
    const bool counted = limit.count != 0;
    const auto bound = [&] {
      const TermRecord& term = program_.terms[limit.bound];
      return term.kind == TermRecord::Kind::kLiteral ? std::to_string(term.number)
                                                     : Term(limit.bound, limit.variables);
    };
    Line(0,
         "limit " + std::string(program_.Text(limit.name)) + " for every " +
             Head(limit.variables, limit.for_every_count) + kCounts[limit.count] +
             (counted
                  ? bound() + " " +
                        std::string(program_.Text(
                            program_.variables[limit.variables.first + limit.for_every_count].name))
                  : ""));
    Node(limit.condition, limit.variables, 1);
    if (counted) {
      Line(1, "counted");
      Source(limit.count_source, limit.variables, 2);
    }
    std::vector<std::pair<std::string, uint32_t>> order;
    for (uint32_t i = 0; i < limit.triggers.count; ++i) {
      const TriggerRecord& trigger = program_.triggers[limit.triggers.first + i];
      std::string text = "on " + TriggerText(trigger);
      for (uint32_t e = 0; e < trigger.ends.count; ++e) {
        text += (e == 0 ? ": " : ", ") +
                EndText(program_.trigger_ends[trigger.ends.first + e], limit.variables);
      }
      text += trigger.after != 0 ? "; after" : "; before";
      if (counted && trigger.counts_one == 0) text += "; counts all";
      order.emplace_back(std::move(text), limit.triggers.first + i);
    }
    std::sort(order.begin(), order.end());
    for (const auto& [text, trigger] : order) {
      Line(1, text);
      Searches(program_.triggers[trigger].searches, limit.variables, 2);
    }
  }
}

}  // namespace portvakt::engine
