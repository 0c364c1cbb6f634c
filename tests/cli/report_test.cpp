// Answers as people read them, from answers made by hand; and that what a server writes is read
// back without loss, so that both are told alike.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/answer_read.h"
#include "cli/reports.h"
#include "server/audit_json.h"
#include "server/change_json.h"
#include "server/decision_json.h"
#include "server/limits.h"
#include "server/matrix_json.h"
#include "server/missing_json.h"
#include "server/search_json.h"
#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using engine::ChangeItem;
using engine::EntityName;
using testing::HasSubstr;
using testing::Not;

const EntityName kBo{"user", "bo"};
const EntityName kEva{"user", "eva"};

ChangeItem Assign() {
  ChangeItem item;
  item.fact.subject = {"user", "david"};
  item.fact.relation = "assigned_to";
  item.fact.object = EntityName{"client", "alfa"};
  item.validity.until_us = 1'800'000'000'000'000;
  return item;
}

ChangeItem Seats() {
  ChangeItem item;
  item.kind = ChangeItem::Kind::kSeats;
  item.entity = {"agency", "norr"};
  item.licence = "kh";
  item.seats = 3;
  return item;
}

engine::LimitReport NoSeat() {
  engine::LimitReport limit;
  limit.limit = "no_free_licence";
  limit.text = "every kh of norr is in use";
  limit.place = "administration.vakt:9:7";
  limit.binding = {{"tenant", "norr"}, {"licence", "kh"}};
  limit.counted = true;
  limit.count = 3;
  limit.bound = 2;
  limit.conflicting = {kBo, kEva};
  limit.all_conflicting = false;
  limit.remedy = "order another seat";
  return limit;
}

engine::RuleReport Rule() {
  engine::RuleReport rule;
  rule.name = "tick_client";
  rule.place = "administration.vakt:3:8";
  rule.codes = {"not_linked"};
  rule.conditions.push_back({"administration.vakt:5:9", "user.home serves\n client",
                             engine::Tri::kUnknown, "norr", "syd", "not_linked"});
  return rule;
}

engine::ChangeResult Refused() {
  engine::ChangeVerdict refused;
  refused.outcome = engine::ChangeVerdict::Outcome::kRefused;
  refused.reasons = {{"not_linked", "norr and delta are not linked"}};
  refused.rules = {Rule()};
  refused.missing_context = {"context.login"};
  engine::ChangeVerdict limited;
  limited.outcome = engine::ChangeVerdict::Outcome::kRefused;
  limited.reasons = {{"no_free_licence", "every kh of norr is in use"}};
  limited.limits = {NoSeat()};
  engine::ChangeVerdict done;
  done.obligations = {{"self_given", "have it confirmed by another"}};
  engine::ChangeResult result;
  result.outcome = engine::ChangeResult::Outcome::kRefused;
  result.revision = 7;
  result.policy_version = 2;
  result.verdicts = {refused, limited, done};
  return result;
}

engine::MissingAnswer Missing() {
  engine::MissingStep seat;
  seat.kind = engine::MissingStep::Kind::kOrderSeat;
  seat.change = Seats();
  seat.text = "seats of kh in norr is 3";
  seat.rules = {"order_licence"};
  seat.actor_reasons = {{"not_sysadmin", "this takes a system administrator of norr"}};
  seat.who = {kBo, kEva};
  seat.more_who = true;
  engine::MissingStep assign;
  assign.change = Assign();
  assign.text = "david assigned_to alfa";
  assign.actor_may = true;
  assign.who = {kBo};
  engine::MissingStep nobody = assign;
  nobody.kind = engine::MissingStep::Kind::kGrant;
  nobody.actor_may = false;
  nobody.who.clear();
  nobody.operator_only = true;
  engine::MissingStep login;
  login.kind = engine::MissingStep::Kind::kContext;
  login.context = "login";
  login.wanted = "at least bankid";
  engine::MissingAnswer answer;
  answer.reasons = {{"not_assigned", "alfa is not ticked for david"}};
  answer.plans = {{{seat, assign}, 3}, {{nobody, login}, 9}};
  answer.unmendable = {{"locked", "byra.vakt:9:1", {{"locked", "the period is locked"}}}};
  answer.complete = false;
  answer.revision = 4;
  answer.policy_version = 1;
  return answer;
}

