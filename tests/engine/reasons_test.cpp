// The order of reasons, clause by clause of language.md's section on meaning.
#include <gmock/gmock.h>

#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Conditions over four switches of the context; absent ones are false here.
constexpr const char* kSwitches = R"(policy p
entity user
open entity thing
context { a : bool  b : bool  c : bool  d : bool }
permission see on thing
)";

std::string CodesOf(const std::string& rules, const std::string& on) {
  PolicyWorld world(kSwitches + rules, "entities:\n  user: { u: }\n");
  InputValues context;
  for (const char* name : {"a", "b", "c", "d"}) {
    context.push_back({name, BoolInput(on.find(name) != std::string::npos)});
  }
  return world.Codes("user u see thing t", context);
}

TEST(Reasons, OfOneRuleStandInItsOrder) {
  struct Case {
    const char* name;
    const char* body;
    const char* on;  // the switches that are on
    const char* codes;
  };
  const Case cases[] = {
      {"all that fail of an and",
       "context.a else one and context.b else two and context.c else three", "b", "one three"},
      {"before the parts that it covers",
       "( context.a else inner and context.b else second ) else outer and context.c else last", "",
       "outer inner second last"},
      {"every branch of a failed or", "context.a else one or ( context.b and context.c else two )",
       "", "one two"},
      {"each once", "context.a else same and context.b else same and context.c else other", "",
       "same other"},
      {"under not none but its own", "not ( context.a or context.b else hidden ) else own", "a",
       "own"},
      {"what holds has none", "context.a else one and context.b else two", "ab", ""},
      {"unless is a not", "context.a else one unless ( context.b else hidden )", "b", "one"},
  };
  for (const Case& each : cases) {
    const std::string rule =
        std::string("permit p\n  user may see on thing\n  if ") + each.body + "\n";
    EXPECT_EQ(CodesOf(rule, each.on), each.codes) << each.name;
  }
}

TEST(Reasons, OfSeveralPermitsBeginWithTheFewest) {
  const std::string rules = R"(
permit z_near
  user may see on thing
  if context.a else near
permit a_far
  user may see on thing
  if context.a else far_one and context.b else far_two
permit b_silent
  user may see on thing
  if context.d
permit a_near
  user may see on thing
  if context.c else also_near
)";
  EXPECT_EQ(CodesOf(rules, ""), "also_near near far_one far_two");
  EXPECT_EQ(CodesOf(rules, "b"), "far_one also_near near") << "one code each: by name";
}

TEST(Reasons, ArePermitsThenForbidsByName) {
  const std::string rules = R"(
permit p
  user may see on thing
  if context.a else no_a
forbid z_first
  user may see on thing
  if context.b
forbid a_second "not while {thing} is on"
  user may see on thing
  if context.c
)";
  EXPECT_EQ(CodesOf(rules, "bc"), "no_a a_second z_first");
  EXPECT_EQ(CodesOf(rules, "abc"), "a_second z_first") << "where a permit holds, the forbids alone";
  EXPECT_EQ(CodesOf(rules, "ab"), "z_first");
  EXPECT_EQ(CodesOf(rules, ""), "no_a");
}

TEST(Reasons, EndWithWhatIsRequired) {
  const std::string policy = std::string(kSwitches) + R"(
permission act on thing requires see
permit acting  user may act on thing
  if context.a else no_act
permit seeing  user may see on thing
  if context.b else no_see
forbid shut    user may act on thing
  if context.c
forbid dark    user may see on thing
  if context.d
)";
  PolicyWorld world(policy, "entities:\n  user: { u: }\n");
  const auto codes = [&](const std::string& on) {
    InputValues context;
    for (const char* name : {"a", "b", "c", "d"}) {
      context.push_back({name, BoolInput(on.find(name) != std::string::npos)});
    }
    return world.Codes("user u act thing t", context);
  };
  EXPECT_EQ(codes(""), "no_act no_see");
  EXPECT_EQ(codes("a"), "no_see");
  EXPECT_EQ(codes("cd"), "no_act shut no_see dark");
  EXPECT_EQ(codes("ac"), "shut") << "a permit holds and a forbid applies";
  EXPECT_EQ(codes("abd"), "dark");
}

constexpr const char* kHouse = R"(policy house
entity user { home : house }
entity house
entity room { house : house }
permission enter, paint on room
role guest on house held by user
role owner on house held by user gives paint
fact user knows user as friend
fact user sleeps_in room

define user welcome in house
  if user is guest on house  else not_guest  "{user} is no guest of {house}"

