// What a request supplies: values of every type, those that do not fit, entities that no store has.
#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

constexpr Tri F = Tri::kFalse;
constexpr Tri U = Tri::kUnknown;
constexpr Tri T = Tri::kTrue;

constexpr const char* kPolicy = R"(policy p
time zone "Europe/Stockholm"
entity user
entity dog
entity cat
entity animal is dog or cat
open entity thing
context {
    flag   : bool
    count  : int
    sum    : decimal
    name   : string
    level  : enum { low < middle < high }
    day    : date
    moment : instant
    wait   : duration
    source : ip
    tags   : set of string
    owner  : user
    animal : animal
    other  : thing
}
permission p_flag, p_count, p_sum, p_name, p_level, p_day, p_moment on thing
permission p_wait, p_source, p_tags on thing
permission p_owner, p_animal, p_other, p_today, p_now on thing
permit r_flag    user may p_flag on thing    if context.flag
permit r_count   user may p_count on thing   if context.count is at least 3
permit r_sum     user may p_sum on thing     if context.sum is at most 10.50
permit r_name    user may p_name on thing    if context.name is "x"
permit r_level   user may p_level on thing   if context.level is more than low
permit r_day     user may p_day on thing     if context.day is less than "2026-03-01"
permit r_moment  user may p_moment on thing  if context.moment is at most "2026-03-01T00:00:00Z"
permit r_wait    user may p_wait on thing    if context.wait is at least 30 days
permit r_from    user may p_source on thing    if context.source is within "10.0.0.0/8"
permit r_tags    user may p_tags on thing    if context.tags contains "a"
permit r_owner   user may p_owner on thing   if context.owner is user
permit r_animal  user may p_animal on thing  if context.animal is a dog
permit r_other   user may p_other on thing   if context.other is thing
permit r_today   user may p_today on thing   if context.day is today
permit r_now     user may p_now on thing     if context.moment is at least now - 1 hours
)";

class RequestTest : public testing::Test {
 protected:
  RequestTest()
      : world_(
            kPolicy,
            "entities:\n  user: { u: , v: }\n  dog: { rex: , same: }\n  cat: { tom: , same: }\n") {}
  Tri Ask(const std::string& permission, const InputValues& context) {
    return world_.Ask("user u p_" + permission + " thing t", context);
  }
  PolicyWorld world_;
};

TEST_F(RequestTest, ReadsValuesOfEveryTypeAndTakesOthersAsMissing) {
  struct Case {
    const char* name;
    InputValue value;
    Tri wanted;
  };
  InputValue null;
  InputValue object;
  object.kind = InputValue::Kind::kObject;
  const Case cases[] = {
      {"flag", BoolInput(true), T},
      {"flag", BoolInput(false), F},
      {"flag", TextInput("true"), U},
      {"flag", IntegerInput(1), U},
      {"flag", null, U},
      {"count", IntegerInput(3), T},
      {"count", IntegerInput(2), F},
      {"count", DoubleInput(3.0), T},
      {"count", DoubleInput(3.5), U},
      {"count", DoubleInput(1e300), U},
      {"count", TextInput("3"), U},
      {"sum", DoubleInput(10.5), T},
      {"sum", DoubleInput(10.500001), F},
      {"sum", DoubleInput(0.1), T},
      {"sum", DoubleInput(0.0000001), U},
      {"sum", IntegerInput(10), T},
      {"sum", IntegerInput(INT64_MAX), U},
      {"sum", DoubleInput(-1e300), U},
      {"name", TextInput("x"), T},
      {"name", TextInput("X"), F},
      {"name", object, U},
      {"level", TextInput("low"), F},
      {"level", TextInput("high"), T},
      {"level", TextInput("highest"), U},
      {"day", TextInput("2026-02-28"), T},
      {"day", TextInput("2026-03-01"), F},
      {"day", TextInput("2026-02-30"), U},
      {"day", IntegerInput(20000), U},
      {"moment", TextInput("2026-03-01T01:00:00+01:00"), T},
      {"moment", TextInput("2026-03-01T00:00:01Z"), F},
      {"moment", TextInput("yesterday"), U},
      {"wait", IntegerInput(30 * 86400), T},
      {"wait", TextInput("29 days"), F},
      {"wait", TextInput("5 weeks"), T},
      {"wait", IntegerInput(INT64_MAX), U},
      {"source", TextInput("10.1.2.3"), T},
      {"source", TextInput("::ffff:10.1.2.3"), T},
      {"source", TextInput("11.1.2.3"), F},
      {"source", TextInput("2001:db8::1"), F},
      {"source", TextInput("10.1.2"), U},
      {"tags", ListInput({TextInput("b"), TextInput("a")}), T},
      {"tags", ListInput({}), F},
      {"tags", ListInput({TextInput("a"), IntegerInput(1)}), U},
      {"tags", TextInput("a"), U},
      {"owner", TextInput("u"), T},
      {"owner", TextInput("v"), F},
      {"owner", TextInput("nobody"), U},
      {"animal", TextInput("rex"), T},
      {"animal", TextInput("tom"), F},
      {"animal", TextInput("same"), U},
      {"other", TextInput("t"), T},
      {"other", TextInput("s"), F},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(Ask(each.name, {{each.name, each.value}}), each.wanted)
        << each.name << " " << each.value.text << " " << each.value.integer << " "
        << each.value.number;
  }
  EXPECT_EQ(Ask("flag", {}), U) << "what is left out is not known";
}

