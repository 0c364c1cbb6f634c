// Terms, texts, conditions and candidate sources: each reads only variables that have a value of
// the kind that is read.
#include "dsl/module.h"
#include "engine/evaluator.h"
#include "engine/fits.h"
#include "engine/store.h"
#include "engine/verifier.h"

namespace portvakt::engine {

void Verifier::CheckTerms() {
  for (const TermRecord& term : program_.terms) {
    Text(term.text);
    Text(term.name);
    Inside(term.steps, program_.steps.size(), "a path");
    if (term.kind > TermRecord::Kind::kSeats) return Fail("a kind of term");
    if (term.space >= kSymbolSpaces) return Fail("a kind of symbol");
    const bool symbol =
        term.kind == TermRecord::Kind::kSymbol || term.kind == TermRecord::Kind::kProgramOf;
    const bool may_be = symbol || term.kind == TermRecord::Kind::kVariable;
    if (symbol ? term.is_symbol != 1 : term.is_symbol > (may_be ? 1 : 0)) {
      return Fail("a term that is a symbol or is not");
    }
    if (term.is_symbol == 0) {
      Index(term.value_type, program_.value_types.size(), "a term's type");
    }
    if (term.kind == TermRecord::Kind::kInput) {
      Index(term.input, program_.inputs.size(), "an input");
    }
    if (term.kind == TermRecord::Kind::kSymbol) Symbol(term.symbol, term.space);
    if (term.kind == TermRecord::Kind::kSeats) {
      Index(term.licence, program_.terms.size(), "a term");
      // Seats stand in no pool of others.
      if (Index(term.pool, program_.terms.size(), "a term") &&
          program_.terms[term.pool].kind == TermRecord::Kind::kSeats) {
        Fail("a pool");
      }
    }
  }
}

void Verifier::CheckTexts() {
  for (const PieceRecord& piece : program_.pieces) {
    Text(piece.literal);
    Optional(piece.term, program_.terms.size(), "a term of a text");
  }
  for (const ReasonRecord& reason : program_.reasons) {
    Text(reason.code);
    Inside(reason.pieces, program_.pieces.size(), "a reason");
  }
  for (const PlaceRecord& place : program_.places) {
    Text(place.file);
    Text(place.text);
  }
  for (const VariableRecord& variable : program_.variables) {
    Text(variable.name);
    Types(variable.types);
    if (variable.space >= kSymbolSpaces) return Fail("a variable");
    if (variable.allowed != kNoIndex) Mask(variable.allowed, variable.space);
  }
}

void Verifier::CheckNodes() {
  for (uint32_t id = 0; id < program_.nodes.size(); ++id) {
    const NodeRecord& node = program_.nodes[id];
    if (node.op > Op::kSameSymbol) return Fail("a kind of condition");
    if (node.comparison > static_cast<uint8_t>(dsl::Comparison::kWithin)) Fail("a comparison");
    List(node.children, id, "a part of a condition");
    Inside(node.arguments, program_.lists.size(), "an argument");
    Types(node.types);
    Index(node.place, program_.places.size(), "a place");
    Optional(node.reason, program_.reasons.size(), "a reason");
  }
  for (uint32_t id = 0; id < program_.sources.size(); ++id) {
    const SourceRecord& source = program_.sources[id];
    if (source.op > SourceRecord::Op::kCall) return Fail("a kind of source");
    if (source.relation > SourceRecord::Relation::kHolds) Fail("a relation");
    if (source.direction > static_cast<uint8_t>(Direction::kSubjectsOf)) Fail("a direction");
    List(source.children, id, "a part of a source");
    Types(source.types);
  }
  node_owner_.assign(program_.nodes.size(), kNoIndex);
}

bool Verifier::Bound(uint32_t variable, const Scope& scope) {
  if (variable < scope.bound.size() && scope.bound[variable]) return true;
  Fail("a variable without a value");
  return false;
}

bool Verifier::ValueTerm(uint32_t id, const Scope& scope) {
  if (!Index(id, program_.terms.size(), "a term")) return false;
  const TermRecord& term = program_.terms[id];
  if (term.is_symbol != 0) {
    Fail("a symbol where a value is needed");
    return false;
  }
  if (!Index(term.value_type, program_.value_types.size(), "a term's type")) return false;
  if (term.kind == TermRecord::Kind::kSeats) {
    return SymbolTerm(term.licence, kLicenceSpace, scope) && EntityTerm(term.pool, scope);
  }
  if (term.kind != TermRecord::Kind::kVariable) return true;
  if (!Bound(term.variable, scope)) return false;
  if (program_.variables[scope.variables.first + term.variable].is_symbol == 0) return true;
  Fail("a symbol where a value is needed");
  return false;
}

bool Verifier::EntityTerm(uint32_t id, const Scope& scope) { return ValueTerm(id, scope); }

uint32_t Verifier::SpaceOf(uint32_t id, const Scope& scope) {
  if (!Index(id, program_.terms.size(), "a term")) return kSymbolSpaces;
  const TermRecord& term = program_.terms[id];
  if (term.is_symbol == 0) return kSymbolSpaces;
  if (term.kind == TermRecord::Kind::kSymbol) return term.space;
  if (!Bound(term.variable, scope)) return kSymbolSpaces;
  const VariableRecord& variable = program_.variables[scope.variables.first + term.variable];
  if (variable.is_symbol == 0) return kSymbolSpaces;
  const bool same = term.kind == TermRecord::Kind::kVariable;
  if (!same && variable.space != kPermissionSpace) return kSymbolSpaces;
  const uint32_t space = same ? variable.space : uint32_t{kProgramSpace};
  return space == term.space ? space : kSymbolSpaces;
}

bool Verifier::SymbolTerm(uint32_t id, uint32_t space, const Scope& scope) {
  if (SpaceOf(id, scope) == space) return true;
  Fail("a symbol of another kind");
  return false;
}

void Verifier::Pieces(Range pieces, const Scope& scope) {
  if (!Inside(pieces, program_.pieces.size(), "a text")) return;
  for (uint32_t i = pieces.first; i < pieces.first + pieces.count; ++i) {
    const uint32_t term = program_.pieces[i].term;
    if (term == kNoIndex) continue;
    const bool symbol = program_.terms[term].is_symbol != 0;
    if (symbol ? SpaceOf(term, scope) != program_.terms[term].space : !ValueTerm(term, scope)) {
      Fail("a term of a text");
    }
  }
}

void Verifier::Call(const NodeRecord& node, const Scope& scope) {
  // Definitions stand in order: a call leads to an earlier one, so that calls end.
  const size_t callable = std::min<size_t>(scope.owner, program_.defines.size());
  if (!Index(node.index, callable, "a definition")) return;
  const DefineRecord& define = program_.defines[node.index];
  if (!List(node.arguments, program_.terms.size(), "an argument")) return;
  if (node.arguments.count != define.parameter_count) return Fail("the arguments of a call");
  for (uint32_t i = 0; i < node.arguments.count; ++i) {
    const uint32_t term = program_.lists[node.arguments.first + i];
    const VariableRecord& parameter = program_.variables[define.variables.first + i];
    parameter.is_symbol != 0 ? SymbolTerm(term, parameter.space, scope) : EntityTerm(term, scope);
  }
}

void Verifier::Sentence(const NodeRecord& node, const Scope& scope) {
  const auto object = [&] { return node.object == kNoIndex || EntityTerm(node.object, scope); };
  switch (node.op) {
    case Op::kFact: {
      if (!Index(node.index, program_.facts.size(), "a fact")) return;
      const FactRecord& fact = program_.facts[node.index];
      EntityTerm(node.subject, scope);
      object();
      if ((node.object == kNoIndex) != (fact.object_types.count == 0)) Fail("a fact's shape");
      if (fact.transitive != 0 && node.object == kNoIndex) Fail("a fact's shape");
      if (fact.has_symbol != 0) SymbolTerm(node.symbol, fact.symbol_space, scope);
      return;
    }
    case Op::kRole:
      EntityTerm(node.subject, scope);
      object();
      SymbolTerm(node.symbol, kRoleSpace, scope);
      if (node.program != kNoIndex) SymbolTerm(node.program, kProgramSpace, scope);
      return;
    case Op::kHolds:
      EntityTerm(node.subject, scope);
      object();
      SymbolTerm(node.symbol, kLicenceSpace, scope);
      return;
    case Op::kSeatFree:
      EntityTerm(node.object, scope);
      SymbolTerm(node.symbol, kLicenceSpace, scope);
      return;
    case Op::kMay:
      EntityTerm(node.subject, scope);
      EntityTerm(node.object, scope);
      SymbolTerm(node.symbol, kPermissionSpace, scope);
      return;
    case Op::kDefine: return Call(node, scope);
    case Op::kCompare:
    case Op::kContains:
      ValueTerm(node.subject, scope);
      ValueTerm(node.object, scope);
      return;
    case Op::kPresent:
    case Op::kAbsent:
    case Op::kFlag:
    case Op::kIsType: ValueTerm(node.subject, scope); return;
    case Op::kTable: {
      static constexpr uint32_t kFirst[] = {kPermissionSpace, kLicenceSpace, kRoleSpace};
      if (node.index % 2 != 0 || node.index / 2 >= 3) return Fail("a table");
      SymbolTerm(node.symbol, kFirst[node.index / 2], scope);
      SymbolTerm(node.other, kPermissionSpace, scope);
      return;
    }
    case Op::kSymbolIs: {
      const uint32_t space = SpaceOf(node.symbol, scope);
      if (space == kSymbolSpaces) return Fail("a symbol");
      Mask(node.mask, space);
      return;
    }
    case Op::kSameSymbol: {
      const uint32_t space = SpaceOf(node.symbol, scope);
      if (space == kSymbolSpaces || !SymbolTerm(node.other, space, scope)) Fail("a symbol");
      return;
    }
    default: return;
  }
}

uint64_t Verifier::WalkSome(const NodeRecord& node, Scope& scope, uint32_t depth) {
  const bool fits = node.children.count == 1 && node.variable < scope.variables.count &&
                    !scope.bound[node.variable];
  if (!fits) {
    Fail("the variable of a `some`");
    return 0;
  }
  const VariableRecord& variable = program_.variables[scope.variables.first + node.variable];
  const bool symbol = node.op == Op::kSomeSymbol;
  if (symbol != (variable.is_symbol != 0)) Fail("the variable of a `some`");
  if (symbol && variable.space != node.space) Fail("the variable of a `some`");
  if (!symbol) {
    if (!Index(node.source, program_.sources.size(), "a source")) return 0;
    if (!Index(node.reason_source, program_.sources.size(), "a source")) return 0;
    WalkSource(node.source, scope, depth + 1);
    WalkSource(node.reason_source, scope, depth + 1);
  }
  scope.bound[node.variable] = true;
  const uint64_t mentions = Walk(program_.lists[node.children.first], scope, depth + 1);
  scope.bound[node.variable] = false;
  return mentions & ~(uint64_t{1} << (node.variable % 64));
}

uint64_t Verifier::Mentioned(const NodeRecord& node) const {
  uint64_t result = 0;
  const auto add = [&](uint32_t id) {
    if (id < program_.terms.size() && program_.terms[id].kind == TermRecord::Kind::kSeats) {
      id = program_.terms[id].licence;
    }
    if (id >= program_.terms.size() || program_.terms[id].variable == kNoIndex) return;
    result |= uint64_t{1} << (program_.terms[id].variable % 64);
  };
  for (uint32_t id : {node.subject, node.object, node.symbol, node.other, node.program}) add(id);
  for (uint32_t id : program_.List(node.arguments)) add(id);
  return result;
}

uint64_t Verifier::WalkParts(const NodeRecord& node, Scope& scope, uint32_t depth) {
  uint64_t mentions = 0;
  switch (node.op) {
    case Op::kAnd:
    case Op::kOr:
      for (uint32_t child : program_.List(node.children)) mentions |= Walk(child, scope, depth + 1);
      return mentions;
    case Op::kNot:
      if (node.children.count == 1) {
        return Walk(program_.lists[node.children.first], scope, depth + 1);
      }
      Fail("a `not`");
      return 0;
    case Op::kSomeEntity:
    case Op::kSomeSymbol: return WalkSome(node, scope, depth);
    default: Sentence(node, scope); return failure_.empty() ? Mentioned(node) : 0;
  }
}

uint64_t Verifier::Walk(uint32_t id, Scope& scope, uint32_t depth) {
  if (!failure_.empty()) return 0;
  if (depth > kMaxDepth) Fail("conditions nested too deeply");
  if (!Index(id, program_.nodes.size(), "a condition")) return 0;
  if (node_owner_[id] != kNoIndex) Fail("a condition in two places");
  if (!failure_.empty()) return 0;
  node_owner_[id] = scope.owner;
  const NodeRecord& node = program_.nodes[id];
  if (node.reason != kNoIndex) Pieces(program_.reasons[node.reason].pieces, scope);
  const uint64_t mentions = WalkParts(node, scope, depth);
  if ((mentions & ~node.mentions) != 0) Fail("a condition that hides what it mentions");
  // Of changes and limits nobody says what their variables are.
  const bool told = scope.owner < program_.defines.size() + program_.rules.size();
  const uint32_t fits = failure_.empty() && told ? FitsOf(program_, node, scope.variables) : 0;
  if ((node.fits & ~fits) != 0) Fail("a place that does not admit what stands there");
  return mentions;
}

void Verifier::WalkCall(const SourceRecord& source, const Scope& scope, uint32_t depth) {
  const size_t callable = std::min<size_t>(scope.owner, program_.defines.size());
  if (!Index(source.define, callable, "a definition")) return;
  const DefineRecord& define = program_.defines[source.define];
  if (source.arguments.count != define.parameter_count || source.children.count != 1) {
    return Fail("a call of a source");
  }
  if (!Inside(source.arguments, program_.lists.size(), "arguments")) return;
  Scope callee{define.variables, source.define, std::vector<bool>(define.variables.count, false)};
  for (uint32_t i = 0; i < source.arguments.count; ++i) {
    const uint32_t term = program_.lists[source.arguments.first + i];
    if (term == kNoIndex) continue;
    const VariableRecord& parameter = program_.variables[define.variables.first + i];
    const bool fits = parameter.is_symbol != 0 ? SymbolTerm(term, parameter.space, scope)
                                               : EntityTerm(term, scope);
    if (!fits) return;
    callee.bound[i] = true;
  }
  const uint32_t child = program_.lists[source.children.first];
  if (!called_sources_.emplace(child, source.define, callee.bound).second) return;
  WalkSource(child, callee, depth + 1);
}

void Verifier::WalkSource(uint32_t id, Scope& scope, uint32_t depth) {
  if (!failure_.empty()) return;
  if (depth > kMaxDepth) return Fail("sources nested too deeply");
  const SourceRecord& source = program_.sources[id];
  const auto children = program_.List(source.children);
  switch (source.op) {
    case SourceRecord::Op::kAll: return;
    case SourceRecord::Op::kClosure:
      if (!Index(source.fact, program_.facts.size(), "a fact")) return;
      if (source.symbol != kNoIndex) {
        SymbolTerm(source.symbol, program_.facts[source.fact].symbol_space, scope);
      }
      EntityTerm(source.term, scope);
      return;
    case SourceRecord::Op::kTerm:
    case SourceRecord::Op::kMembers: EntityTerm(source.term, scope); return;
    case SourceRecord::Op::kNeighbours: {
      EntityTerm(source.term, scope);
      uint32_t space =
          source.relation == SourceRecord::Relation::kRole ? kRoleSpace : kLicenceSpace;
      if (source.relation == SourceRecord::Relation::kFact) {
        if (!Index(source.fact, program_.facts.size(), "a fact")) return;
        space = program_.facts[source.fact].symbol_space;
      }
      if (source.symbol != kNoIndex) SymbolTerm(source.symbol, space, scope);
      return;
    }
    case SourceRecord::Op::kReferrers:
      if (children.size() != 1) return Fail("a source");
      return WalkSource(children[0], scope, depth + 1);
    case SourceRecord::Op::kUnion:
      for (uint32_t child : children) WalkSource(child, scope, depth + 1);
      return;
    case SourceRecord::Op::kJoin: {
      if (children.size() != 2 || source.variable >= scope.bound.size() ||
          scope.bound[source.variable] ||
          program_.variables[scope.variables.first + source.variable].is_symbol != 0) {
        return Fail("a joined source");
      }
      WalkSource(children[0], scope, depth + 1);
      scope.bound[source.variable] = true;
      WalkSource(children[1], scope, depth + 1);
      scope.bound[source.variable] = false;
      return;
    }
    case SourceRecord::Op::kCall: return WalkCall(source, scope, depth);
  }
}

// The source of a variable that is searched for reads the others alone.
void Verifier::WalkSearch(uint32_t source, Scope& scope, uint32_t variable) {
  if (!Index(source, program_.sources.size(), "a source")) return;
  scope.bound[variable] = false;
  WalkSource(source, scope, 0);
  scope.bound[variable] = true;
}

void Verifier::CheckOwners() {
  for (uint32_t i = 0; i < program_.defines.size() && failure_.empty(); ++i) {
    const DefineRecord& define = program_.defines[i];
    Text(define.name);
    Text(define.format);
    Index(define.place, program_.places.size(), "a place");
    if (!Inside(define.variables, program_.variables.size(), "variables")) return;
    if (define.parameter_count > define.variables.count) return Fail("parameters");
    Scope scope{define.variables, i, std::vector<bool>(define.variables.count, false)};
    for (uint32_t p = 0; p < define.parameter_count; ++p) scope.bound[p] = true;
    Walk(define.condition, scope, 0);
    Text(define.verb);
    if (define.searches.count != define.parameter_count) return Fail("a definition's searches");
    if (!Inside(define.searches, program_.lists.size(), "a definition's searches")) return;
    for (uint32_t p = 0; p < define.parameter_count; ++p) {
      const bool symbol = program_.variables[define.variables.first + p].is_symbol != 0;
      const uint32_t source = program_.lists[define.searches.first + p];
      if (symbol != (source == kNoIndex)) return Fail("a definition's searches");
      if (!symbol) WalkSearch(source, scope, p);
    }
  }
  const auto defines = static_cast<uint32_t>(program_.defines.size());
  for (uint32_t i = 0; i < program_.rules.size() && failure_.empty(); ++i) {
    const RuleRecord& rule = program_.rules[i];
    if (!Inside(rule.variables, program_.variables.size(), "variables")) return;
    if (rule.variables.count < 3) return Fail("a rule's head");
    const auto variable = [&](uint32_t v) { return program_.variables[rule.variables.first + v]; };
    if (variable(0).is_symbol != 0 || variable(1).is_symbol == 0 ||
        variable(1).space != kPermissionSpace || variable(2).is_symbol != 0) {
      return Fail("a rule's head");
    }
    CheckRule(rule, defines + i, {0, 1, 2});
    if (!failure_.empty()) return;
    Scope scope{rule.variables, defines + i, std::vector<bool>(rule.variables.count, false)};
    for (uint32_t v = 0; v < 3; ++v) scope.bound[v] = true;
    const bool permits = rule.effect == static_cast<uint32_t>(dsl::Effect::kPermit);
    if (permits != (rule.subject_source != kNoIndex) ||
        permits != (rule.object_source != kNoIndex)) {
      return Fail("a rule's searches");
    }
    if (!permits) continue;
    WalkSearch(rule.subject_source, scope, 0);
    WalkSearch(rule.object_source, scope, 2);
  }
}

// `head` are the variables that get their values from the head.
void Verifier::CheckRule(const RuleRecord& rule, uint32_t owner,
                         const std::vector<uint32_t>& head) {
  Text(rule.name);
  Index(rule.place, program_.places.size(), "a place");
  if (rule.effect > static_cast<uint32_t>(dsl::Effect::kNote)) Fail("an effect");
  Scope scope{rule.variables, owner, std::vector<bool>(rule.variables.count, false)};
  for (uint32_t variable : head) scope.bound[variable] = true;
  Pieces(rule.title, scope);
  Walk(rule.condition, scope, 0);
}

}  // namespace portvakt::engine