permit through_friend
  user may enter on room
  if some user as friend: (
        user knows friend                else no_friend   "nobody"
    and friend sleeps_in room            else not_there   "{friend} does not sleep in {room}"
    and friend.home is room.house        else elsewhere   "{friend} lives in {friend.home}" )
                                         else no_way      "{user} has no way into {room}"

permit painting
  user may paint on room
  if some role: ( role gives permission  else gives_nothing
              and user is role on room.house else no_role "{user} is not {role}" )
  and user welcome in room.house         else unwelcome
)";

constexpr const char* kHouseData = R"(
entities:
  house: { h: , g: }
  user: { anna: { home: h }, bo: { home: g }, cia: { home: g }, dan: { home: g }, eva: { home: h } }
  room: { r: { house: h } }
facts:
  - anna knows bo
  - anna knows cia
  - anna knows dan
  - cia sleeps_in r
  - dan sleeps_in r
  - eva knows bo
)";

TEST(Reasons, OfAFailedSomeAreThoseOfTheFurthest) {
  PolicyWorld world(kHouse, kHouseData);
  const Explanation anna = world.Why("user anna enter room r");
  ASSERT_EQ(anna.reasons.size(), 2u);
  EXPECT_EQ(anna.reasons[0].code, "no_way");
  EXPECT_EQ(anna.reasons[0].text, "anna has no way into r");
  EXPECT_EQ(anna.reasons[1].code, "elsewhere");
  EXPECT_EQ(anna.reasons[1].text, "cia lives in g") << "of cia and dan, the first";
  EXPECT_EQ(world.Codes("user eva enter room r"), "no_way not_there elsewhere");
  EXPECT_EQ(world.Codes("user bo enter room r"), "no_way") << "no candidates: its own code alone";
  world.Load("entities:\n  user: { cia: { home: h } }\n");
  EXPECT_EQ(world.Ask("user anna enter room r"), Tri::kTrue);
}

TEST(Reasons, FollowDefinitionsAndSymbolsThatAreStaticallyPossible) {
  PolicyWorld world(kHouse, kHouseData);
  const Explanation why = world.Why("user anna paint room r");
  std::vector<std::string> texts;
  for (const ReasonText& reason : why.reasons) texts.push_back(reason.code + ": " + reason.text);
  EXPECT_THAT(texts, ElementsAre("no_role: anna is not owner",
                                 "unwelcome: ", "not_guest: anna is no guest of h"));
}

TEST(Reasons, LeaveOutRulesThatAreStaticallyFalse) {
  PolicyWorld world(R"(policy p
entity user
entity a
entity b
entity ab is a or b
set special = see
permission see, hear on ab
permit only_see
  user may permission on ab
  if permission is any of special and ab is a a else not_a
permit hearing
  user may hear on ab
  if user hears ab else deaf
fact user hears b
)",
                    "entities:\n  user: { u: }\n  a: { x: }\n  b: { y: }\n");
  EXPECT_EQ(world.Codes("user u see b y"), "no_rule");
  EXPECT_EQ(world.Codes("user u hear b y"), "deaf");
  EXPECT_EQ(world.Codes("user u hear a x"), "no_rule") << "no slot of `hears` admits an a";
  EXPECT_EQ(world.Ask("user u see a x"), Tri::kTrue);
}

TEST(Reasons, GoThroughADecisionInACondition) {
  PolicyWorld world(R"(policy p
entity user
entity client { shut : bool }
entity run { client : client }
permission see on client, run
fact user serves client
permit on_client
  user may see in client
  if user serves client        else not_linked "{user} and {client} are not linked"
permit on_run
  user may see on run
  if user may see in run.client
forbid closed "{client} is closed"
  user may see in client
  if client.shut
)",
                    R"(
entities:
  user: { u: }
  client: { c: { shut: true } }
  run: { r: { client: c } }
)");
  const Explanation why = world.Why("user u see run r");
  ASSERT_EQ(why.reasons.size(), 2u);
  EXPECT_EQ(why.reasons[0].text, "u and c are not linked");
  EXPECT_EQ(why.reasons[1].text, "c is closed");
}

TEST(MissingContext, IsNamedAndIsTheReasonWhenNoRuleHasOne) {
  PolicyWorld world(R"(policy p
entity user
open entity thing { owner : string from request }
context { login : enum { password < bankid }  place : string }
permission see, sign on thing
permit seeing
  user may see on thing
  if context.login is at least bankid and context.place is "office"
permit signing
  user may sign on thing
  if thing.owner is "me"
)",
                    "entities:\n  user: { u: }\n");
  const Explanation why = world.Why("user u see thing t", {{"place", TextInput("office")}});
  EXPECT_EQ(why.decision.verdict, Tri::kUnknown);
  ASSERT_EQ(why.reasons.size(), 1u);
  EXPECT_EQ(why.reasons[0].code, "missing_context");
  EXPECT_THAT(why.missing_context, ElementsAre("context.login"));
  EXPECT_THAT(world.Why("user u sign thing t").missing_context, ElementsAre("thing.owner"));
  const Explanation known = world.Why(
      "user u see thing t", {{"place", TextInput("home")}, {"login", TextInput("bankid")}});
  EXPECT_EQ(known.reasons[0].code, "no_rule");
  EXPECT_THAT(known.missing_context, IsEmpty());
}

