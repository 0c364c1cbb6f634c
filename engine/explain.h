// Why: reasons, rules and conditions of a decision, as language.md's section on meaning orders
// them. Uses the evaluator that has just begun the request.
//
// Order of reasons. Within a rule: an item's code stands before those of the parts it covers, then
// reading order, each once; under `not` none; a failed `or` gives every branch's; a failed `some`
// those of the candidates that got furthest. Between rules: where a permit holds, the forbids that
// apply, by name (else what is required); otherwise the permits that have codes, fewest first, then
// by name; then the forbids that apply; then what is required.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/change.h"
#include "engine/decision.h"
#include "engine/evaluator.h"

namespace portvakt::engine {

// Conditions reported of one rule, and entities and symbols of one `some`: more helps nobody.
inline constexpr size_t kMaxReportedConditions = 50;
inline constexpr size_t kMaxFollowedCandidates = 5;
inline constexpr size_t kMaxFollowedSymbols = 3;
// Decisions inside decisions that reasons are followed into.
inline constexpr uint32_t kMaxReasonDepth = 32;

// What rules are asked about: an act, or a change. The rules stand by name, and live as long as
// the program or, of a change, as the lists that they were chosen into.
struct Asked {
  std::span<const uint32_t> permits;
  std::span<const uint32_t> forbids;
  std::span<const uint32_t> notes;
  EntityId subject = kNoEntity;  // of an act; of a change: who makes it
  uint32_t permission = kNoIndex;
  EntityId object = kNoEntity;
  const ProposedChange* change = nullptr;  // the rules are change rules
};

class Explainer {
 public:
  explicit Explainer(Evaluator& evaluator) : evaluator_(evaluator) {}

  // The notes of a permit.
  std::vector<ReasonText> Obligations(const Question& question);
  // What a request left out, because of which a condition is unknown.
  std::vector<std::string> MissingContext(uint32_t node, uint64_t* frame);
  // Fills everything but `decision`, which it reads.
  void Explain(const Question& question, Explanation& out);
  // The notes that are not false: on_deny those of a deny.
  std::vector<ReasonText> Notes(const Asked& asked, bool on_deny);
  // Why the rules about one operation of a change do not permit it: adds to reasons, decided_by,
  // rules and missing_context what does not stand there yet.
  void ExplainChange(const Asked& asked, ChangeVerdict& out);

  // Texts for reports: pieces and terms with what the frame has in them; a condition as a sentence.
  std::string Text(Range pieces, const uint64_t* frame) { return TextOf(pieces, frame); }
  std::string Term(uint32_t term, const uint64_t* frame) { return TermText(term, frame); }
  std::string Sentence(uint32_t node, const uint64_t* frame) {
    return SentenceText(evaluator_.program().nodes[node], frame);
  }
  std::string PlaceText(uint32_t place) const;

  const RuleRecord& RuleOf(const Asked& asked, uint32_t index) const;
  // The rule's frame with what its head binds; null when the limit is reached.
  uint64_t* Push(const Asked& asked, uint32_t index);
  Tri Test(const Asked& asked, uint32_t index);

 private:
  using Reasons = std::vector<ReasonText>;
  struct RuleVerdict {
    uint32_t rule = 0;
    Tri verdict = Tri::kFalse;
    Reasons codes;
  };
  struct Judgement {
    std::vector<RuleVerdict> permits;  // that do not hold: nearest first
    std::vector<RuleVerdict> forbids;  // that apply
    std::vector<std::string> held;     // permits that hold
  };

  // explain.cpp
  void Refusal(const Question& question, Explanation& out) const;
  Asked AboutAct(EntityId subject, uint32_t permission, EntityId object) const;
  // Permits that hold, by name: all that a permit is explained with.
  std::vector<std::string> Held(const Asked& asked);
  Judgement Judge(const Asked& asked);
  // Reasons and reports of permits that do not hold and of forbids that apply.
  void Tell(const Asked& asked, const Judgement& judgement, Reasons& reasons,
            std::vector<std::string>& decided_by, std::vector<RuleReport>& rules);
  ReasonText MissingReason() const;
  void ReasonsOfDenial(EntityId subject, uint32_t permission, EntityId object, Reasons& out);
  void RequiredReasons(EntityId subject, uint32_t permission, EntityId object, Reasons& out,
                       std::vector<RuleReport>* reports);
  Reasons CodesOfRule(const Asked& asked, uint32_t rule);
  static void Add(Reasons& out, const ReasonText& reason);

  // explain_conditions.cpp
  void Codes(uint32_t node, uint64_t* frame, Reasons& out);
  void CodesOfSome(const NodeRecord& node, uint64_t* frame, Reasons& out);
  std::vector<uint64_t> Furthest(const NodeRecord& some, uint64_t* frame);
  size_t Progress(uint32_t node, uint64_t* frame);
  std::vector<uint32_t> InReadingOrder(Range children) const;
  // What a condition can be when only symbols are known.
  struct Possible {
    bool true_ = true;
    bool false_ = true;
  };
  Possible PossibleValues(uint32_t node, uint64_t* frame);
  std::vector<uint64_t> PossibleSymbols(const NodeRecord& some, uint64_t* frame);

  // report.cpp: with `wanted` false a condition that should not hold (a forbid's, or under `not`).
  RuleReport ReportRule(const Asked& asked, const RuleVerdict& verdict, RuleReport::Kind kind);
  void Report(uint32_t node, uint64_t* frame, bool wanted, RuleReport& out);
  void ReportParts(const NodeRecord& node, uint64_t* frame, bool wanted, RuleReport& out);
  void ReportLeaf(uint32_t node, uint64_t* frame, bool wanted, Tri verdict, RuleReport& out);
  std::string Found(const NodeRecord& node, const uint64_t* frame);
  std::string SymbolList(const NodeRecord& some, uint64_t* frame);
  std::string Wanted(const NodeRecord& node, const uint64_t* frame, bool wanted);
  void NoteMissing(uint32_t term, const uint64_t* frame);
  void NoteMissingOfAny(const NodeRecord& some, uint64_t* frame);
  void NoteMissingOf(const NodeRecord& node, const uint64_t* frame);

  // texts.cpp
  std::string TextOf(Range pieces, const uint64_t* frame);
  std::string TermText(uint32_t term, const uint64_t* frame);
  std::string ValueText(const Value& value, uint32_t value_type);
  std::string EntityText(EntityId entity);
  std::string SentenceText(const NodeRecord& node, const uint64_t* frame);

  Evaluator& evaluator_;
  uint32_t depth_ = 0;
  std::vector<std::string> missing_;
};

}  // namespace portvakt::engine
