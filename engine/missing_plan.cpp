#include "engine/missing_plan.h"

#include <algorithm>

#include "engine/missing_costs.h"
#include "engine/missing_steps.h"

namespace portvakt::engine::missing {
namespace {

using Target = ProposedChange::Target;

// What others lean on comes first, where there is a choice.
int Turn(const Literal& literal) {
  if (literal.kind == Literal::Kind::kInput) return 6;  // when everything else is in place
  if (literal.kind == Literal::Kind::kSeats) return 0;
  if (literal.change.removes) return 5;
  switch (literal.change.target) {
    case Target::kHolds: return 1;
    case Target::kRole: return 4;
    default: return literal.change.symbol == kNoIndex ? 2 : 3;
  }
}

}  // namespace

PlanMaker::PlanMaker(const Program& program, const View& view, const Reader::Clock& clock,
                     const MissingQuery& query, const Request& request, Formula& formula,
                     Describe describe, Deadline deadline)
    : program_(program),
      view_(view),
      query_(query),
      request_(request),
      formula_(formula),
      describe_(std::move(describe)),
      deadline_(deadline),
      judge_(program, clock),
      clock_(clock),
      overlay_(view) {}

// The evaluator has the last word.
bool PlanMaker::Suffices(const std::vector<uint32_t>& literals) {
  Request request = request_;
  for (uint32_t literal : literals) {
    const Literal& each = formula_.literals[literal];
    if (each.kind == Literal::Kind::kInput) {
      const Input& input = formula_.inputs[each.input];
      Supply(program_, input.key, input.candidates[each.candidate].value, request);
    }
    Make(literal);
  }
  const Question question = evaluator_.Begin(program_, overlay_, clock_, request);
  const bool permitted =
      question.refusal == Question::Refusal::kNone &&
      evaluator_.Decide(question.subject, question.permission, question.object) == Tri::kTrue;
  overlay_.Undo(0);
  return permitted;
}

void PlanMaker::Make(uint32_t literal) {
  const auto seats = seats_.find(literal);
  Apply(formula_.literals[literal], seats == seats_.end() ? 0 : seats->second, overlay_);
}

// As many as are taken in the end; one more where the decision wants a free one.
void PlanMaker::CountSeats(const std::vector<uint32_t>& literals) {
  seats_.clear();
  for (uint32_t literal : literals) {
    if (formula_.literals[literal].kind == Literal::Kind::kFact) Make(literal);
  }
  evaluator_.Begin(program_, overlay_, clock_, request_);
  for (uint32_t index : literals) {
    const Literal& literal = formula_.literals[index];
    if (literal.kind != Literal::Kind::kSeats) continue;
    const bool asked = std::any_of(formula_.seats.begin(), formula_.seats.end(),
                                   [&](const SeatPart& part) { return part.literal == index; });
    const ProposedChange& change = literal.change;
    seats_[index] =
        SeatsTaken(evaluator_, overlay_, change.subject, change.symbol) + (asked ? 1 : 0);
  }
  overlay_.Undo(0);
}

std::optional<PlanMaker::Made> PlanMaker::Order(const Solution& solution) {
  CountSeats(solution.literals);
  std::optional<Made> made;
  if (Suffices(solution.literals)) made = WithSeats(solution.literals);
  if (!made) {
    complete_ = false;
    return made;
  }
  for (size_t helped = 0; helped < kMaxHelpedSteps && !made->nobodys.empty(); ++helped) {
    std::optional<Made> better = WithHelp(*made);
    if (!better || better->nobodys.size() >= made->nobodys.size()) break;
    made = std::move(better);
  }
  return made;
}

// Where every seat is taken, one more is ordered.
std::optional<PlanMaker::Made> PlanMaker::WithSeats(const std::vector<uint32_t>& literals) {
  std::optional<Made> made = Arrange(literals);
  if (made) return made;
  std::vector<uint32_t> more = literals;
  for (uint32_t blocked : blocked_) {
    const ProposedChange change = formula_.literals[blocked].change;
    if (change.target != Target::kHolds || !change.adds || change.object == kNoEntity) continue;
    const uint32_t owned = view_.FindSeats(change.object, static_cast<uint16_t>(change.symbol));
    const uint32_t seat = formula_.FindSeats(program_, change.object, change.symbol, owned);
    if (std::find(more.begin(), more.end(), seat) == more.end()) more.push_back(seat);
  }
  if (more.size() == literals.size() || more.size() > kMaxPlanSteps) return std::nullopt;
  CountSeats(more);
  if (!Suffices(more)) return std::nullopt;
  return Arrange(std::move(more));
}

// A step that nobody can make because something else is missing: the cheapest of what its rules
// want, of others than who makes it, joins the plan.
std::optional<PlanMaker::Made> PlanMaker::WithHelp(const Made& made) {
  const uint32_t step = made.nobodys.front();
  CountSeats(made.order);
  for (uint32_t literal : made.order) {
    if (literal != step) Make(literal);
  }
  const std::vector<uint32_t> help = HelpFor(formula_.literals[step].change);
  overlay_.Undo(0);
  std::vector<uint32_t> literals = made.order;
  for (uint32_t literal : help) {
    if (std::find(literals.begin(), literals.end(), literal) != literals.end()) return std::nullopt;
    literals.push_back(literal);
  }
  if (help.empty() || literals.size() > kMaxPlanSteps) return std::nullopt;
  CountSeats(literals);
  if (!Suffices(literals)) return std::nullopt;
  return WithSeats(literals);
}

std::optional<PlanMaker::Made> PlanMaker::Arrange(std::vector<uint32_t> literals) {
  literals_ = std::move(literals);
  std::stable_sort(literals_.begin(), literals_.end(), [&](uint32_t a, uint32_t b) {
    return Turn(formula_.literals[a]) < Turn(formula_.literals[b]);
  });
  best_.clear();
  next_.clear();
  nobody_.clear();
  blocked_.clear();
  tried_ = 0;
  if (!Best(0)) return std::nullopt;
  Made made;
  uint32_t done = 0;
  while (made.order.size() < literals_.size()) {
    const size_t step = next_.at(done);
    const Literal& literal = formula_.literals[literals_[step]];
    made.order.push_back(literals_[step]);
    made.price += literal.price;
    if (nobody_.contains({done, step}) && !PermitsOf(program_, literal.change).empty()) {
      made.nobodys.push_back(literals_[step]);
      made.price += PriceOf(kOperatorCost);
    }
    done |= 1u << step;
  }
  return made;
}

std::optional<size_t> PlanMaker::Best(uint32_t done) {
  if (done + 1 == 1u << literals_.size()) return 0;
  if (const auto known = best_.find(done); known != best_.end()) return known->second;
  std::optional<size_t> best;
  std::vector<size_t> nobodys;
  const auto consider = [&](size_t step, size_t cost) {
    const std::optional<size_t> rest = Best(done | 1u << step);
    if (!rest || (best && *best <= *rest + cost)) return;
    best = *rest + cost;
    next_[done] = step;
  };
  for (size_t step = 0; step < literals_.size() && !(best && *best == 0); ++step) {
    if ((done >> step & 1) != 0) continue;
    const Try result = TryStep(done, step);
    if (result.refused) continue;
    if (result.anybody) {
      consider(step, 0);
    } else {
      nobodys.push_back(step);
      nobody_.insert({done, step});
    }
  }
  for (size_t step : nobodys) {
    if (best && (*best <= 1 || tried_ >= kMaxTriedOrders)) break;
    consider(step, 1);
  }
  best_[done] = best;
  return best;
}

PlanMaker::Try PlanMaker::TryStep(uint32_t done, size_t step) {
  Try result;
  const Literal& literal = formula_.literals[literals_[step]];
  if (literal.kind == Literal::Kind::kInput) {
    result.anybody = true;
    return result;
  }
  ++tried_;
  for (size_t i = 0; i < literals_.size(); ++i) {
    if ((done >> i & 1) != 0) Make(literals_[i]);
  }
  result.anybody = tried_ <= kMaxTriedOrders && AnybodyMakes(literals_[step]);
  result.refused = !KeepsLimits(literals_[step]);
  if (result.refused) blocked_.push_back(literals_[step]);
  overlay_.Undo(0);
  return result;
}

bool PlanMaker::KeepsLimits(uint32_t literal) {
  const ProposedChange& change = formula_.literals[literal].change;
  judge_.Before(overlay_, {&change, 1}, request_.now_us);
  Make(literal);
  ChangeVerdict verdict;
  judge_.After(overlay_, {&change, 1}, verdict);
  return verdict.outcome != ChangeVerdict::Outcome::kRefused;
}

MissingPlan PlanMaker::Tell(const Made& made) {
  MissingPlan plan;
  plan.cost = CostOf(made.price);
  CountSeats(made.order);
  for (uint32_t index : made.order) {
    const Literal& literal = formula_.literals[index];
    MissingStep step = StepOf(program_, overlay_, formula_, index, request_.now_us.value_or(0));
    if (literal.kind == Literal::Kind::kSeats) step.change.seats = seats_[index];
    if (literal.kind != Literal::Kind::kInput) {
      step.text = describe_(step.change);
      TellWho(literal, step);
      Make(index);
    }
    plan.steps.push_back(std::move(step));
  }
  overlay_.Undo(0);
  return plan;
}

}  // namespace portvakt::engine::missing
