// Searches through a definition: the entities or symbols of which its sentence is true.
#include <algorithm>
#include <bit>

#include "engine/explain.h"
#include "engine/search_run.h"

namespace portvakt::engine {
namespace {

class DefineTarget final : public SearchTarget {
 public:
  DefineTarget(Evaluator& evaluator, const DefineRecord& define, uint32_t hole)
      : arguments(define.parameter_count), evaluator_(evaluator), define_(define), hole_(hole) {}

  Tri Test(uint64_t candidate) override {
    arguments[hole_] = candidate;
    return evaluator_.TestDefinition(define_, arguments);
  }
  void Tell(uint64_t candidate, SearchResult& result) override {
    if (result.verdict != Tri::kUnknown) return;
    arguments[hole_] = candidate;
    uint64_t* frame = evaluator_.PushFrame(define_.variables.count);
    if (frame == nullptr) return;
    std::copy(arguments.begin(), arguments.end(), frame);
    result.missing_context = Explainer(evaluator_).MissingContext(define_.condition, frame);
    evaluator_.PopFrame(frame);
  }

  std::vector<uint64_t> arguments;

 private:
  Evaluator& evaluator_;
  const DefineRecord& define_;
  uint32_t hole_;
};

// Of the hole's type when it names one.
void CollectEntities(Evaluator& evaluator, const DefineRecord& define, uint32_t hole,
                     const std::string& type_name, DefineTarget& target) {
  const Program& program = evaluator.program();
  const Range admitted = program.variables[define.variables.first + hole].types;
  std::vector<uint32_t> types;
  for (uint32_t number : program.List(admitted)) {
    const uint32_t type = program.TypeOfNumber(number);
    if (type_name.empty() ||
        (type != kNoIndex && program.Text(program.types[type].name) == type_name)) {
      types.push_back(number);
    }
  }
  std::vector<EntityId>& out = target.candidates;
  const uint32_t source = program.lists[define.searches.first + hole];
  bool tied = program.sources[source].op != SourceRecord::Op::kAll;
  if (tied) {
    uint64_t* frame = evaluator.PushFrame(define.variables.count);
    if (frame == nullptr) return;
    std::copy(target.arguments.begin(), target.arguments.end(), frame);
    tied = evaluator.SearchCandidates(source, frame, out);
    evaluator.PopFrame(frame);
  }
  if (!tied) {
    out.clear();
    for (uint32_t type : types) {
      evaluator.reader().view().Entities(static_cast<uint16_t>(type), out);
    }
  }
  std::erase_if(out, [&](EntityId entity) {
    return std::find(types.begin(), types.end(), TypeOf(entity)) == types.end();
  });
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

}  // namespace

void CollectSymbols(const Program& program, uint32_t space, uint32_t mask,
                    std::vector<uint64_t>& out) {
  const uint32_t first = mask != kNoIndex ? mask : program.header().declared[space];
  for (uint32_t word = 0; word < program.mask_words(space); ++word) {
    for (uint64_t bits = program.masks[first + word]; bits != 0; bits &= bits - 1) {
      out.push_back(word * 64 + static_cast<uint32_t>(std::countr_zero(bits)));
    }
  }
}

std::unique_ptr<SearchTarget> SearchDefine(Evaluator& evaluator, const SearchQuery& query,
                                           std::string& error) {
  const Program& program = evaluator.program();
  const uint32_t index = FindDefine(program, query.verb);
  if (index == kNoIndex) {
    error = "the policy defines no `" + query.verb + "`";
    return nullptr;
  }
  const DefineRecord& define = program.defines[index];
  if (query.places.size() != define.parameter_count) {
    error = "`" + std::string(program.Text(define.name)) + "` has " +
            std::to_string(define.parameter_count) + " places, not " +
            std::to_string(query.places.size());
    return nullptr;
  }
  const auto holes = std::count_if(query.places.begin(), query.places.end(),
                                   [](const Place& place) { return place.hole; });
  if (holes != 1) {
    error = "a search has one place to fill, not " + std::to_string(holes);
    return nullptr;
  }
  const auto is_hole = [](const Place& place) { return place.hole; };
  const auto hole = static_cast<uint32_t>(
      std::find_if(query.places.begin(), query.places.end(), is_hole) - query.places.begin());
  auto target = std::make_unique<DefineTarget>(evaluator, define, hole);
  for (uint32_t i = 0; i < define.parameter_count; ++i) {
    if (i == hole) continue;
    const VariableRecord& parameter = program.variables[define.variables.first + i];
    if (parameter.is_symbol != 0) {
      target->arguments[i] = FindSymbol(program, parameter.space, query.places[i].symbol);
      if (target->arguments[i] == kNoIndex) return nullptr;
      continue;
    }
    target->arguments[i] = ResolveName(evaluator, query.places[i].entity);
    if (target->arguments[i] == kNowhereEntity) return nullptr;
    target->fixed.push_back(target->arguments[i]);
  }
  const VariableRecord& sought = program.variables[define.variables.first + hole];
  target->of_symbols = sought.is_symbol != 0;
  target->space = static_cast<SymbolSpace>(sought.space);
  if (target->of_symbols) {
    CollectSymbols(program, sought.space, sought.allowed, target->candidates);
  } else {
    target->arguments[hole] = kUnknownEntity;
    CollectEntities(evaluator, define, hole, query.places[hole].entity.type, *target);
  }
  return target;
}

}  // namespace portvakt::engine
