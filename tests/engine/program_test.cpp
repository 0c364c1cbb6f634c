// Decision programs as bytes: what does not verify is refused, what verifies runs without harm, and
// the dump says what the program does.
#include "engine/program.h"

#include <fstream>

#include "engine/explain.h"
#include "engine/judge.h"
#include "engine/session_state.h"
#include "engine/verify.h"
#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

constexpr const char* kPolicy = R"(policy small
time zone "Europe/Stockholm"
entity person
entity agency
entity client { status : enum { active, blocked } }
entity tenant is agency or client
entity user { person : person  home : tenant }
open entity note { author : person from request }
context { login : enum { password < sms < bankid }  address : ip }
set any_lon = lon
program lon in tenant { permission read permission write includes lon.read }
permission edit on note
permission enter in client requires lon.read
licence las held by user from tenant covers lon.read
licence full held by agency covers lon
role admin on tenant held by user gives lon.read
role helper on tenant for program held by user
fact agency serves client
fact user granted permission in tenant
fact person above person as lower transitive

define user reaches tenant
  if user.home is tenant
  or ( user.home serves tenant   else not_linked "{user.home} and {tenant} are not linked" )
define user leads person
  if user.person above person

permit work
  user may any of lon in tenant
  if user reaches tenant
  and some licence: ( licence covers permission
        and ( user holds licence from tenant or user.home holds licence ) ) else no_licence
  and some permission as tick: ( user granted tick in tenant and tick includes permission )
                                                   else no_grant "{permission} is not ticked"
permit office
  user may lon.read in tenant
  if some role: ( role gives permission and user is role on tenant )
  or user is helper for permission.program on tenant
permit going_in
  user may enter in client
permit own
  user may edit on note
  if note.author is user.person
  or some person as boss: ( boss above note.author and user.person is boss )
  or some user as other: ( other.person is note.author and user leads other.person )
forbid shut "{client} is blocked"
  user may permission in client
  if client.status is blocked
forbid step_up
  user may lon.write in tenant
  unless context.login is at least bankid and context.address is within "10.0.0.0/8"
note told
  user may not permission in tenant
  if user granted some permission in tenant
permit tick "{user} ticks"
  add user granted permission in tenant by user as actor
  if actor may lon.write in tenant
  and change.second is not user else needs_two
forbid own_tick
  change user granted any_lon in tenant by user as actor
  if actor.person is user.person
note told_tick "{actor} did it"
  add user granted permission in tenant by user as actor
permit appoint
  change user is helper for program on tenant by user as actor
  if actor is admin on tenant
permit order
  change seats of licence in client by user as actor
permit move
  change user.home by user as actor
limit seats_used "all of {licence}"
  for every client, licence
  at most seats of licence in client user: user holds licence from client
limit last_admin
  for every tenant
  at least 1 user: ( user is admin on tenant and user reaches tenant )
limit apart
  for every user, user as other, client
  not ( user granted lon.read in client and other granted lon.write in client
        and user.person is other.person )
)";

constexpr const char* kData = R"(
entities:
  person: { a: , b: , c: }
  agency: { norr: }
  client: { alfa: { status: active }, beta: { status: blocked } }
  user: { anna: { person: a, home: norr }, bo: { person: b, home: alfa } }
facts:
  - norr serves alfa
  - norr holds full
  - anna granted lon.write in alfa
  - bo holds las from alfa
  - bo is helper for lon on beta
  - a above b
  - b above c
  - c above a
)";

const char* const kQuestions[] = {
    "user anna lon.write client alfa", "user anna lon.read client alfa",
    "user bo lon.read client beta",    "user bo lon.read agency norr",
    "user anna enter client alfa",     "user bo edit note n",
    "user anna fly client alfa",       "user anna lon.read agency norr",
};

