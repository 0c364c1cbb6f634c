// What rules about changes allow, and how a refusal is told.
#include <gmock/gmock.h>

#include "tests/engine/judge_world.h"

namespace portvakt::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kOffice = R"(policy office
entity person
entity agency
entity client
entity tenant is agency or client
entity user { person : person  home : tenant  phone : string optional }
open entity todo
context { reason : string  level : int }
program lon in tenant { permission read, write }
program bok in tenant { permission book }
permission administer in tenant
permission appoint in tenant
licence full held by user from agency covers lon, bok
licence kh held by user from agency
licence partner held by agency
role boss on tenant held by user gives administer
role helper on tenant for program held by user
role auditor held by user
fact agency serves client
fact user assigned_to client
fact user granted permission in tenant
fact user shut_out of program in tenant
fact user removed
fact todo mentions user

permit bosses
  user may administer in tenant
  if user is boss on tenant  else not_boss "{user} is no boss on {tenant}"
permit bosses_appoint
  user may appoint in tenant
  if user is boss on tenant  else not_boss

permit grant
  add user granted permission in tenant by user as actor
  if  actor may administer in tenant
  and ( user.home is tenant or user.home serves tenant )
        else not_visible "{user} is not seen in {tenant}"
permit revoke
  remove user granted permission in tenant by user as actor
  if  actor may administer in tenant
forbid own_grant "{actor} gives himself {permission}"
  add user granted permission in tenant by user as actor
  if  actor.person is user.person
forbid late_write "not at this hour"
  change user granted lon.write in tenant by user as actor
  if  context.level is less than 2
note told "{actor} gave {permission} to {user}"
  add user granted permission in tenant by user as actor
  if  context.level is less than 5
permit switch
  change user shut_out of program in tenant by user as actor
  if  actor is boss on tenant or actor is helper for program on tenant
permit appoint_boss
  add user is boss on tenant by user as actor
  if  actor may appoint in tenant  else no_appointing
permit appoint_helper
  add user is helper for program on tenant by user as actor
  if  actor is helper for program on tenant  else wrong_program
permit name_auditor
  add user is auditor by user as actor
  if  actor is auditor
permit give_full
  add user holds full from agency by user as actor
  if  actor is boss on agency  else not_boss_here
permit give_any
  change user holds licence from agency by user as actor
  if  change.second is auditor and change.second is not actor
permit become_partner
  add agency holds partner by user as actor
  if  actor is boss on agency
permit order
  add seats of licence in agency by user as actor
  if  actor is boss on agency  else not_boss_there
permit order_less
  remove seats of kh in agency by user as actor
  if  actor is boss on agency
permit add_user
  add user by user as actor
  if  actor is boss on user.home  else not_at_home
permit remove_user
  change user removed by user as actor
  if  actor is boss on user.home
permit drop_user
  remove user by user as actor
  if  user removed  else still_there
permit new_phone
  change user.phone by user as actor
  if  actor is user
permit leave_home
  remove user.home by user as actor
  if  actor is boss on user.home  else not_old_boss
permit come_home
  add user.home by user as actor
  if  context.level is at least 3  else level_too_low
permit only_silent
  change todo mentions user by user as actor
  if  actor is auditor
)";

constexpr const char* kData = R"(
entities:
  person: { p1: , p2: , p3: }
  agency: { norr: , syd: }
  client: { alfa: , beta: }
  user:
    anna: { person: p1, home: norr }
    eva: { person: p2, home: norr }
    carl: { person: p3, home: alfa }
    twin: { person: p1, home: norr }
  todo: { t: }
facts:
  - norr serves alfa
  - anna is boss on norr
  - anna is boss on alfa
  - eva is helper for lon on norr
  - carl is auditor
  - twin removed
)";

InputValues Level(int64_t level) { return {{"level", IntegerInput(level)}}; }

