// Nothing leans on itself: definitions are put in an order in which each comes after those that it
// calls, and `may` inside conditions is followed over (permission, type).
#include <algorithm>
#include <utility>

#include "dsl/checker.h"

namespace portvakt::dsl {
namespace {

// Every condition under this one, itself included.
std::vector<ConditionId> Under(const Module& module, ConditionId root) {
  std::vector<ConditionId> found = {root};
  for (size_t next = 0; next < found.size(); ++next) {
    const std::vector<ConditionId>& children = module.conditions[found[next]].children;
    found.insert(found.end(), children.begin(), children.end());
  }
  return found;
}

struct Call {
  DefineId define;
  Span span;
};

}  // namespace

// Iterative, with an own stack; the order in which definitions are done is the order sought.
void Checker::CheckDefineRecursion() {
  std::vector<std::vector<Call>> calls(module_.defines.size());
  for (DefineId id = 0; id < module_.defines.size(); ++id) {
    for (ConditionId each : Under(module_, module_.defines[id].condition)) {
      const Condition& condition = module_.conditions[each];
      if (condition.kind != Condition::Kind::kDefine) continue;
      calls[id].push_back({condition.define, condition.span});
    }
  }
  enum State : uint8_t { kNew, kOpen, kDone };
  std::vector<State> states(calls.size(), kNew);
  std::vector<size_t> heights(calls.size(), 1);
  std::vector<DefineId> order;
  struct Frame {
    DefineId define;
    size_t next;
  };
  for (DefineId start = 0; start < calls.size(); ++start) {
    if (states[start] != kNew) continue;
    std::vector<Frame> stack = {{start, 0}};
    states[start] = kOpen;
    while (!stack.empty()) {
      const DefineId define = stack.back().define;
      if (stack.back().next < calls[define].size()) {
        const Call& call = calls[define][stack.back().next++];
        if (states[call.define] == kNew) {
          states[call.define] = kOpen;
          stack.push_back({call.define, 0});
        } else if (states[call.define] == kOpen) {
          const auto begin = std::find_if(stack.begin(), stack.end(), [&](const Frame& frame) {
            return frame.define == call.define;
          });
          Diagnostic& diagnostic =
              Report(DiagnosticKind::kRecursiveDefine, call.span,
                     Quoted(module_.defines[call.define].shape.verb) + " leans on itself",
                     "leads back to " + Quoted(module_.defines[call.define].shape.verb));
          for (auto frame = begin; frame != stack.end(); ++frame) {
            diagnostic.related.push_back(
                {module_.defines[frame->define].span,
                 "leans on " + Quoted(module_.defines[calls[frame->define][frame->next - 1].define]
                                          .shape.verb)});
          }
          diagnostic.help.emplace_back(
              "what goes on without end is a `transitive` fact, not a definition");
        }
        continue;
      }
      for (const Call& call : calls[define]) {
        heights[define] = std::max(heights[define], heights[call.define] + 1);
      }
      if (heights[define] == kMaxCallDepth + 1) {
        Report(
            DiagnosticKind::kNestedTooDeep, module_.defines[define].span,
            "definitions lean on each other more than " + std::to_string(kMaxCallDepth) + " deep",
            "too deep");
      }
      states[define] = kDone;
      order.push_back(define);
      stack.pop_back();
    }
  }
  if (!failed_) OrderDefines(order);
}

void Checker::OrderDefines(const std::vector<DefineId>& order) {
  std::vector<DefineId> places(order.size());
  std::vector<Define> defines;
  for (DefineId place = 0; place < order.size(); ++place) {
    places[order[place]] = place;
    defines.push_back(std::move(module_.defines[order[place]]));
  }
  module_.defines = std::move(defines);
  for (Condition& condition : module_.conditions) {
    if (condition.define != kNone) condition.define = places[condition.define];
  }
}

// Which permissions a symbol variable may stand for: the rule's own, some, or all.
struct Checker::SymbolSource {
  bool same = false;
  bool all = true;
  std::vector<uint32_t> members;

