// What each kind of sentence says of the data: transitive and timed facts, unions, roles, licences
// and seats, `some`, and decisions inside decisions.
#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

constexpr Tri F = Tri::kFalse;
constexpr Tri U = Tri::kUnknown;
constexpr Tri T = Tri::kTrue;

constexpr const char* kFolders = R"(policy folders
entity user
entity group
entity folder
entity document
entity item is folder or document
entity party is user or group
permission see, look on item
fact item inside folder transitive
fact party opens folder
fact party part_of group transitive

permit near
  user may look on item
  if some folder: ( item directly inside folder and user opens folder )

permit far
  user may see on item
  if some folder, party: ( item inside folder and party opens folder
                           and ( party is user or user part_of party ) )
)";

TEST(TransitiveFacts, TakeAnyNumberOfStepsAndSurviveCycles) {
  PolicyWorld world(kFolders, R"(
entities:
  user: { anna: , bo: }
  group: { inner: , outer: }
  folder: { top: , middle: , low: , loop: }
  document: { d: , alone: }
facts:
  - d inside low
  - low inside middle
  - middle inside top
  - top inside loop
  - loop inside middle
  - outer opens top
  - bo part_of inner
  - inner part_of outer
  - anna opens low
)");
  EXPECT_EQ(world.Ask("user bo see document d"), T);
  EXPECT_EQ(world.Ask("user bo see folder top"), T) << "through the cycle";
  EXPECT_EQ(world.Ask("user bo see document alone"), F);
  EXPECT_EQ(world.Ask("user anna see document d"), T);
  EXPECT_EQ(world.Ask("user anna look document d"), T);
  EXPECT_EQ(world.Ask("user anna look folder low"), F) << "directly is one step";
  EXPECT_EQ(world.Ask("user bo look document d"), F);
}

TEST(Validity, IsHalfOpenAndBindsEveryStep) {
  PolicyWorld world(kFolders, R"(
entities:
  user: { anna: }
  folder: { top: , low: }
  document: { d: }
facts:
  - { fact: d inside low, from: 2026-01-10, until: 2026-01-20 }
  - low inside top
  - { fact: anna opens top, from: 2026-01-15 }
)");
  const auto at = [&](const char* instant) {
    Request request = PolicyWorld::ToRequest("user anna see document d");
    request.now_us = ParseInstant(instant);
    return world.Ask(request);
  };
  EXPECT_EQ(at("2026-01-14T23:59:59Z"), F);
  EXPECT_EQ(at("2026-01-15T00:00:00Z"), T);
  EXPECT_EQ(at("2026-01-19T23:59:59Z"), T);
  EXPECT_EQ(at("2026-01-20T00:00:00Z"), F);
  world.now_us = *ParseInstant("2026-01-16T00:00:00Z");
  EXPECT_EQ(world.Ask("user anna see document d"), T) << "the engine's clock when none is given";
}

TEST(Unions, MakeASentenceFalseForMembersThatItsSlotDoesNotAdmit) {
  PolicyWorld world(R"(policy p
entity agency
entity client
entity tenant is agency or client
entity user { home : tenant }
permission see, other in tenant
fact agency serves client

permit p
  user may see in tenant
  if user.home serves tenant

permit q
  user may other in tenant
  if not user.home serves tenant and tenant is a client
)",
                    R"(
entities:
  agency: { norr: }
  client: { alfa: , beta: }
  user: { anna: { home: norr }, bo: { home: alfa } }
facts:
  - norr serves alfa
)");
  EXPECT_EQ(world.Ask("user anna see client alfa"), T);
  EXPECT_EQ(world.Ask("user anna see client beta"), F);
  EXPECT_EQ(world.Ask("user bo see client alfa"), F);
  EXPECT_EQ(world.Ask("user anna see agency norr"), F);
  EXPECT_EQ(world.Ask("user bo other client alfa"), T);
  EXPECT_EQ(world.Ask("user anna other agency norr"), F);
}

