// Who could be the actor of a change at all, from what the conditions of its permits tie him to:
// asking everybody is too slow where nobody can.
#include <algorithm>
#include <optional>

#include "engine/missing_costs.h"
#include "engine/missing_plan.h"
#include "engine/search_run.h"

namespace portvakt::engine::missing {
namespace {

// So few can be asked one by one.
constexpr size_t kFewActors = 8;

bool IsVariable(const Program& program, uint32_t term, uint32_t variable) {
  if (term == kNoIndex) return false;
  const TermRecord& record = program.terms[term];
  return record.kind == TermRecord::Kind::kVariable && record.is_symbol == 0 &&
         record.variable == variable && record.steps.count == 0;
}

}  // namespace

// Everybody for whom `actor may ...` might not be false.
std::optional<std::vector<EntityId>> PlanMaker::ActorsOfMay(const NodeRecord& node, Range types,
                                                            uint64_t* frame) {
  const EntityId object = helper_.EntityOf(node.object, frame);
  if (object == kUnknownEntity) return std::nullopt;
  std::vector<EntityId> all;
  if (!IsEntity(object)) return all;
  const uint32_t permission = helper_.SymbolOf(node.symbol, frame);
  std::vector<EntityId> of_type;
  for (uint32_t type : program_.List(types)) {
    const DispatchRecord* rules =
        program_.FindDispatch(permission, static_cast<uint16_t>(type), TypeOf(object));
    if (rules == nullptr) continue;
    ActCandidates(helper_, program_.List(rules->permits), true, object, permission,
                  static_cast<uint16_t>(type), of_type);
    all.insert(all.end(), of_type.begin(), of_type.end());
  }
  return all;
}

// Everybody for whom a condition might not be false; nullopt when it ties him to nothing.
std::optional<std::vector<EntityId>> PlanMaker::ActorsOf(uint32_t id, uint32_t actor, Range types,
                                                         uint64_t* frame) {
  const NodeRecord& node = program_.nodes[id];
  std::optional<std::vector<EntityId>> fewest;
  if (node.op == Op::kAnd) {
    // Whole decisions are dear to look into: last, and only while many are left.
    for (const bool decisions : {false, true}) {
      for (uint32_t child : program_.List(node.children)) {
        if ((program_.nodes[child].op == Op::kMay) != decisions) continue;
        if (fewest && fewest->size() <= kFewActors) return fewest;
        std::optional<std::vector<EntityId>> found = ActorsOf(child, actor, types, frame);
        if (found && (!fewest || found->size() < fewest->size())) fewest = std::move(found);
      }
    }
    return fewest;
  }
  if (node.op == Op::kMay && IsVariable(program_, node.subject, actor)) {
    return ActorsOfMay(node, types, frame);
  }
  if (node.op != Op::kDefine) return std::nullopt;
  const DefineRecord& define = program_.defines[node.index];
  for (uint32_t i = 0; i < node.arguments.count; ++i) {
    if (!IsVariable(program_, program_.lists[node.arguments.first + i], actor)) continue;
    const uint32_t source = program_.lists[define.searches.first + i];
    if (program_.sources[source].op == SourceRecord::Op::kAll) continue;
    Tri admitted = Tri::kUnknown;
    uint64_t* callee = helper_.PushCall(node, frame, admitted);
    if (callee == nullptr) return std::nullopt;
    std::vector<EntityId> found;
    const bool tied = helper_.SearchCandidates(source, callee, found);
    helper_.PopFrame(callee);
    if (tied && (!fewest || found.size() < fewest->size())) fewest = std::move(found);
  }
  return fewest;
}

// Ascending, each once; nullopt when a permit may be anybody's. The helper has begun.
std::optional<std::vector<EntityId>> PlanMaker::TiedActors(const ProposedChange& change) {
  std::vector<EntityId> all;
  for (uint32_t index : PermitsOf(program_, change)) {
    const ChangeRuleRecord& record = program_.change_rules[index];
    const VariableRecord& actor = program_.variables[record.rule.variables.first + record.actor];
    uint64_t* frame = helper_.PushChangeRule(record, change, kUnknownEntity);
    if (frame == nullptr) return std::nullopt;
    const std::optional<std::vector<EntityId>> found =
        ActorsOf(record.rule.condition, record.actor, actor.types, frame);
    helper_.PopFrame(frame);
    if (!found || helper_.exhausted()) return std::nullopt;
    all.insert(all.end(), found->begin(), found->end());
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace portvakt::engine::missing