class ProgramTest : public testing::Test {
 protected:
  ProgramTest() : world_(kPolicy, kData) {
    const Session session = world_.NewSession();
    const std::string_view bytes = session.snapshot().PolicyProgram(1);
    words_.resize((bytes.size() + 7) / 8);
    size_ = bytes.size();
    std::copy(bytes.begin(), bytes.end(), data());
  }
  char* data() { return reinterpret_cast<char*>(words_.data()); }
  std::string_view bytes() { return {data(), size_}; }

  // Asks everything there is to ask; what comes out does not matter, that it comes out does.
  void RunAll(const Program& program, Evaluator& evaluator, const Snapshot& snapshot) {
    const Reader::Clock clock = [] { return int64_t{0}; };
    for (const char* question : kQuestions) {
      Request request = PolicyWorld::ToRequest(question);
      request.context = {{"login", TextInput("sms")}, {"address", TextInput("10.0.0.1")}};
      request.resource_properties = {{"author", TextInput("c")}};
      Question asked = evaluator.Begin(program, snapshot, clock, request);
      Explanation explanation;
      if (asked.refusal == Question::Refusal::kNone) {
        evaluator.Decide(asked.subject, asked.permission, asked.object);
      }
      Explainer(evaluator).Explain(asked, explanation);
    }
    RunChanges(program, snapshot, clock);
  }

  // Each target once, with whatever symbol; and all limits.
  static void RunChanges(const Program& program, const Snapshot& snapshot,
                         const Reader::Clock& clock) {
    const auto number = [&](Space space, const char* name) {
      return static_cast<uint16_t>(*snapshot.FindNumber(space, name));
    };
    const EntityId user = *snapshot.FindEntity(number(Space::kType, "user"), "anna");
    const EntityId client = *snapshot.FindEntity(number(Space::kType, "client"), "alfa");
    using Target = ProposedChange::Target;
    Judge judge(program, clock);
    for (Target target : {Target::kFact, Target::kRole, Target::kHolds, Target::kSeats,
                          Target::kEntity, Target::kAttribute}) {
      ProposedChange change;
      change.target = target;
      change.adds = true;
      change.removes = target == Target::kAttribute;
      change.subject = target == Target::kSeats ? client : user;
      if (target < Target::kSeats) change.object = client;
      if (target < Target::kEntity) change.symbol = 1;
      if (target == Target::kRole) change.program = 0;
      change.relation = number(Space::kRelation, "granted");
      change.attribute = number(Space::kAttribute, "home");
      ChangeVerdict verdict;
      Asker asker;
      asker.actor = user;
      judge.AskRules(snapshot, asker, change, verdict);
      judge.Before(snapshot, {&change, 1}, 0);
      judge.After(snapshot, {&change, 1}, verdict);
    }
    judge.Broken(snapshot, 10, 0);
  }

  PolicyWorld world_;
  std::vector<uint64_t> words_;
  size_t size_ = 0;
};

TEST_F(ProgramTest, IsRefusedWhenAnyByteIsChanged) {
  ASSERT_TRUE(ReadProgram(bytes()).ok());
  for (size_t at = 0; at < size_; ++at) {
    for (const char change : {char{1}, static_cast<char>(0x80)}) {
      data()[at] = static_cast<char>(data()[at] ^ change);
      EXPECT_FALSE(ReadProgram(bytes()).ok()) << "byte " << at;
      data()[at] = static_cast<char>(data()[at] ^ change);
    }
  }
}

// The gate must not lean on the checksum: who can write the store can sum.
TEST_F(ProgramTest, RunsWithoutHarmWhenAChangedOneStillVerifies) {
  const Session session = world_.NewSession();
  Evaluator evaluator;
  size_t passed = 0;
  static constexpr char kChanges[] = {1, 2, static_cast<char>(0xff)};
  for (size_t at = 0; at < size_; ++at) {
    const char change = kChanges[at % 3];
    data()[at] = static_cast<char>(data()[at] ^ change);
    const Result<Program> program = ReadProgramUnsummed(bytes());
    if (program.ok()) {
      ++passed;
      RunAll(program.value(), evaluator, session.snapshot());
    }
    data()[at] = static_cast<char>(data()[at] ^ change);
  }
  EXPECT_GT(passed, 0u);
  EXPECT_LT(passed, size_);
}