TEST(ChangeRules, DecideEveryKindOfTarget) {
  struct Case {
    const char* actor;
    const char* change;
    const char* codes;
  };
  const Case cases[] = {
      {"user:anna", "add fact granted user:eva lon.read client:alfa", "+grant"},
      {"user:eva", "add fact granted user:carl lon.read client:alfa", "not_boss"},
      {"user:anna", "add fact granted user:carl lon.read agency:norr", "not_visible"},
      {"user:eva", "add fact granted user:carl lon.read agency:norr", "not_boss not_visible"},
      {"user:anna", "remove fact granted user:eva lon.read client:alfa", "+revoke"},
      {"user:anna", "remove fact granted user:carl lon.read agency:norr", "+revoke"},
      {"user:anna", "add fact shut_out user:eva lon agency:norr", "+switch"},
      {"user:eva", "remove fact shut_out user:eva lon agency:norr", "+switch"},
      {"user:eva", "add fact shut_out user:eva bok agency:norr", "no_rule"},
      {"user:anna", "add role user:eva boss agency:norr", "+appoint_boss"},
      {"user:eva", "add role user:eva boss agency:norr", "no_appointing not_boss"},
      {"user:anna", "remove role user:eva boss agency:norr", "no_rule"},
      {"user:eva", "add role user:carl helper agency:norr lon", "+appoint_helper"},
      {"user:eva", "add role user:carl helper agency:norr bok", "wrong_program"},
      {"user:carl", "add role user:eva auditor", "+name_auditor"},
      {"user:anna", "add role user:eva auditor", "no_rule"},
      {"user:anna", "add holds user:eva full agency:norr", "+give_full"},
      {"user:eva", "add holds user:eva full agency:norr", "not_boss_here"},
      {"user:anna", "add holds user:eva kh agency:norr", "missing_context"},
      {"user:anna", "add holds agency:norr partner", "+become_partner"},
      {"user:anna", "remove holds agency:norr partner", "no_rule"},
      {"user:anna", "add seats agency:norr full", "+order"},
      {"user:anna", "add seats agency:syd full", "not_boss_there"},
      {"user:anna", "remove seats agency:norr kh", "+order_less"},
      {"user:anna", "remove seats agency:norr full", "no_rule"},
      {"user:anna", "add entity user:eva", "+add_user"},
      {"user:eva", "add entity user:carl", "not_at_home"},
      {"user:anna", "remove entity user:twin", "+drop_user"},
      {"user:anna", "remove entity user:eva", "still_there"},
      {"user:anna", "add entity client:beta", "no_rule"},
      {"user:anna", "add fact removed user:eva", "+remove_user"},
      {"user:eva", "add fact removed user:eva", "no_rule"},
      {"user:eva", "change attribute user:eva phone", "+new_phone"},
      {"user:anna", "change attribute user:eva phone", "no_rule"},
      {"user:anna", "add attribute user:eva person", "no_rule"},
      {"user:anna", "add fact assigned_to user:eva client:alfa", "no_rule"},
      {"user:anna", "add fact serves agency:norr client:beta", "no_rule"},
      {"user:carl", "change fact mentions todo:t user:eva", "+only_silent"},
      {"client:alfa", "add fact granted user:eva lon.read client:alfa", "no_rule"},
  };
  JudgeWorld world(kOffice, kData);
  for (const Case& each : cases) {
    EXPECT_EQ(world.Codes(each.actor, each.change, Level(9)), each.codes)
        << each.actor << ": " << each.change;
  }
}

TEST(ChangeRules, SayThatOnlyTheOperatorMayWhereNoneIsAboutTheChange) {
  JudgeWorld world(kOffice, kData);
  const auto text = [&](const char* change) {
    return world.Ask("user:eva", change).reasons.at(0).text;
  };
  EXPECT_EQ(text("add fact assigned_to user:eva client:alfa"), "only the operator may change this");
  EXPECT_EQ(text("remove role user:eva boss agency:norr"), "only the operator may change this");
  EXPECT_EQ(text("add fact removed user:eva"), "no rule permits this");
}

TEST(ChangeRules, HoldBackByForbidsThatAreNotFalse) {
  JudgeWorld world(kOffice, kData);
  const char* own = "add fact granted user:twin lon.read agency:norr";
  EXPECT_EQ(world.Codes("user:anna", own, Level(9)), "own_grant");
  const ChangeVerdict verdict = world.Ask("user:anna", own, Level(9));
  EXPECT_EQ(verdict.reasons.at(0).text, "anna gives himself lon.read");
  EXPECT_THAT(verdict.decided_by, ElementsAre("own_grant"));
  ASSERT_EQ(verdict.rules.size(), 1u);
  EXPECT_EQ(verdict.rules[0].kind, RuleReport::Kind::kForbid);
  EXPECT_EQ(verdict.rules[0].conditions.at(0).text, "actor.person is user.person");

  const char* write = "add fact granted user:eva lon.write client:alfa";
  EXPECT_EQ(world.Codes("user:anna", write, Level(2)), "+grant");
  EXPECT_EQ(world.Codes("user:anna", write, Level(1)), "late_write");
  EXPECT_EQ(world.verdict(), Tri::kFalse);
  EXPECT_EQ(world.Codes("user:anna", write), "late_write") << "what is not told may be 1";
  EXPECT_EQ(world.verdict(), Tri::kUnknown);
  EXPECT_THAT(world.Ask("user:anna", write).missing_context, ElementsAre("context.level"));
  EXPECT_EQ(
      world.Codes("user:anna", "remove fact granted user:eva lon.write client:alfa", Level(1)),
      "late_write");
  EXPECT_EQ(world.Codes("user:anna", "add fact granted user:eva lon.read client:alfa", Level(1)),
            "+grant")
      << "a forbid about another permission";
}

