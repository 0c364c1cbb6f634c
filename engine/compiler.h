// What the parts of the compiler share; compile.h is its front. Terms, conditions and defines keep
// the module's indexes in the program.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dsl/module.h"
#include "dsl/source.h"
#include "engine/compile.h"
#include "engine/program_builder.h"
#include "engine/static_truth.h"

namespace portvakt::engine {

// The store's numbers by the module's ids.
struct Numbers {
  std::vector<uint32_t> types;  // kNoIndex for unions
  std::array<std::vector<uint32_t>, kSymbolSpaces> symbols;
  std::vector<uint32_t> relations;  // by fact
  std::vector<uint32_t> program_roles;
  std::map<std::string, uint32_t, std::less<>> attributes;
  std::map<std::string, uint32_t, std::less<>> labels;
  uint32_t is = 0;
  uint32_t holds = 0;
};
Result<Numbers> NumberNames(const dsl::Module& module, const Numberer& number);

// A sentence with {n} where its slots stand; `number` gives n of a slot.
std::string FormatOf(const dsl::SentenceShape& shape,
                     const std::function<uint32_t(uint32_t)>& number);

class Compiler {
 public:
  Compiler(const dsl::SourceSet& sources, const dsl::Module& module, Numbers numbers);
  Result<std::string> Run();

 private:
  using Known = std::vector<bool>;  // variables that have a value, by index in their owner

  // compile_symbols.cpp
  Status SizeMasks();
  void AddTypes();
  void AddValues();
  void AddSymbols();
  void AddTables();
  void AddFacts();
  uint32_t AddValueType(const dsl::ValueType& type);
  uint32_t AddSymbolMask(uint32_t space, const std::vector<uint32_t>& ids);
  Range AddTypeNumbers(const std::vector<dsl::TypeId>& types);
  std::vector<uint32_t> NumbersOf(uint32_t space, const std::vector<uint32_t>& ids) const;

  // compile_conditions.cpp
  void AddTerms();
  void AddConditions();
  void AddDefines();
  void AddRules();
  // Of the conditions whose variables get values of their types alone: the dispatch sees to it for
  // rules, each call for definitions. When everything that they lean on is there.
  void MarkFits();
  void MarkFits(uint32_t condition, Range variables);
  // A rule's record; `head` are the variables that have values before its condition is tested.
  RuleRecord CompileRule(const std::string& name, const std::vector<dsl::TextPiece>& title,
                         dsl::Effect effect, const dsl::Span& span,
                         const std::vector<dsl::Variable>& variables, size_t head,
                         dsl::ConditionId condition);
  TermRecord CompileTerm(const dsl::Term& term);
  void CompileLiteral(const dsl::Term& term, TermRecord& record);
  NodeRecord CompileCondition(dsl::ConditionId id);
  void CompileSentence(const dsl::Condition& condition, NodeRecord& node);
  // What only the owner of a condition knows: the kinds of its variables.
  void OwnTerm(const std::vector<dsl::Variable>& variables, dsl::TermId id);
  void Own(const std::vector<dsl::Variable>& variables, dsl::ConditionId id, Known& known);
  uint64_t Mentions(const dsl::Condition& condition) const;
  uint64_t CostOf(const dsl::Condition& condition) const;
  uint64_t TermCost(dsl::TermId term) const;
  uint32_t AddPlace(const dsl::Span& span);
  uint32_t AddReason(const dsl::Reason& reason);
  Range AddPieces(const std::vector<dsl::TextPiece>& pieces);
  Range AddVariables(const std::vector<dsl::Variable>& variables);

  // compile_sources.cpp: where the candidates of `some` come from.
  struct Tie {
    uint32_t source = kNoIndex;
    uint32_t rank = 0;  // smaller is cheaper
  };
  // From the cheapest tie, or from the first in reading order.
  uint32_t AddCandidates(const dsl::Condition& some, Known& known, bool first_tie);
  // For a search of one variable of a condition's owner, when those in `known` have values.
  uint32_t AddSearch(dsl::ConditionId condition, uint32_t target, Known known);
  Range AddSearches(const dsl::Define& define);
  uint32_t AddTied(dsl::ConditionId body, uint32_t target, Known& known);
  std::optional<Tie> FindTie(dsl::ConditionId condition, uint32_t target, Known& known);
  std::optional<Tie> TieOfSome(const dsl::Condition& condition, uint32_t target, Known& known);
  std::optional<Tie> TieOfPair(const dsl::Condition& condition, uint32_t target,
                               const Known& known);
  std::optional<Tie> TieOfComparison(const dsl::Condition& condition, uint32_t target,
                                     const Known& known);
  std::optional<Tie> TieOfCall(const dsl::Condition& condition, uint32_t target,
                               const Known& known);
  std::optional<Tie> TieOfParameter(dsl::DefineId define, uint32_t parameter,
                                    const std::vector<bool>& given);
  bool IsKnown(dsl::TermId term, const Known& known) const;
  bool LeadsFrom(dsl::TermId term, uint32_t target) const;
  Tie Reverse(Tie tie, dsl::TermId term);
  Tie AddSource(SourceRecord record, uint32_t rank);
  Range HeadTypes(dsl::TermId term);

  // compile_dispatch.cpp
  void AddDispatches();
  void AddPairs();

  // compile_changes.cpp
  void AddChangeRules();
  void AddChangeDispatches();
  std::vector<ChangeDispatchSlot> ChangesOf(const dsl::ChangeRule& rule);
  void AddChangesOf(const dsl::ChangeRule& rule, ChangeDispatchSlot key, uint32_t symbol,
                    const std::vector<dsl::TypeId>& subjects,
                    const std::vector<dsl::TypeId>& objects,
                    std::vector<ChangeDispatchSlot>& changes);
  std::vector<dsl::TypeId> TypesOfAttribute(const dsl::ChangeTarget& target) const;

  // compile_limits.cpp
  void AddLimits();
  LimitRecord CompileLimit(const dsl::Limit& limit);
  Range AddTriggers(const dsl::Limit& limit);
  // The order in which the limit's entity variables that are not known yet are found, as pairs of a
  // variable and a source: bindings for which the condition may not be false, or may not be true.
  struct Order {
    std::vector<uint32_t> pairs;
    uint32_t whole_types = 0;  // variables for which every entity of the type is tried
    bool counted = false;      // the counted variable is known in the end
  };
  Order OrderOf(const dsl::Limit& limit, Known known, bool of_true);
  std::optional<Tie> FindTieOfFalse(dsl::ConditionId condition, uint32_t target, Known& known);

  const dsl::SourceSet& sources_;
  const dsl::Module& module_;
  Numbers numbers_;
  ProgramBuilder builder_;
  StaticTruth truth_;
  std::map<std::string, uint32_t> value_types_;
  std::vector<uint64_t> costs_;                        // by condition
  std::vector<uint64_t> define_costs_;                 // by define
  const std::vector<dsl::Variable>* owner_ = nullptr;  // of the condition whose sources are sought
  std::map<std::pair<uint64_t, std::vector<bool>>, std::optional<Tie>> parameter_ties_;
  uint32_t tie_steps_ = 0;
  bool first_tie_ = false;
};

}  // namespace portvakt::engine