// An argument that the request leaves out might be a member that the slot does not admit: then the
// sentence is not true, even where its body asks nothing of the argument.
TEST(Unions, LeaveASentenceUnknownWhileItsMemberIs) {
  PolicyWorld world(R"(policy p
entity agency
entity client { owner : user }
entity tenant is agency or client
entity user { admin : bool }
context { where : tenant, which : client }
permission work, rest, meet in client
define user reaches client
    if user.admin
permit workers
    user may work in client
    if user reaches context.where and client.owner is user
permit resters
    user may rest in client
    if client.owner is user
forbid strangers
    user may rest in client
    unless user reaches context.where
permit meeters
    user may meet in client
    if user reaches context.which and client.owner is user
)",
                    R"(entities:
  agency: { ag: }
  user: { ann: { admin: true } }
  client: { shop: { owner: ann } }
)");
  EXPECT_EQ(world.Ask("user ann work client shop", {{"where", TextInput("shop")}}), T);
  EXPECT_EQ(world.Ask("user ann work client shop", {{"where", TextInput("ag")}}), F);
  EXPECT_EQ(world.Ask("user ann work client shop"), U);
  EXPECT_EQ(world.Ask("user ann work client shop", {{"where", TextInput("nowhere")}}), U);
  EXPECT_EQ(world.Ask("user ann rest client shop", {{"where", TextInput("shop")}}), T);
  EXPECT_EQ(world.Ask("user ann rest client shop"), U);
  // Every client is admitted, whichever it is.
  EXPECT_EQ(world.Ask("user ann meet client shop"), T);
}

TEST(Roles, AreHeldThroughThoseThatIncludeThemEverywhereOrForPrograms) {
  PolicyWorld world(R"(policy p
entity user
entity room
program lon in room { permission open permission close }
permission see, fix, rule on room
role guest  on room held by user gives see
role keeper on room held by user includes guest gives fix
role boss   held by user
role helper on room for program held by user
permit by_role
  user may any of { see, fix } on room
  if some role: ( role gives permission and user is role on room )
permit bosses
  user may rule on room
  if user is boss
permit helpers
  user may any of lon on room
  if user is helper for permission.program on room
permit any_helper
  user may rule on room
  if user is helper on room
)",
                    R"(
entities:
  user: { anna: , bo: , cia: }
  room: { r: , q: }
facts:
  - anna is keeper on r
  - bo is guest on r
  - bo is boss
  - cia is helper for lon on q
)");
  EXPECT_EQ(world.Ask("user anna see room r"), T);
  EXPECT_EQ(world.Ask("user anna fix room r"), T);
  EXPECT_EQ(world.Ask("user anna see room q"), F);
  EXPECT_EQ(world.Ask("user bo fix room r"), F);
  EXPECT_EQ(world.Ask("user bo rule room q"), T);
  EXPECT_EQ(world.Ask("user cia lon.open room q"), T);
  EXPECT_EQ(world.Ask("user cia lon.open room r"), F);
  EXPECT_EQ(world.Ask("user cia rule room q"), T) << "for any program";
  EXPECT_EQ(world.Ask("user cia rule room r"), F);
}

TEST(Licences, CoverPermissionsAndRunOutOfSeats) {
  PolicyWorld world(R"(policy p
entity firm
entity user { firm : firm }
program lon in firm { permission open permission read }
permission hire in firm
licence full  held by user from firm covers lon
licence reads held by user from firm covers lon.read
licence group held by firm covers lon
permit work
  user may any of lon in firm
  if some licence: ( licence covers permission and user holds licence from firm )
  or ( firm holds group and user.firm is firm )
permit hiring
  user may hire in firm
  if full is free in firm
)",
                    R"(
entities:
  firm: { a: , b: }
  user: { anna: { firm: a }, bo: { firm: a }, cia: { firm: b } }
facts:
  - anna holds full from a
  - bo holds reads from a
  - b holds group
  - seats of full in a is 2
)");
  EXPECT_EQ(world.Ask("user anna lon.open firm a"), T);
  EXPECT_EQ(world.Ask("user bo lon.open firm a"), F);
  EXPECT_EQ(world.Ask("user bo lon.read firm a"), T);
  EXPECT_EQ(world.Ask("user cia lon.open firm b"), T);
  EXPECT_EQ(world.Ask("user anna lon.open firm b"), F);
  EXPECT_EQ(world.Ask("user anna hire firm a"), T) << "one of two is taken";
  world.Load("facts:\n  - bo holds full from a\n");
  EXPECT_EQ(world.Ask("user anna hire firm a"), F) << "both are taken";
  EXPECT_EQ(world.Ask("user anna hire firm b"), F) << "none is owned";
}

