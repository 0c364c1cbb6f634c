// How a search finds its candidates, in words.
#include "engine/dump_program.h"
#include "engine/search_run.h"
#include "engine/session_state.h"

namespace portvakt::engine {

std::string ProgramDumper::ActSearch(uint32_t permission, uint32_t subject_type,
                                     uint32_t object_type, bool subjects) {
  const DispatchRecord* rules = program_.FindDispatch(permission, subject_type, object_type);
  if (rules == nullptr || rules->permits.count == 0) return "no rule permits this\n";
  for (uint32_t index : program_.List(rules->permits)) {
    const RuleRecord& rule = program_.rules[index];
    Line(0, "permit " + std::string(program_.Text(rule.name)));
    Search(subjects ? rule.subject_source : rule.object_source, rule.variables, subjects ? 0 : 2,
           1);
  }
  return std::move(text_);
}

std::string ProgramDumper::DefineSearch(uint32_t index, uint32_t hole) {
  const DefineRecord& define = program_.defines[index];
  Line(0, "define " + std::string(program_.Text(define.name)));
  const VariableRecord& variable = program_.variables[define.variables.first + hole];
  if (variable.is_symbol != 0) {
    Line(1, "tests every " + std::string(program_.Text(variable.name)));
  } else {
    Search(program_.lists[define.searches.first + hole], define.variables, hole, 1);
  }
  return std::move(text_);
}

std::string Session::SearchPlan(const SearchQuery& query) {
  const Program& program = state_->program;
  if (program.empty()) return "there is no policy to search by\n";
  using Through = SearchQuery::Through;
  if (query.through == Through::kActions) return "tests every permission that a rule can give\n";
  if (query.through == Through::kDefine) {
    const uint32_t define = FindDefine(program, query.verb);
    for (uint32_t i = 0; define != kNoIndex && i < query.places.size(); ++i) {
      if (!query.places[i].hole || i >= program.defines[define].parameter_count) continue;
      return ProgramDumper(program).DefineSearch(define, i);
    }
    return "the search cannot be understood\n";
  }
  const uint32_t subject = program.FindType(query.request.subject.type);
  const uint32_t object = program.FindType(query.request.resource.type);
  const uint32_t permission = program.FindPermission(query.request.action);
  if (subject == kNoIndex || object == kNoIndex || permission == kNoIndex) {
    return "the policy has no such type or permission\n";
  }
  return ProgramDumper(program).ActSearch(
      program.permissions[permission].number, program.types[subject].number,
      program.types[object].number, query.through == Through::kSubjects);
}

}  // namespace portvakt::engine
