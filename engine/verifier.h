// The checks of verify.h, one kind of record after the other; each leans on those before it.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/program.h"

namespace portvakt::engine {

class Verifier {
 public:
  explicit Verifier(const Program& program) : program_(program) {}
  // What is wrong; "" when nothing is.
  std::string Run();

 private:
  // The frame that conditions run in: a rule's or a definition's variables, and which have a value.
  struct Scope {
    Range variables;
    uint32_t owner = 0;  // defines first, then rules, then change rules, then limits
    std::vector<bool> bound;
  };

  void Fail(const char* what);
  bool Text(Range range);
  bool Inside(Range range, size_t size, const char* what);
  bool Index(uint32_t index, size_t size, const char* what);
  bool Optional(uint32_t index, size_t size, const char* what);
  bool List(Range range, size_t size, const char* what);
  bool Types(Range range);
  bool Mask(uint32_t mask, uint32_t space);
  bool Symbol(uint32_t number, uint32_t space);
  void PermissionMask(uint32_t mask);

  void CheckTypes();
  void CheckSymbols();
  void CheckTables();
  void CheckRequirements();
  void CheckNames();
  void CheckDispatch();

  // verify_changes.cpp
  void CheckChanges();
  void CheckChangeRule(const ChangeRuleRecord& rule, uint32_t owner);
  void CheckChangeDispatch();

  // verify_limits.cpp
  void CheckLimits();
  void CheckLimit(const LimitRecord& limit, uint32_t owner);
  void CheckTrigger(const TriggerRecord& trigger, const LimitRecord& limit, uint32_t owner);
  void CheckSearches(Range searches, const LimitRecord& limit, Scope& scope);

  // verify_conditions.cpp
  void CheckTerms();
  void CheckTexts();
  void CheckNodes();
  void CheckOwners();
  void CheckRule(const RuleRecord& rule, uint32_t owner, const std::vector<uint32_t>& head);
  // The variables that the condition mentions, as NodeRecord::mentions has them.
  uint64_t Walk(uint32_t node, Scope& scope, uint32_t depth);
  uint64_t WalkParts(const NodeRecord& node, Scope& scope, uint32_t depth);
  uint64_t Mentioned(const NodeRecord& node) const;
  uint64_t WalkSome(const NodeRecord& node, Scope& scope, uint32_t depth);
  void WalkSource(uint32_t source, Scope& scope, uint32_t depth);
  void WalkSearch(uint32_t source, Scope& scope, uint32_t variable);
  void WalkCall(const SourceRecord& source, const Scope& scope, uint32_t depth);
  void Sentence(const NodeRecord& node, const Scope& scope);
  void Call(const NodeRecord& node, const Scope& scope);
  void Pieces(Range pieces, const Scope& scope);
  bool EntityTerm(uint32_t term, const Scope& scope);
  bool ValueTerm(uint32_t term, const Scope& scope);
  bool SymbolTerm(uint32_t term, uint32_t space, const Scope& scope);
  // The kind of symbol that a term is; kSymbolSpaces when it is none.
  uint32_t SpaceOf(uint32_t term, const Scope& scope);
  bool Bound(uint32_t variable, const Scope& scope);

  const Program& program_;
  std::string failure_;
  std::vector<uint32_t> node_owner_;
  std::set<std::tuple<uint32_t, uint32_t, std::vector<bool>>> called_sources_;
};

}  // namespace portvakt::engine