// A `some` finds its candidates from roles and licences too, held directly or through others.
TEST(Candidates, ComeFromRolesLicencesReferencesAndSets) {
  PolicyWorld world(R"(policy p
entity person
entity room
entity user { person : person  pals : set of person }
permission a, b, c, d, e on room
role guest  on room held by user
role keeper on room held by user includes guest
licence key held by user from room
fact user granted permission in room
permit ra user may a on room
  if some user as other: ( other is guest on room and other is not user )
permit rb user may b on room
  if some user as other: ( other holds key from room and other is not user )
permit rc user may c on room
  if some user as other: ( other.person is user.person and other is not user )
permit rd user may d on room
  if some user as other: ( other granted some permission in room
                           and user.pals contains other.person )
permit re user may e on room
  if some user as other: (
          some role: ( other is role on room ) and other.pals contains user.person )
)",
                    R"(
entities:
  person: { p: , q: , r: }
  user:
    anna: { person: p, pals: [q] }
    anna2: { person: p, pals: [] }
    bo: { person: q, pals: [p, r] }
    cia: { person: r, pals: [] }
  room: { x: , y: }
facts:
  - bo is keeper on x
  - bo holds key from x
  - bo granted a in x
  - { fact: cia is guest on y, until: 1969-01-01 }
)");
  const std::pair<const char*, Tri> cases[] = {
      {"user anna a room x", T},  {"user bo a room x", F},   {"user anna a room y", F},
      {"user anna b room x", T},  {"user bo b room x", F},   {"user anna c room x", T},
      {"user bo c room x", F},    {"user anna d room x", T}, {"user anna d room y", F},
      {"user anna2 d room x", F}, {"user anna e room x", T}, {"user cia e room x", T},
      {"user bo e room x", F},    {"user anna e room y", F},
  };
  for (const auto& [question, wanted] : cases) EXPECT_EQ(world.Ask(question), wanted) << question;
}

TEST(MayInACondition, IsTheWholeDecision) {
  PolicyWorld world(R"(policy p
entity user
entity client { blocked : bool }
entity run { client : client }
context { login : enum { password < bankid } }
permission see, sign on client, run
permit on_client
  user may permission in client
  if context.login is at least password
permit on_run
  user may permission on run
  if user may permission in run.client
forbid shut
  user may permission in client
  if client.blocked
forbid step_up
  user may sign in client
  unless context.login is at least bankid
)",
                    R"(
entities:
  user: { u: }
  client: { open: { blocked: false }, shut: { blocked: true } }
  run: { r1: { client: open }, r2: { client: shut } }
)");
  const InputValues password = {{"login", TextInput("password")}};
  const InputValues bankid = {{"login", TextInput("bankid")}};
  EXPECT_EQ(world.Ask("user u see run r1", password), T);
  EXPECT_EQ(world.Ask("user u see run r2", password), F);
  EXPECT_EQ(world.Ask("user u see run r1"), U);
  EXPECT_EQ(world.Ask("user u see run r2"), F) << "false whatever the login is";
  EXPECT_EQ(world.Ask("user u sign run r1", password), F);
  EXPECT_EQ(world.Ask("user u sign run r1", bankid), T);
}

}  // namespace
}  // namespace portvakt::engine
