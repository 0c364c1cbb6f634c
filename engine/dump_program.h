// Decision programs in text. What is printed leans on names alone, never on numbers of the store or
// places in the bytes, so that equal dumps mean equal programs.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/program.h"

namespace portvakt::engine {

// What one decision reads at most, as expressions over its subject and object ("user.home").
struct Cost {
  std::set<std::string> records;
  std::set<std::string> cells;
  std::set<std::string> walks;      // `some` over entities, closures, counts of seats
  std::set<std::string> decisions;  // `may` in a condition, and what a permission requires
};

class CostCounter {
 public:
  explicit CostCounter(const Program& program) : program_(program) {}
  Cost Of(const DispatchRecord& dispatch, uint32_t permission);

 private:
  using Names = std::vector<std::string>;  // what stands in each variable
  void Visit(uint32_t node, Names& names);
  void VisitCall(const NodeRecord& node, const Names& names);
  // The expression of a term; counts the records on its way.
  std::string Read(uint32_t term, const Names& names);

  const Program& program_;
  Cost cost_;
  std::set<std::string> called_;
};

class ProgramDumper {
 public:
  explicit ProgramDumper(const Program& program) : program_(program) {}
  std::string Run();
  // The plan of a search alone: of subjects or objects of a permission; of a definition's place.
  std::string ActSearch(uint32_t permission, uint32_t subject_type, uint32_t object_type,
                        bool subjects);
  std::string DefineSearch(uint32_t define, uint32_t hole);

 private:
  void Header();
  void Dispatches();
  void Rules();
  void Defines();
  // dump_changes.cpp
  void ChangeDispatches();
  void ChangeRules();
  std::string AttributeOf(const DispatchRecord& record) const;
  // dump_limits.cpp
  void Limits();
  void Searches(Range searches, Range variables, size_t depth);
  std::string TriggerText(const TriggerRecord& trigger) const;
  std::string EndText(const TriggerEndRecord& end, Range variables) const;
  void Node(uint32_t node, Range variables, size_t depth);
  void Source(uint32_t source, Range variables, size_t depth);
  void Search(uint32_t source, Range variables, uint32_t variable, size_t depth);
  std::string Sentence(const NodeRecord& node, Range variables) const;
  std::string Term(uint32_t term, Range variables) const;
  std::string MaskNames(uint32_t space, uint32_t mask) const;
  std::string TypeNames(Range types) const;
  std::string Head(Range variables, uint32_t count) const;
  template <class NameOf>
  std::string RuleNames(Range rules, const NameOf& name_of) const {
    std::string text;
    for (uint32_t rule : program_.List(rules)) {
      text += (text.empty() ? "" : ", ") + std::string(program_.Text(name_of(rule)));
    }
    return text;
  }
  void Line(size_t depth, const std::string& text);

  const Program& program_;
  std::string text_;
};

}  // namespace portvakt::engine