  void Narrow(const std::vector<uint32_t>& to) {
    std::vector<uint32_t> kept;
    for (uint32_t each : to) {
      if (all || Contains(members, each)) kept.push_back(each);
    }
    all = false;
    members = std::move(kept);
  }
};

struct Checker::MayFrame {
  std::map<uint32_t, SymbolSource> symbols;
  std::map<uint32_t, std::vector<TypeId>> entities;
};

// Follows calls of definitions; their depth is bounded by kMaxCallDepth, that of conditions by
// kMaxNesting.
void Checker::CollectMay(ConditionId id, const MayFrame& frame, std::vector<MayUse>& uses) {
  const Condition& condition = module_.conditions[id];
  const auto source = [&](TermId symbol) {
    const Term& term = module_.terms[symbol];
    SymbolSource found;
    if (term.kind == Term::Kind::kSymbol) return SymbolSource{false, false, {term.symbol}};
    const auto known = frame.symbols.find(term.variable);
    return known == frame.symbols.end() ? found : known->second;
  };
  const auto types = [&](TermId entity) {
    const Term& term = module_.terms[entity];
    const auto known = frame.entities.find(term.variable);
    const bool plain = term.kind == Term::Kind::kVariable && term.steps.empty();
    return plain && known != frame.entities.end() ? known->second : term.type.entity_types;
  };
  if (condition.kind == Condition::Kind::kMay) {
    const SymbolSource symbol = source(condition.symbol);
    uses.push_back(
        {symbol.same, symbol.all, symbol.members, types(condition.object), condition.span});
    return;
  }
  if (condition.kind == Condition::Kind::kDefine) {
    const Define& define = module_.defines[condition.define];
    MayFrame inner;
    for (uint32_t parameter = 0; parameter < condition.arguments.size(); ++parameter) {
      const TermId argument = condition.arguments[parameter];
      if (!define.variables[parameter].is_symbol) {
        inner.entities[parameter] = types(argument);
      } else if (define.variables[parameter].symbol_kind == SymbolKind::kPermission) {
        inner.symbols[parameter] = source(argument);
      }
    }
    if (asks_may_[condition.define]) CollectMay(define.condition, inner, uses);
    return;
  }
  MayFrame narrowed = frame;
  if (condition.kind == Condition::Kind::kAnd) {
    for (ConditionId child : condition.children) {
      const Condition& part = module_.conditions[child];
      if (part.kind != Condition::Kind::kSymbolIs) continue;
      const Term& term = module_.terms[part.symbol];
      if (term.kind != Term::Kind::kVariable || term.symbol_kind != SymbolKind::kPermission) {
        continue;
      }
      narrowed.symbols[term.variable].Narrow(part.symbols);
    }
  }
  for (ConditionId child : condition.children) CollectMay(child, narrowed, uses);
}

struct Checker::MayWalk {
  enum State : uint8_t { kNew, kOpen, kDone };
  std::vector<std::vector<uint32_t>> rules;  // by permission: those whose conditions ask `may`
  std::vector<std::vector<MayUse>> uses;     // by rule
  std::vector<std::vector<State>> use_states;
  std::vector<std::vector<size_t>> use_heights;
  std::map<std::pair<PermissionId, TypeId>, std::pair<State, size_t>> nodes;
  struct Step {
    PermissionId permission;
    TypeId type;
    Span span;
  };
  std::vector<Step> path;
  bool stopped = false;
};

void Checker::CheckMayRecursion() {
  asks_may_.assign(module_.defines.size(), false);
  for (DefineId id = 0; id < module_.defines.size(); ++id) {
    for (ConditionId each : Under(module_, module_.defines[id].condition)) {
      const Condition& condition = module_.conditions[each];
      const bool called = condition.kind == Condition::Kind::kDefine && asks_may_[condition.define];
      if (condition.kind == Condition::Kind::kMay || called) asks_may_[id] = true;
    }
  }
  MayWalk walk;
  walk.rules.resize(module_.permissions.size());
  walk.uses.resize(module_.acts.size());
  walk.use_states.resize(module_.acts.size());
  walk.use_heights.resize(module_.acts.size());
  for (uint32_t rule = 0; rule < module_.acts.size(); ++rule) {
    const ActRule& act = module_.acts[rule];
    MayFrame frame;
    frame.symbols[1] = SymbolSource{true, true, {}};
    CollectMay(act.condition, frame, walk.uses[rule]);
    walk.use_states[rule].assign(walk.uses[rule].size(), MayWalk::kNew);
    walk.use_heights[rule].assign(walk.uses[rule].size(), 0);
    if (walk.uses[rule].empty()) continue;
    for (PermissionId permission : act.permissions) walk.rules[permission].push_back(rule);
  }
  for (PermissionId permission = 0; permission < module_.permissions.size(); ++permission) {
    if (walk.rules[permission].empty() &&
        module_.permissions[permission].requires_permissions.empty()) {
      continue;
    }
    for (TypeId type : module_.permissions[permission].on) {
      if (walk.stopped) return;
      MayHeight(permission, type, module_.permissions[permission].span, walk);
    }
  }
}

// How many decisions inside each other this one takes. Stops at the first circle and where the
// depth passes its limit, which also bounds this recursion.
size_t Checker::MayHeight(PermissionId permission, TypeId type, Span span, MayWalk& walk) {
  const auto tell = [&](DiagnosticKind kind, const std::string& message, size_t from) {
    Diagnostic& diagnostic = Report(kind, span, message, "asks on from here");
    for (size_t step = from; step < walk.path.size(); ++step) {
      diagnostic.related.push_back(
          {walk.path[step].span, Quoted(module_.permissions[walk.path[step].permission].name) +
                                     " on " + Quoted(module_.types[walk.path[step].type].name)});
    }
    walk.stopped = true;
    return size_t{0};
  };
  auto& node = walk.nodes[{permission, type}];
  if (node.first == MayWalk::kDone) return node.second;
  if (node.first == MayWalk::kOpen) {
    size_t from = 0;
    while (walk.path[from].permission != permission || walk.path[from].type != type) ++from;
    return tell(DiagnosticKind::kRecursiveMay,
                "whether one may " + Quoted(module_.permissions[permission].name) + " on " +
                    Quoted(module_.types[type].name) + " depends on itself",
                from + 1);
  }
  if (walk.path.size() > kMaxCallDepth) {
    return tell(DiagnosticKind::kNestedTooDeep,
                "decisions ask for decisions more than " + std::to_string(kMaxCallDepth) + " deep",
                walk.path.size());
  }
  node.first = MayWalk::kOpen;
  walk.path.push_back({permission, type, span});
  size_t height = 0;
  const auto visit = [&](PermissionId next, TypeId on, Span from) {
    if (walk.stopped || !Contains(module_.permissions[next].on, on)) return size_t{0};
    return MayHeight(next, on, from, walk) + 1;
  };
  for (PermissionId required : module_.permissions[permission].requires_permissions) {
    height = std::max(height, visit(required, type, module_.permissions[permission].span));
  }
  for (uint32_t rule : walk.rules[permission]) {
    if (!Contains(module_.acts[rule].variables[2].types, type)) continue;
    for (size_t index = 0; index < walk.uses[rule].size(); ++index) {
      const MayUse& use = walk.uses[rule][index];
      if (use.same) {
        if (!use.all && !Contains(use.permissions, permission)) continue;
        for (TypeId on : use.types) height = std::max(height, visit(permission, on, use.span));
        continue;
      }
      // What a use asks about does not depend on the rule's permission: followed once. Met again
      // while it is open, it is on a circle, which the permissions below then show.
      if (walk.use_states[rule][index] != MayWalk::kDone) {
        size_t below = 0;
        const std::vector<PermissionId> asked =
            use.all ? All(SymbolKind::kPermission) : use.permissions;
        for (PermissionId next : asked) {
          for (TypeId on : use.types) below = std::max(below, visit(next, on, use.span));
        }
        walk.use_states[rule][index] = MayWalk::kDone;
        walk.use_heights[rule][index] = below;
      }
      height = std::max(height, walk.use_heights[rule][index]);
    }
  }
  walk.path.pop_back();
  walk.nodes[{permission, type}] = {MayWalk::kDone, height};
  return height;
}

}  // namespace portvakt::dsl
