// Who may, what may he, where may he.
#include <algorithm>
#include <bit>

#include "engine/explain.h"
#include "engine/search_run.h"

namespace portvakt::engine {
namespace {

bool HasNotes(const Program& program, const DispatchRecord& rules) {
  const auto notes = program.List(rules.notes);
  return std::any_of(notes.begin(), notes.end(),
                     [&](uint32_t note) { return program.rules[note].on_deny == 0; });
}

class ActTarget final : public SearchTarget {
 public:
  ActTarget(Evaluator& evaluator, SearchQuery::Through hole, const Question& question)
      : evaluator_(evaluator), hole_(hole), question_(question) {}

  // All permissions of both ends, at once: those that are not refused become the candidates.
  void DecideActions() {
    const Program& program = evaluator_.program();
    const uint32_t words = program.mask_words(kPermissionSpace);
    std::vector<uint64_t> possible(words);
    sure_.resize(words);
    const uint64_t* declared = &program.masks[program.header().declared[kPermissionSpace]];
    evaluator_.DecideMask(question_.subject, question_.object, declared, possible.data(),
                          sure_.data());
    for (uint32_t word = 0; word < words; ++word) {
      for (uint64_t left = possible[word]; left != 0; left &= left - 1) {
        candidates.push_back(word * 64 + static_cast<uint32_t>(std::countr_zero(left)));
      }
    }
  }

  Tri Test(uint64_t candidate) override {
    if (hole_ == SearchQuery::Through::kActions) {
      return (sure_[candidate / 64] >> (candidate % 64) & 1) != 0 ? Tri::kTrue : Tri::kUnknown;
    }
    Put(candidate);
    return evaluator_.Decide(question_.subject, question_.permission, question_.object);
  }

  void Tell(uint64_t candidate, SearchResult& result) override {
    Put(candidate);
    if (result.verdict == Tri::kUnknown) {
      Explanation explanation;
      explanation.decision.verdict = Tri::kUnknown;
      Explainer(evaluator_).Explain(question_, explanation);
      result.missing_context = std::move(explanation.missing_context);
      return;
    }
    const DispatchRecord* rules =
        evaluator_.RulesFor(question_.subject, question_.permission, question_.object);
    if (rules != nullptr && HasNotes(evaluator_.program(), *rules)) {
      result.obligations = Explainer(evaluator_).Obligations(question_);
    }
  }

 private:
  void Put(uint64_t candidate) {
    switch (hole_) {
      case SearchQuery::Through::kSubjects: question_.subject = candidate; return;
      case SearchQuery::Through::kResources: question_.object = candidate; return;
      default: question_.permission = static_cast<uint32_t>(candidate); return;
    }
  }

  Evaluator& evaluator_;
  SearchQuery::Through hole_;
  Question question_;
  std::vector<uint64_t> sure_;  // kActions
};

}  // namespace

void ActCandidates(Evaluator& evaluator, std::span<const uint32_t> permits, bool subjects,
                   EntityId given, uint32_t permission, uint16_t type, std::vector<EntityId>& out) {
  const Program& program = evaluator.program();
  out.clear();
  bool tied = true;
  for (uint32_t index : permits) {
    const RuleRecord& rule = program.rules[index];
    const uint32_t source = subjects ? rule.subject_source : rule.object_source;
    // Of this type alone, not of all that the rule speaks of.
    tied = program.sources[source].op != SourceRecord::Op::kAll;
    if (!tied) break;
    uint64_t* frame = evaluator.PushRule(rule, subjects ? kUnknownEntity : given, permission,
                                         subjects ? given : kUnknownEntity);
    if (frame == nullptr) return;
    tied = evaluator.SearchCandidates(source, frame, out);
    evaluator.PopFrame(frame);
    if (!tied) break;
  }
  if (!tied) {
    out.clear();
    evaluator.reader().view().Entities(type, out);
    return;
  }
  std::erase_if(out, [&](EntityId entity) { return TypeOf(entity) != type; });
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

std::unique_ptr<SearchTarget> SearchActs(Evaluator& evaluator, const SearchQuery& query) {
  using Through = SearchQuery::Through;
  const Program& program = evaluator.program();
  const Request& request = query.request;
  const bool subjects = query.through == Through::kSubjects;
  const bool resources = query.through == Through::kResources;
  const uint32_t subject_type = program.FindType(request.subject.type);
  const uint32_t object_type = program.FindType(request.resource.type);
  if (subject_type == kNoIndex || object_type == kNoIndex) return nullptr;
  Question question;
  const auto resolve = [&](bool hole, uint32_t type, const std::string& id) {
    return hole ? kNoEntity : evaluator.values().Resolve(type, id);
  };
  question.subject = resolve(subjects, subject_type, request.subject.id);
  question.object = resolve(resources, object_type, request.resource.id);
  if (question.subject == kNowhereEntity || question.object == kNowhereEntity) return nullptr;
  evaluator.values().SetEnds(question.subject, question.object);
  const uint32_t subject_number = program.types[subject_type].number;
  const uint32_t object_number = program.types[object_type].number;

  const bool actions = query.through == Through::kActions;
  if (!actions) {
    const uint32_t permission = program.FindPermission(request.action);
    if (permission == kNoIndex) return nullptr;
    question.permission = program.permissions[permission].number;
  }
  auto target = std::make_unique<ActTarget>(evaluator, query.through, question);
  if (!subjects) target->fixed.push_back(question.subject);
  if (!resources) target->fixed.push_back(question.object);
  if (actions) {
    target->of_symbols = true;
    target->DecideActions();
    return target;
  }
  const DispatchRecord* rules =
      program.FindDispatch(question.permission, subject_number, object_number);
  if (rules != nullptr) {
    ActCandidates(evaluator, program.List(rules->permits), subjects,
                  subjects ? question.object : question.subject, question.permission,
                  static_cast<uint16_t>(subjects ? subject_number : object_number),
                  target->candidates);
  }
  return target;
}

}  // namespace portvakt::engine