TEST_F(RequestTest, ReadsOneClock) {
  world_.now_us = *ParseInstant("2026-03-01T23:30:00Z");
  EXPECT_EQ(Ask("today", {{"day", TextInput("2026-03-02")}}), T) << "it is past midnight in Sweden";
  EXPECT_EQ(Ask("today", {{"day", TextInput("2026-03-01")}}), F);
  EXPECT_EQ(Ask("now", {{"moment", TextInput("2026-03-01T22:30:00Z")}}), T);
  EXPECT_EQ(Ask("now", {{"moment", TextInput("2026-03-01T22:29:59Z")}}), F);
}

constexpr const char* kTodo = R"(policy todo
open entity user { email : string optional }
open entity todo { ownerID : string from request  keeper : user from request }
permission see, edit, keep on todo
role editor held by user
fact user follows user as other
permit seeing   user may see on todo
permit editing  user may edit on todo
  if user is editor and user.email is present and user.email is todo.ownerID
permit keeping  user may keep on todo
  if todo.keeper is user
)";

TEST(OpenEntities, AreWithoutFactsUnlessStored) {
  PolicyWorld world(kTodo, R"(
entities:
  user: { rick: { email: r@x }, morty: { email: m@x } }
facts:
  - rick is editor
  - jerry is editor
)");
  Request request = PolicyWorld::ToRequest("user rick edit todo t");
  EXPECT_EQ(world.Ask(request), U) << "the owner was not said";
  request.resource_properties = {{"ownerID", TextInput("r@x")}};
  EXPECT_EQ(world.Ask(request), T);
  request.subject.id = "stranger";
  EXPECT_EQ(world.Ask(request), F);
  EXPECT_EQ(world.Ask("user stranger see todo t"), T);
  request.subject.id = "jerry";
  EXPECT_EQ(world.Ask(request), F) << "no email is stored";
}

TEST(Properties, FeedOnlyWhatIsDeclaredFromTheRequest) {
  PolicyWorld world(kTodo,
                    "entities:\n  user: { morty: { email: m@x } }\nfacts:\n  - morty is editor\n");
  Request request = PolicyWorld::ToRequest("user morty edit todo t");
  request.resource_properties = {{"ownerID", TextInput("r@x")}};
  request.subject_properties = {{"email", TextInput("r@x")}};
  EXPECT_EQ(world.Ask(request), F) << "nobody talks himself into a right";
  request.resource_properties = {{"ownerID", IntegerInput(1)}};
  EXPECT_EQ(world.Ask(request), U);
  // The same id of an open type is the same entity wherever the request mentions it.
  Request keep = PolicyWorld::ToRequest("user ghost keep todo t");
  keep.resource_properties = {{"keeper", TextInput("ghost")}};
  EXPECT_EQ(world.Ask(keep), T);
  keep.resource_properties = {{"keeper", TextInput("other")}};
  EXPECT_EQ(world.Ask(keep), F);
}

// An unknown entity of the context: each `some` must then look at all there are.
// Who asks about himself is described twice; a lie in one place must not hide the other.
TEST(Properties, ThatDisagreeAboutOneEntityAreUnknown) {
  PolicyWorld world(R"(policy p
open entity visitor { badge : string from request }
permission enter, leave on visitor
permit enter
    visitor as one may enter on visitor as two
    if one.badge is "gold"
permit leave
    visitor as one may leave on visitor as two
    if one.badge is any of { "gold", "grey" }
forbid grey
    visitor as one may leave on visitor as two
    if two.badge is "grey"
)");
  Request request;
  request.subject = request.resource = {"visitor", "v"};
  request.action = "enter";
  request.subject_properties = {{"badge", TextInput("gold")}};
  EXPECT_EQ(world.Ask(request), T) << "given once";
  request.resource_properties = {{"badge", TextInput("gold")}};
  EXPECT_EQ(world.Ask(request), T) << "given twice, the same";
  request.resource_properties = {{"badge", TextInput("grey")}};
  EXPECT_EQ(world.Ask(request), U);
  request.action = "leave";
  EXPECT_EQ(world.Ask(request), U) << "the forbid may apply";
}

TEST(Unions, OfSeveralOpenTypesDoNotGuessWhichOneAnIdIs) {
  PolicyWorld world(R"(policy p
entity user
open entity guest
open entity robot
entity caller is guest or robot
context { asker : caller }
permission enter on user
permit enter
    user as one may enter on user as two
    if one is two and not context.asker is a guest
)",
                    "entities:\n  user: { u: }\n");
  EXPECT_EQ(world.Ask("user u enter user u", {{"asker", TextInput("x")}}), U);
}

TEST(UnknownEntities, MakeASomeUnknownOnlyWhereItMattersWhich) {
  PolicyWorld world(R"(policy p
entity user
entity link { closed : bool }
entity item { owner : user }
context { link : link }
permission see, open, shut on item
fact link opens item
permit seeing
  user may see on item
  if some item as place: ( context.link opens place and place is item )
permit opening
  user may open on item
  if some item as place: ( context.link opens place and place.owner is user )
permit shutting
  user may shut on item
  if not context.link.closed
)",
                    R"(
entities:
  user: { u: , v: }
  link: { l: { closed: false } }
  item: { i: { owner: u } }
facts:
  - l opens i
)");
  EXPECT_EQ(world.Ask("user u see item i", {{"link", TextInput("l")}}), T);
  EXPECT_EQ(world.Ask("user u see item i"), U);
  EXPECT_EQ(world.Ask("user u open item i"), U);
  EXPECT_EQ(world.Ask("user v open item i"), F) << "v owns nothing, whichever link it is";
  EXPECT_EQ(world.Ask("user u shut item i"), U);
  EXPECT_EQ(world.Ask("user u shut item i", {{"link", TextInput("l")}}), T);
}

}  // namespace
}  // namespace portvakt::engine