engine::HistoryPage History() {
  engine::HistoryEntry added;
  added.stamp.revision = 3;
  added.stamp.instant_us = 1'790'000'000'000'000;
  added.stamp.actor = kBo;
  added.stamp.second = kEva;
  added.stamp.reason = "new\nconsultant";
  added.stamp.ticket = "HR-7";
  added.change.fact = Assign().fact;
  added.change.validity = Assign().validity;
  added.change.text = "david assigned_to alfa";
  engine::HistoryEntry seats;
  seats.stamp.revision = 4;
  seats.stamp.instant_us = 1'790'000'001'000'000;
  seats.stamp.operator_name = "operator";
  seats.index = 1;
  seats.change.kind = engine::PastChange::Kind::kSeats;
  seats.change.entity = {"agency", "norr"};
  seats.change.licence = "kh";
  seats.change.seats = 3;
  seats.change.seats_before = 2;
  seats.change.text = "seats of kh in norr is 3";
  engine::HistoryEntry set;
  set.stamp = seats.stamp;
  set.change.kind = engine::PastChange::Kind::kSet;
  set.change.entity = {"client", "alfa"};
  set.change.attributes = {{"status", "blocked"}};
  set.change.attributes_before = {{"status", "active"}};
  set.change.text = "client alfa { status: blocked }";
  engine::HistoryPage page;
  page.entries = {added, seats, set};
  page.next = {4, 2};
  page.revision = 9;
  return page;
}

engine::TransferResult Transfer() {
  engine::TransferResult transfer;
  transfer.result.outcome = engine::ChangeResult::Outcome::kApplied;
  transfer.result.revision = 8;
  transfer.result.verdicts = {engine::ChangeVerdict{}};
  transfer.changes = {Assign()};
  transfer.texts = {"david assigned_to alfa"};
  engine::ChangeVerdict refused = Refused().verdicts.front();
  transfer.todo = {{Seats(), "seats of kh in norr is 3", refused, {kEva}, true},
                   {Assign(), "david granted lon.las in beta", refused, {}, false}};
  return transfer;
}

engine::SearchPage Search() {
  engine::SearchResult yes;
  yes.entity = kBo;
  yes.obligations = {{"four_weeks", "back in four weeks"}};
  engine::SearchResult depends;
  depends.entity = {"robot", "r2"};
  depends.verdict = engine::Tri::kUnknown;
  depends.missing_context = {"context.login"};
  engine::SearchPage page;
  page.results = {yes, depends};
  page.revision = 4;
  page.policy_version = 1;
  return page;
}