// What is said to fit is not looked at while it runs.
TEST_F(ProgramTest, IsRefusedWhenItSaysThatMoreFitsThanDoes) {
  const Result<Program> program = ReadProgram(bytes());
  ASSERT_TRUE(program.ok());
  size_t fitting = 0;
  for (const NodeRecord& node : program.value().nodes) {
    fitting += node.fits != 0 ? 1 : 0;
    NodeRecord& changed = const_cast<NodeRecord&>(node);
    for (uint32_t bit = 0; bit < 32; ++bit) {
      if ((node.fits >> bit & 1) != 0) continue;
      changed.fits ^= 1u << bit;
      EXPECT_FALSE(ReadProgramUnsummed(bytes()).ok()) << "bit " << bit;
      changed.fits ^= 1u << bit;
    }
  }
  EXPECT_GT(fitting, 0u);
}

TEST_F(ProgramTest, IsRefusedWhenCutShortOrOfAnotherFormat) {
  for (size_t size = 0; size < size_; size += size < 1024 ? 1 : 97) {
    EXPECT_FALSE(ReadProgramUnsummed(bytes().substr(0, size)).ok()) << size;
  }
  reinterpret_cast<ProgramHeader*>(data())->format = kProgramFormat + 1;
  const Result<Program> newer = ReadProgram(bytes());
  ASSERT_FALSE(newer.ok());
  EXPECT_EQ(newer.error().code, Error::Code::kTooNew);
}

// Its numbers come from the store: what differs is only where it lies.
TEST_F(ProgramTest, IsTheSameFromTheSameSources) {
  PolicyWorld other(kPolicy);
  const Session session = other.NewSession();
  EXPECT_EQ(session.snapshot().PolicyProgram(1), bytes());
}

TEST_F(ProgramTest, IsDumpedAsTextThatNamesWhatItDoes) {
  const Result<std::string> dump = DumpProgram(bytes());
  ASSERT_TRUE(dump.ok());
  const std::string path = PORTVAKT_SOURCE_DIR "/tests/engine/golden/small_program.txt";
  if (std::getenv("PORTVAKT_UPDATE") != nullptr) std::ofstream(path) << dump.value();
  std::ifstream file(path);
  const std::string golden((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(golden, dump.value()) << "PORTVAKT_UPDATE=1 writes what is now right";
  EXPECT_FALSE(DumpProgram("no program").ok());
}

// Symbols of earlier policies keep their numbers: a program must not care.
TEST(Programs, DecideTheSameOverANumberSpaceWithHoles) {
  const std::string many = [] {
    std::string text = "policy many\nentity user\nopen entity thing\npermission first on thing\n";
    for (int i = 0; i < 200; ++i) text += "permission p" + std::to_string(i) + " on thing\n";
    return text + "permit p\n  user may first on thing\n";
  }();
  PolicyWorld world(many, "entities:\n  user: { anna: , bo: }\n");
  world.Install(kPolicy);
  world.Load(kData);
  PolicyWorld fresh(kPolicy, kData);
  const InputValues context = {{"login", TextInput("bankid")}, {"address", TextInput("10.0.0.1")}};
  for (const char* question : kQuestions) {
    EXPECT_EQ(world.Ask(question, context), fresh.Ask(question, context)) << question;
    EXPECT_EQ(world.Codes(question, context), fresh.Codes(question, context)) << question;
  }
  EXPECT_EQ(fresh.Ask("user anna lon.write client alfa", context), Tri::kTrue);
}

}  // namespace
}  // namespace portvakt::engine
