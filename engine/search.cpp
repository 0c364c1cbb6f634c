// Searches in pages, and through a viewer's eyes.
#include "engine/search.h"

#include <algorithm>

#include "engine/search_run.h"
#include "engine/session_state.h"

namespace portvakt::engine {

Viewer::Viewer(Evaluator& evaluator, const std::optional<EntityName>& name)
    : evaluator_(evaluator), everything_(!name) {
  if (!name) return;
  const Program& program = evaluator.program();
  const uint32_t type = program.FindType(name->type);
  if (type == kNoIndex || name->id.empty() || name->id.size() > kMaxIdBytes) return;
  const auto number = static_cast<uint16_t>(program.types[type].number);
  viewer_ = evaluator.reader().view().FindEntity(number, name->id).value_or(kNoEntity);
  const uint32_t define = FindDefine(program, kSeesVerb);
  if (define == kNoIndex || program.defines[define].parameter_count != 2) return;
  const uint32_t first = program.defines[define].variables.first;
  const bool symbols =
      program.variables[first].is_symbol != 0 || program.variables[first + 1].is_symbol != 0;
  if (!symbols) define_ = define;
}

bool Viewer::Sees(EntityId entity) {
  if (everything_ || entity == viewer_) return true;
  if (define_ == kNoIndex || !IsEntity(viewer_)) return false;
  const DefineRecord& define = evaluator_.program().defines[define_];
  return evaluator_.TestDefinition(define, std::array<uint64_t, 2>{viewer_, entity}) == Tri::kTrue;
}

EntityId ResolveName(Evaluator& evaluator, const EntityName& name) {
  const uint32_t type = evaluator.program().FindType(name.type);
  return type == kNoIndex ? kNowhereEntity : evaluator.values().Resolve(type, name.id);
}

EntityName NameOfEntity(Evaluator& evaluator, EntityId entity) {
  const Program& program = evaluator.program();
  const uint32_t type = program.TypeOfNumber(TypeOf(entity));
  EntityName name;
  if (type != kNoIndex) name.type = program.Text(program.types[type].name);
  name.id = IsTransient(entity) ? evaluator.values().TransientId(entity)
                                : evaluator.reader().RecordOf(entity).id();
  return name;
}

uint32_t FindDefine(const Program& program, std::string_view verb) {
  for (uint32_t i = 0; i < program.defines.size(); ++i) {
    if (program.Text(program.defines[i].verb) == verb) return i;
  }
  return kNoIndex;
}

uint32_t FindSymbol(const Program& program, uint32_t space, std::string_view name) {
  const auto find = [&](const auto& records) {
    for (const auto& record : records) {
      if (program.Text(record.name) == name) return record.number;
    }
    return kNoIndex;
  };
  switch (space) {
    case kRoleSpace: return find(program.roles);
    case kLicenceSpace: return find(program.licences);
    case kProgramSpace: return find(program.programs);
    default: return find(program.permissions);
  }
}

namespace {

class SearchRun {
 public:
  SearchRun(Evaluator& evaluator, const SearchQuery& query, SearchPage& page)
      : evaluator_(evaluator), query_(query), page_(page), viewer_(evaluator, query.viewer) {}

  void Run(SearchTarget& target) {
    if (evaluator_.exhausted()) return Exhaust(std::nullopt);
    const bool seen =
        viewer_.exists() && std::all_of(target.fixed.begin(), target.fixed.end(),
                                        [&](EntityId entity) { return viewer_.Sees(entity); });
    if (!seen) return;
    const auto first =
        std::lower_bound(target.candidates.begin(), target.candidates.end(), query_.after);
    for (auto at = first; at != target.candidates.end(); ++at) {
      const Tri verdict = target.Test(*at);
      const bool wanted =
          verdict == Tri::kTrue || (verdict == Tri::kUnknown && query_.with_depends);
      const bool shown = wanted && (target.of_symbols || viewer_.Sees(*at));
      const bool full = query_.limit != 0 && page_.results.size() == query_.limit;
      if (shown && full && !evaluator_.exhausted()) {
        page_.next = last_ + 1;
        return;
      }
      if (shown && !full) Add(target, *at, verdict);
      if (evaluator_.exhausted()) {
        if (shown && !full) page_.results.pop_back();
        return Exhaust(at == first ? std::nullopt : std::optional<uint64_t>(*at));
      }
    }
  }

 private:
  void Add(SearchTarget& target, uint64_t candidate, Tri verdict) {
    SearchResult& result = page_.results.emplace_back();
    result.verdict = verdict;
    if (target.of_symbols) {
      result.symbol =
          evaluator_.program().SymbolName(target.space, static_cast<uint32_t>(candidate));
    } else {
      result.entity = NameOfEntity(evaluator_, candidate);
    }
    target.Tell(candidate, result);
    last_ = candidate;
  }

  // The next page takes up where this one gave up, unless that is where it began.
  void Exhaust(std::optional<uint64_t> next) {
    page_.next = next;
    page_.error_code = "budget";
    page_.error = "the search would take more than " + std::to_string(kMaxSearchSteps) +
                  " steps; what was found is not complete";
  }

  Evaluator& evaluator_;
  const SearchQuery& query_;
  SearchPage& page_;
  Viewer viewer_;
  uint64_t last_ = 0;
};

}  // namespace

SearchPage Session::Search(const SearchQuery& query) {
  State& state = *state_;
  SearchPage page;
  page.revision = revision();
  page.policy_version = state.version;
  if (state.program.empty()) {
    page.error_code = "no_policy";
    page.error = "there is no policy to search by";
    return page;
  }
  using Through = SearchQuery::Through;
  const bool acts = query.through == Through::kSubjects || query.through == Through::kActions ||
                    query.through == Through::kResources;
  // Definitions and changes have no ends that a request describes.
  Request bare;
  if (!acts) {
    bare.context = query.request.context;
    bare.now_us = query.request.now_us;
  }
  Evaluator& evaluator = state.evaluator;
  evaluator.Start(state.program, view(), *state.clock, acts ? query.request : bare,
                  kMaxSearchSteps);
  std::unique_ptr<SearchTarget> target;
  if (acts) {
    target = SearchActs(evaluator, query);
  } else if (query.through == Through::kDefine) {
    target = SearchDefine(evaluator, query, page.error);
  } else {
    target = SearchChange(evaluator, query, page.error);
  }
  if (!page.error.empty()) page.error_code = "bad_query";
  if (target) SearchRun(evaluator, query, page).Run(*target);
  return page;
}

}  // namespace portvakt::engine