// Whatever it was that a walk should have started from.
TEST(MissingContext, IsNamedWhereNothingElseTiesACandidate) {
  PolicyWorld world(
      R"(policy p
entity group
entity user
open entity thing
context { via : user }
permission see on thing
fact user in_group group
permit seeing
  user may see on thing
  if some group as team: ( context.via in_group team and user in_group team )
)",
      "entities:\n  user: { u: }\n  group: { g: , h: }\nfacts:\n  - u in_group h\n");
  const Explanation why = world.Why("user u see thing t");
  EXPECT_EQ(why.decision.verdict, Tri::kUnknown);
  EXPECT_THAT(why.missing_context, ElementsAre("context.via"));
}

TEST(Reports, ShowWhatWasFoundAndWantedAtItsPlace) {
  PolicyWorld world(R"(policy p
entity client { status : enum { active, blocked } }
entity user
context { login : enum { password < bankid } }
permission see in client
fact user assigned_to client
permit work
  user may see in client
  if  context.login is at least bankid
  and user assigned_to client else not_assigned "{client} is not ticked for {user}"
forbid blocked
  user may see in client
  if client.status is blocked
)",
                    "entities:\n  client: { alfa: { status: blocked } }\n  user: { david: }\n");
  const Explanation why =
      world.Why("user david see client alfa", {{"login", TextInput("password")}});
  ASSERT_EQ(why.rules.size(), 2u);
  const RuleReport& work = why.rules[0];
  EXPECT_EQ(work.name, "work");
  EXPECT_EQ(work.kind, RuleReport::Kind::kPermit);
  ASSERT_EQ(work.conditions.size(), 2u);
  EXPECT_EQ(work.conditions[0].place, "policy.vakt:9:7");
  EXPECT_EQ(work.conditions[0].text, "context.login is at least bankid");
  EXPECT_EQ(work.conditions[0].found, "login is password");
  EXPECT_EQ(work.conditions[0].wanted, "at least bankid");
  EXPECT_EQ(work.conditions[1].found, "david assigned_to alfa: no such fact");
  EXPECT_EQ(work.conditions[1].code, "not_assigned");
  const RuleReport& blocked = why.rules[1];
  EXPECT_EQ(blocked.kind, RuleReport::Kind::kForbid);
  ASSERT_EQ(blocked.conditions.size(), 1u);
  EXPECT_EQ(blocked.conditions[0].found, "client.status is blocked");
  EXPECT_EQ(blocked.conditions[0].wanted, "not blocked");
  EXPECT_THAT(why.decided_by, ElementsAre("blocked"));
}

TEST(Notes, AreToldByNameOnTheirSide) {
  const std::string policy = std::string(kSwitches) + R"(
permit p   user may see on thing if context.a
note z_duty "log it"  user may see on thing if context.b
note a_duty "say why to {user}" user may see on thing
note dormant "kept, without effect" user may not see on thing if context.c
)";
  PolicyWorld world(policy, "entities:\n  user: { u: }\n");
  const auto why = [&](InputValues context) { return world.Why("user u see thing t", context); };
  const Explanation permit = why({{"a", BoolInput(true)}, {"b", BoolInput(true)}});
  ASSERT_EQ(permit.decision.obligations.size(), 2u);
  EXPECT_EQ(permit.decision.obligations[0].text, "say why to u");
  EXPECT_EQ(permit.decision.obligations[1].code, "z_duty");
  EXPECT_THAT(permit.decided_by, ElementsAre("p"));
  EXPECT_THAT(permit.reasons, IsEmpty());
  EXPECT_EQ(why({{"a", BoolInput(true)}}).decision.obligations.size(), 2u)
      << "an unknown note applies";
  const Explanation deny = why({{"a", BoolInput(false)}, {"c", BoolInput(true)}});
  ASSERT_EQ(deny.notes.size(), 1u);
  EXPECT_EQ(deny.notes[0].code, "dormant");
  EXPECT_THAT(deny.decision.obligations, IsEmpty());
  EXPECT_THAT(why({{"a", BoolInput(false)}, {"c", BoolInput(false)}}).notes, IsEmpty());
}

}  // namespace
}  // namespace portvakt::engine