TEST(ChangeRules, TellNotesThatAreNotFalseOfWhatIsDone) {
  JudgeWorld world(kOffice, kData);
  const char* grant = "add fact granted user:eva lon.read client:alfa";
  const auto notes = [&](const char* actor, const char* change, const InputValues& context) {
    std::vector<std::string> texts;
    for (const ReasonText& note : world.Ask(actor, change, context).obligations) {
      texts.push_back(note.code + ": " + note.text);
    }
    return texts;
  };
  EXPECT_THAT(notes("user:anna", grant, Level(4)), ElementsAre("told: anna gave lon.read to eva"));
  EXPECT_THAT(notes("user:anna", grant, {}), ElementsAre("told: anna gave lon.read to eva"));
  EXPECT_THAT(notes("user:anna", grant, Level(5)), IsEmpty());
  EXPECT_THAT(notes("user:eva", grant, Level(4)), IsEmpty()) << "nothing was done";
  EXPECT_THAT(notes("user:anna", "remove fact granted user:eva lon.read client:alfa", Level(4)),
              IsEmpty());
}

TEST(ChangeRules, WaitForTheSecondSigner) {
  JudgeWorld world(kOffice, kData);
  const char* give = "add holds user:eva kh agency:norr";
  EXPECT_EQ(world.Codes("user:anna", give), "missing_context");
  EXPECT_EQ(world.verdict(), Tri::kUnknown);
  EXPECT_THAT(world.Ask("user:anna", give).missing_context, ElementsAre("change.second"));
  EXPECT_EQ(world.Codes("user:anna", give, {}, "user:carl"), "+give_any");
  EXPECT_EQ(world.Codes("user:anna", give, {}, "user:eva"), "no_rule");
  EXPECT_EQ(world.Codes("user:carl", give, {}, "user:carl"), "no_rule") << "not oneself";
}

TEST(ChangeRules, WantAPermitForBothHalvesOfAReplacement) {
  JudgeWorld world(kOffice, kData);
  const char* move = "change attribute user:eva home";
  EXPECT_EQ(world.Codes("user:anna", move, Level(3)), "+come_home +leave_home");
  EXPECT_EQ(world.Codes("user:anna", move, Level(2)), "level_too_low");
  EXPECT_EQ(world.Codes("user:eva", move, Level(3)), "not_old_boss");
  EXPECT_EQ(world.Codes("user:eva", move, Level(2)), "level_too_low not_old_boss");
  EXPECT_EQ(world.Codes("user:eva", "add attribute user:eva home", Level(3)), "+come_home");
  EXPECT_EQ(world.Codes("user:anna", move), "level_too_low") << "unknown does not permit";
}

TEST(ChangeRules, ReportConditionsWithWhatWasFoundAndWanted) {
  JudgeWorld world(kOffice, kData);
  const ChangeVerdict verdict =
      world.Ask("user:eva", "add fact granted user:carl lon.read agency:norr", Level(9));
  EXPECT_EQ(verdict.outcome, ChangeVerdict::Outcome::kRefused);
  ASSERT_EQ(verdict.reasons.size(), 2u);
  EXPECT_EQ(verdict.reasons[0].text, "eva is no boss on norr");
  EXPECT_EQ(verdict.reasons[1].text, "carl is not seen in norr");
  ASSERT_EQ(verdict.rules.size(), 1u);
  EXPECT_EQ(verdict.rules[0].name, "grant");
  EXPECT_THAT(verdict.rules[0].codes, ElementsAre("not_boss", "not_visible"));
  ASSERT_FALSE(verdict.rules[0].conditions.empty());
  EXPECT_EQ(verdict.rules[0].conditions[0].found, "eva is boss on norr: no such fact");
}

// Every thing near the hub is compared with every other.
TEST(ChangeRules, AreGivenUpBeyondTheirBudget) {
  std::string things;
  std::string facts;
  for (int i = 0; i < 1100; ++i) {
    things += " t" + std::to_string(i) + ": ,";
    facts += "  - t" + std::to_string(i) + " near hub\n";
  }
  JudgeWorld world(R"(policy p
entity user
entity thing
fact user likes thing
fact thing near thing as other
permit slow
  add user likes thing by user as actor
  if some thing as a, thing as b: ( a near thing and b near thing and a near b )
)",
                   "entities:\n  user: { u: }\n  thing: { hub: ," + things + "}\nfacts:\n" + facts);
  EXPECT_EQ(world.Codes("user:u", "add fact likes user:u thing:hub"), "budget");
  EXPECT_EQ(world.Codes("user:u", "add fact likes user:u thing:t1"), "no_rule");
}

}  // namespace
}  // namespace portvakt::engine