TEST(Reports, AreReadByPeople) {
  const AnswerOptions why{true, "policies/byra"};
  const std::vector<std::string> changes = {"add david assigned_to delta",
                                            "add eva holds kh from norr",
                                            "add david granted lon.las in alfa"};
  engine::ChangeResult done = Refused();
  done.outcome = engine::ChangeResult::Outcome::kApplied;
  done.verdicts = {engine::ChangeVerdict{}};
  std::string text;
  const auto show = [&](const std::string& title, const std::string& report) {
    text += "# " + title + "\n" + report + "\n";
  };
  show("missing, for nobody", DescribeMissing(Missing(), ""));
  show("missing, for an actor", DescribeMissing(Missing(), "anna"));
  engine::MissingAnswer more = Missing();
  more.more_plans = true;
  show("missing, of more than were asked for", DescribeMissing(more, ""));
  more.plans.resize(server::kMaxPlans, more.plans[0]);
  const std::string most = DescribeMissing(more, "");
  show("missing, of more than can be asked for", most.substr(most.rfind("not all")));
  show("a search", DescribeSearch(Search(), "nobody"));
  show("a search without results", DescribeSearch({}, "nobody"));
  show("changes refused", DescribeChange(Refused(), changes, why));
  show("changes made", DescribeChange(done, changes, why));
  show("a transfer", DescribeTransfer(Transfer(), {}));
  show("the history", DescribeHistory(History()));
  engine::AuditReport audit;
  audit.revisions = 9;
  audit.changes = 1;
  audit.facts = 5;
  audit.head = "ab12";
  show("an audit", DescribeAudit(audit));
  audit.faults = {{3, "its changes are not those that its header was sealed with"}};
  show("an audit with faults", DescribeAudit(audit));
  StatusReport status{9, 1'790'000'000'000'000, "byra", 2, "f00d", {NoSeat()}};
  show("a status", DescribeStatus(status));
  ExpectGolden("reports.txt", text);
}

TEST(Reports, WhatIsStoredCannotSteerTheTerminal) {
  engine::HistoryPage page = History();
  page.entries[0].stamp.reason = "a\x1b[31m";
  page.entries[0].change.text = "\x1b]0;x";
  EXPECT_THAT(DescribeHistory(page), Not(HasSubstr("\x1b")));
  engine::SearchPage search = Search();
  search.results[0].entity.id = "a\x1b[31m";
  EXPECT_THAT(DescribeSearch(search, ""), Not(HasSubstr("\x1b")));
}

TEST(AnswersOfAServer, AreReadBackAsTheyWere) {
  const auto same = [](const server::JsonValue& written, const server::JsonValue& again) {
    EXPECT_EQ(server::WriteJson(written), server::WriteJson(again));
  };
  engine::Explanation explanation;
  explanation.reasons = {{"no_grant", "not ticked"}};
  explanation.notes = {{"n", ""}};
  explanation.rules = {Rule()};
  explanation.missing_context = {"context.login"};
  const auto why = server::ExplanationJson(explanation);
  same(why, server::ExplanationJson(ReadExplanation(why)));
  explanation.decision.permit = true;
  explanation.decision.obligations = {{"four_weeks", "back in four weeks"}};
  explanation.decided_by = {"members"};
  const auto permit = server::ExplanationJson(explanation);
  same(permit, server::ExplanationJson(ReadExplanation(permit)));

  const auto search = server::SearchPageJson(Search());
  same(search, server::SearchPageJson(ReadSearchPage(search)));
  const auto missing = server::MissingJson(Missing());
  same(missing, server::MissingJson(ReadMissing(missing)));
  engine::MissingAnswer of_more = Missing();
  of_more.more_plans = true;
  const auto more_missing = server::MissingJson(of_more);
  same(more_missing, server::MissingJson(ReadMissing(more_missing)));
  const auto history = server::HistoryPageJson(History());
  same(history, server::HistoryPageJson(ReadHistory(history)));
  const auto refused = server::ChangeResultJson(Refused());
  same(refused, server::ChangeResultJson(ReadChangeResult(refused)));
  const auto transfer = server::TransferJson(Transfer());
  same(transfer, server::TransferJson(ReadTransfer(transfer)));
  engine::Matrix matrix;
  matrix.permissions = {"a", "b"};
  matrix.rows = {{kBo, {"client", "alfa"}, {engine::Tri::kTrue, engine::Tri::kUnknown}}};
  matrix.complete = false;
  const auto table = server::MatrixJson(matrix);
  same(table, server::MatrixJson(ReadMatrix(table)));
}

TEST(AnswersOfAServer, ThatSaySomethingElseAreEmpty) {
  for (const char* text : {"{}", "[]", "null", "7", R"({"results": {}, "plans": 3, "entries": [1],
       "verdicts": ["x"], "context": [], "rows": [null], "policy": "p", "next": 0})"}) {
    const auto json = server::ReadJson(text);
    ASSERT_TRUE(json.value) << text;
    EXPECT_FALSE(ReadExplanation(*json.value).decision.permit);
    EXPECT_TRUE(ReadSearchPage(*json.value).results.empty());
    EXPECT_TRUE(ReadMissing(*json.value).plans.empty());
    EXPECT_FALSE(ReadMissing(*json.value).permitted);
    EXPECT_FALSE(ReadChangeResult(*json.value).ok());
    EXPECT_FALSE(ReadTransfer(*json.value).result.ok());
    EXPECT_EQ(ReadStatus(*json.value).revision, 0u);
    ReadHistory(*json.value);
    ReadMatrix(*json.value);
  }
}

}  // namespace
}  // namespace portvakt::cli
