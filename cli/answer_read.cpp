// Answers member by member, in the order in which the server writes them.
#include "cli/answer_read.h"

#include "cli/json_members.h"

namespace portvakt::cli {

using server::JsonValue;

namespace {

engine::Tri AnswerOf(const std::string& text) {
  if (text == "yes") return engine::Tri::kTrue;
  return text == "depends" ? engine::Tri::kUnknown : engine::Tri::kFalse;
}

// The revision and the policy that an answer comes from.
template <class Answer>
void Stamp(const JsonValue& json, Answer& answer) {
  answer.revision = static_cast<uint64_t>(NumberIn(json, "revision"));
  answer.policy_version = static_cast<uint32_t>(NumberIn(json, "policy"));
}

std::vector<engine::LimitReport> LimitsIn(const JsonValue& json, std::string_view name) {
  std::vector<engine::LimitReport> limits;
  for (const JsonValue& one : ListIn(json, name)) {
    engine::LimitReport& limit = limits.emplace_back();
    limit.limit = TextIn(one, "limit");
    limit.text = TextIn(one, "text");
    limit.place = TextIn(one, "place");
    if (const JsonValue& binding = In(one, "binding"); binding.is(JsonValue::Kind::kObject)) {
      for (const auto& member : binding.members()) {
        limit.binding.emplace_back(member.first, TextIn(binding, member.first));
      }
    }
    limit.counted = TextIn(one, "kind") != "condition";
    limit.at_least = TextIn(one, "kind") == "at_least";
    limit.count = NumberIn(one, "count");
    limit.bound = NumberIn(one, "bound");
    limit.conflicting = EntitiesIn(one, "conflicting");
    limit.all_conflicting = FlagIn(one, "all_conflicting");
    limit.remedy = TextIn(one, "remedy");
  }
  return limits;
}

engine::ChangeVerdict VerdictOf(const JsonValue& json) {
  using Outcome = engine::ChangeVerdict::Outcome;
  engine::ChangeVerdict verdict;
  const std::string outcome = TextIn(json, "outcome");
  verdict.outcome = outcome == "done"      ? Outcome::kDone
                    : outcome == "already" ? Outcome::kAlready
                    : outcome == "invalid" ? Outcome::kInvalid
                                           : Outcome::kRefused;
  verdict.reasons = ReasonsIn(json, "reasons");
  verdict.decided_by = TextsIn(json, "decided_by");
  verdict.obligations = ReasonsIn(json, "obligations", "id");
  verdict.rules = RulesIn(json, "rules");
  verdict.limits = LimitsIn(json, "limits");
  verdict.missing_context = TextsIn(json, "missing_context");
  return verdict;
}

engine::MissingStep StepOf(const JsonValue& json) {
  using Kind = engine::MissingStep::Kind;
  static constexpr std::pair<std::string_view, Kind> kKinds[] = {
      {"order_seat", Kind::kOrderSeat}, {"hold_licence", Kind::kHoldLicence},
      {"assign", Kind::kAssign},        {"activate", Kind::kActivate},
      {"grant", Kind::kGrant},          {"appoint", Kind::kAppoint},
      {"withdraw", Kind::kWithdraw},    {"context", Kind::kContext}};
  engine::MissingStep step;
  for (const auto& [name, kind] : kKinds) {
    if (TextIn(json, "kind") == name) step.kind = kind;
  }
  step.change = ReadChangeItem(In(json, "change"));
  step.context = TextIn(json, "context");
  step.wanted = TextIn(json, "wanted");
  step.text = TextIn(json, "text");
  step.rules = TextsIn(json, "rules");
  step.actor_may = FlagIn(json, "actor_may");
  step.actor_reasons = ReasonsIn(json, "actor_reasons");
  step.who = EntitiesIn(json, "who");
  step.more_who = FlagIn(json, "more_who");
  step.operator_only = FlagIn(json, "operator_only");
  return step;
}

engine::PastChange::Attributes AttributesIn(const JsonValue& json) {
  engine::PastChange::Attributes attributes;
  const JsonValue& object = In(json, "attributes");
  if (!object.is(JsonValue::Kind::kObject)) return attributes;
  for (const auto& member : object.members()) {
    attributes.emplace_back(member.first, TextIn(object, member.first));
  }
  return attributes;
}

engine::PastChange PastOf(const JsonValue& json) {
  using Kind = engine::PastChange::Kind;
  static constexpr std::pair<std::string_view, Kind> kKinds[] = {
      {"added", Kind::kAdded},     {"prolonged", Kind::kProlonged}, {"removed", Kind::kRemoved},
      {"seats", Kind::kSeats},     {"created", Kind::kCreated},     {"set", Kind::kSet},
      {"deleted", Kind::kDeleted}, {"installed", Kind::kInstalled}, {"activated", Kind::kActivated},
      {"dropped", Kind::kDropped}};
  engine::PastChange change;
  for (const auto& [name, kind] : kKinds) {
    if (TextIn(json, "kind") == name) change.kind = kind;
  }
  const JsonValue& before = In(json, "before");
  change.fact = ReadFact(In(json, "fact"));
  change.validity = ReadValidity(json);
  change.validity_before = ReadValidity(before);
  change.entity = EntityOf(In(json, "entity"));
  change.licence = TextIn(json, "licence");
  change.seats = static_cast<uint32_t>(NumberIn(json, "seats"));
  change.seats_before = static_cast<uint32_t>(NumberIn(before, "seats"));
  change.attributes = AttributesIn(json);
  change.attributes_before = AttributesIn(before);
  change.policy = static_cast<uint32_t>(NumberIn(json, "policy"));
  change.policy_before = static_cast<uint32_t>(NumberIn(before, "policy"));
  change.text = TextIn(json, "text");
  return change;
}

}  // namespace

engine::Explanation ReadExplanation(const JsonValue& json) {
  const JsonValue& context = In(json, "context");
  engine::Explanation explanation;
  explanation.decision.permit = FlagIn(json, "decision");
  explanation.decision.verdict = engine::From(explanation.decision.permit);
  explanation.decision.obligations = ReasonsIn(context, "obligations", "id");
  explanation.reasons = ReasonsIn(context, "reasons");
  explanation.decided_by = TextsIn(context, "decided_by");
  explanation.notes = ReasonsIn(context, "notes");
  explanation.rules = RulesIn(context, "rules");
  explanation.missing_context = TextsIn(context, "missing_context");
  return explanation;
}

engine::SearchPage ReadSearchPage(const JsonValue& json) {
  engine::SearchPage page;
  Stamp(json, page);
  for (const JsonValue& one : ListIn(json, "results")) {
    engine::SearchResult& result = page.results.emplace_back();
    result.entity = EntityOf(In(one, "entity"));
    result.symbol = TextIn(one, "symbol");
    result.verdict = AnswerOf(TextIn(one, "verdict"));
    result.missing_context = TextsIn(one, "missing_context");
    result.obligations = ReasonsIn(one, "obligations", "id");
  }
  const JsonValue& error = In(json, "error");
  page.error_code = TextIn(error, "code");
  page.error = TextIn(error, "message");
  return page;
}

engine::Matrix ReadMatrix(const JsonValue& json) {
  engine::Matrix matrix;
  Stamp(json, matrix);
  matrix.complete = FlagIn(json, "complete");
  matrix.permissions = TextsIn(json, "permissions");
  for (const JsonValue& one : ListIn(json, "rows")) {
    engine::Matrix::Row& row = matrix.rows.emplace_back();
    row.subject = EntityOf(In(one, "subject"));
    row.resource = EntityOf(In(one, "resource"));
    for (const std::string& verdict : TextsIn(one, "verdicts")) {
      row.verdicts.push_back(AnswerOf(verdict));
    }
    row.verdicts.resize(matrix.permissions.size());
  }
  return matrix;
}

engine::MissingAnswer ReadMissing(const JsonValue& json) {
  engine::MissingAnswer answer;
  Stamp(json, answer);
  answer.permitted = FlagIn(json, "permitted");
  answer.reasons = ReasonsIn(json, "reasons");
  for (const JsonValue& one : ListIn(json, "plans")) {
    engine::MissingPlan& plan = answer.plans.emplace_back();
    plan.cost = static_cast<uint32_t>(NumberIn(one, "cost"));
    for (const JsonValue& step : ListIn(one, "steps")) plan.steps.push_back(StepOf(step));
  }
  for (const JsonValue& one : ListIn(json, "unmendable")) {
    answer.unmendable.push_back(
        {TextIn(one, "rule"), TextIn(one, "place"), ReasonsIn(one, "reasons")});
  }
  answer.complete = FlagIn(json, "complete");
  answer.more_plans = FlagIn(json, "more_plans");
  return answer;
}

engine::HistoryPage ReadHistory(const JsonValue& json) {
  engine::HistoryPage page;
  page.revision = static_cast<uint64_t>(NumberIn(json, "revision"));
  for (const JsonValue& one : ListIn(json, "entries")) {
    engine::HistoryEntry& entry = page.entries.emplace_back();
    entry.stamp.revision = static_cast<uint64_t>(NumberIn(one, "revision"));
    entry.index = static_cast<uint32_t>(NumberIn(one, "index"));
    entry.stamp.instant_us = InstantIn(one, "instant");
    if (const JsonValue* actor = one.Find("actor")) entry.stamp.actor = EntityOf(*actor);
    if (const JsonValue* second = one.Find("second")) entry.stamp.second = EntityOf(*second);
    entry.stamp.operator_name = TextIn(one, "operator");
    entry.stamp.reason = TextIn(one, "reason");
    entry.stamp.ticket = TextIn(one, "ticket");
    entry.change = PastOf(one);
  }
  if (const JsonValue* next = json.Find("next")) {
    page.next = {static_cast<uint64_t>(NumberIn(*next, "after_revision")),
                 static_cast<uint32_t>(NumberIn(*next, "after_index"))};
  }
  return page;
}

engine::ChangeResult ReadChangeResult(const JsonValue& json) {
  using Outcome = engine::ChangeResult::Outcome;
  static constexpr std::pair<std::string_view, Outcome> kOutcomes[] = {
      {"applied", Outcome::kApplied}, {"unchanged", Outcome::kUnchanged},
      {"dry_run", Outcome::kDryRun},  {"refused", Outcome::kRefused},
      {"invalid", Outcome::kInvalid}, {"conflict", Outcome::kConflict},
      {"failed", Outcome::kFailed}};
  engine::ChangeResult result;
  Stamp(json, result);
  for (const auto& [name, outcome] : kOutcomes) {
    if (TextIn(json, "outcome") == name) result.outcome = outcome;
  }
  result.repeated = FlagIn(json, "repeated");
  result.instant_us = InstantIn(json, "instant");
  for (const JsonValue& verdict : ListIn(json, "verdicts")) {
    result.verdicts.push_back(VerdictOf(verdict));
  }
  result.error = TextIn(json, "error");
  return result;
}

engine::TransferResult ReadTransfer(const JsonValue& json) {
  engine::TransferResult transfer;
  transfer.result = ReadChangeResult(In(json, "result"));
  for (const JsonValue& one : ListIn(json, "changes")) {
    transfer.changes.push_back(ReadChangeItem(In(one, "change")));
    transfer.texts.push_back(TextIn(one, "text"));
  }
  for (const JsonValue& one : ListIn(json, "todo")) {
    transfer.todo.push_back({ReadChangeItem(In(one, "change")), TextIn(one, "text"),
                             VerdictOf(In(one, "verdict")), EntitiesIn(one, "who"),
                             FlagIn(one, "more_who")});
  }
  return transfer;
}

StatusReport ReadStatus(const JsonValue& json) {
  const JsonValue& policy = In(json, "policy");
  StatusReport report;
  report.revision = static_cast<uint64_t>(NumberIn(json, "revision"));
  report.instant_us = InstantIn(json, "instant");
  report.policy_name = TextIn(policy, "name");
  report.policy_version = static_cast<uint32_t>(NumberIn(policy, "version"));
  report.policy_digest = TextIn(policy, "digest");
  report.broken_limits = LimitsIn(json, "limits_not_kept");
  return report;
}

}  // namespace portvakt::cli
