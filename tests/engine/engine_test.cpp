// Policies come and go: versions, activation, and programs that another Portvakt compiled.
#include "engine/engine.h"

#include "engine/program.h"
#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

std::string Policy(const char* condition) {
  return std::string(
             "policy p\nentity user\nopen entity thing\ncontext { a : bool }\n"
             "permission see on thing\npermit p\n  user may see on thing\n") +
         condition;
}

TEST(Policies, AreInstalledOnceAndActivatedAgain) {
  PolicyWorld world(Policy(""), "entities:\n  user: { u: }\n");
  EXPECT_EQ(world.Ask("user u see thing t"), Tri::kTrue);
  const uint64_t revision = world.NewSession().revision();
  EXPECT_EQ(world.Install(Policy("")), 1u);
  EXPECT_EQ(world.NewSession().revision(), revision) << "the same again changes nothing";

  EXPECT_EQ(world.Install(Policy("  if context.a\n")), 2u);
  EXPECT_EQ(world.Ask("user u see thing t"), Tri::kUnknown);
  EXPECT_EQ(world.Install(Policy("")), 1u) << "an earlier version comes back";
  EXPECT_EQ(world.Ask("user u see thing t"), Tri::kTrue);
  EXPECT_EQ(world.NewSession().policy_version(), 1u);
}

TEST(Policies, AreActivatedOnlyFromTheExpectedOne) {
  PolicyWorld world(Policy(""), "entities:\n  user: { u: }\n");
  world.Install(Policy("  if context.a\n"));
  const auto digest = [&](uint32_t version) { return world.engine().FindPolicy(version)->digest; };
  const Status conflict = world.engine().ActivatePolicy(1, digest(1), {});
  ASSERT_FALSE(conflict.ok());
  EXPECT_EQ(conflict.error().code, Error::Code::kConflict);
  EXPECT_TRUE(world.engine().ActivatePolicy(1, digest(2), {}).ok());
  EXPECT_EQ(world.NewSession().policy_version(), 1u);
  const Status missing = world.engine().ActivatePolicy(9, std::nullopt, {});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, Error::Code::kNotFound);
}

TEST(Sessions, StayAtTheirRevisionUntilRefreshed) {
  PolicyWorld world(Policy(""), "entities:\n  user: { u: }\n");
  Session session = world.NewSession();
  world.Install(Policy("  if context.a\n"));
  world.Load("entities:\n  user: { late: }\n");
  const Request request = PolicyWorld::ToRequest("user late see thing t");
  EXPECT_EQ(session.Explain(request).reasons.at(0).code, "unknown_entity");
  ASSERT_TRUE(session.Refresh().ok());
  EXPECT_EQ(session.Decide(request).verdict, Tri::kUnknown);
  EXPECT_EQ(session.Decide(request).policy_version, 2u);
  EXPECT_EQ(session.Decide(request).revision, session.revision());
}

// What a session has fetched for one question serves the next, but never in another state.
TEST(Sessions, SeeEveryFactThatIsNewAndNoneThatIsNotYet) {
  PolicyWorld world(
      "policy p\nentity user\nentity thing { kept : bool optional }\npermission see on thing\n"
      "fact user owns thing\npermit p\n  user may see on thing\n  if user owns thing\n",
      "entities:\n  user: { u: }\n  thing: { t: }\n");
  Session session = world.NewSession();
  const Request request = PolicyWorld::ToRequest("user u see thing t");
  const auto permits = [&] {
    return session.Decide(request).permit && session.Decide(request).permit;
  };
  ASSERT_FALSE(permits());
  const uint64_t before = session.revision();
  world.Load("facts:\n  - u owns t\n");
  EXPECT_FALSE(permits()) << "the session still stands where it stood";
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(session.Refresh().ok());
    EXPECT_TRUE(permits());
    ASSERT_TRUE(session.GoTo({.revision = before, .instant_us = {}, .policy_version = {}}).ok());
    EXPECT_FALSE(permits());
  }
}

TEST(Sessions, DenyEverythingWithoutAPolicy) {
  ScratchDirectory directory;
  Engine::Options options;
  options.store = kScratchOptions;
  auto engine = Engine::Open(directory.path(), options);
  ASSERT_TRUE(engine.ok());
  auto session = (*engine)->NewSession();
  ASSERT_TRUE(session.ok());
  EXPECT_FALSE(session->Refresh().ok());
  const Explanation why = session->Explain(PolicyWorld::ToRequest("user u see thing t"));
  EXPECT_FALSE(why.decision.permit);
  EXPECT_EQ(why.reasons.at(0).code, "no_policy");
  EXPECT_FALSE((*engine)->ActiveModule().ok());
}

class ProgramsOfOthers : public testing::Test {
 protected:
  // Opens the directory's engine after `change` has been at the active program's bytes.
  template <class Change>
  void Reopen(const Change& change) {
    Engine::Options options;
    options.store = kScratchOptions;
    {
      auto engine = Engine::Open(directory_.path(), options);
      ASSERT_TRUE(engine.ok());
      dsl::SourceSet sources;
      sources.Add("p.vakt", Policy(""));
      dsl::Diagnostics findings;
      const auto module = dsl::Compile(sources, findings);
      ASSERT_TRUE(module.has_value());
      ASSERT_TRUE((*engine)->InstallPolicy(sources, *module, {}).ok());
      ASSERT_TRUE(LoadYaml(**engine, *module, "d", "entities:\n  user: { u: }\n").ok());
      std::string program;
      {
        auto snapshot = (*engine)->store().Read();
        ASSERT_TRUE(snapshot.ok());
        program = std::string(snapshot->PolicyProgram(1));
      }
      change(program);
      auto writer = (*engine)->store().Begin();
      ASSERT_TRUE(writer.ok());
      ASSERT_TRUE(writer->ReplaceProgram(1, program).ok());
      ASSERT_TRUE(writer->Commit({}).ok());
    }
    auto engine = Engine::Open(directory_.path(), options);
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(*engine);
  }
  ScratchDirectory directory_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(ProgramsOfOthers, OfAnotherFormatAreCompiledAgain) {
  Reopen([](std::string& program) {
    reinterpret_cast<ProgramHeader*>(program.data())->format = kProgramFormat + 7;
  });
  auto session = engine_->NewSession();
  ASSERT_TRUE(session.ok());
  ASSERT_TRUE(session->Refresh().ok());
  EXPECT_TRUE(session->Decide(PolicyWorld::ToRequest("user u see thing t")).permit);
}

TEST_F(ProgramsOfOthers, ThatAreDamagedDenyEverything) {
  Reopen([](std::string& program) { program[program.size() / 2] ^= 1; });
  auto session = engine_->NewSession();
  ASSERT_TRUE(session.ok());
  EXPECT_FALSE(session->Refresh().ok());
  const Explanation why = session->Explain(PolicyWorld::ToRequest("user u see thing t"));
  EXPECT_FALSE(why.decision.permit);
  EXPECT_EQ(why.reasons.at(0).code, "no_policy");

  // Installing the same sources mends it.
  dsl::SourceSet sources;
  sources.Add("p.vakt", Policy(""));
  dsl::Diagnostics findings;
  const auto module = dsl::Compile(sources, findings);
  ASSERT_TRUE(module.has_value());
  ASSERT_TRUE(engine_->InstallPolicy(sources, *module, {}).ok());
  ASSERT_TRUE(session->Refresh().ok());
  EXPECT_TRUE(session->Decide(PolicyWorld::ToRequest("user u see thing t")).permit);
}

// The deepest policy that the checker admits: definitions that lean on each other, each nested.
TEST(Budget, BearsTheDeepestConditions) {
  std::string policy =
      "policy p\nentity user\nentity thing\npermission see on thing\n"
      "fact user owns thing\n";
  for (int i = 0; i < 24; ++i) {
    policy += "define user at" + std::to_string(i) + " thing\n  if ";
    for (int depth = 0; depth < 30; ++depth) policy += "not ( ";
    policy += i == 0 ? "user owns thing" : "user at" + std::to_string(i - 1) + " thing";
    for (int depth = 0; depth < 30; ++depth) policy += " )";
    policy += "\n";
  }
  policy += "permit p\n  user may see on thing\n  if user at23 thing\n";
  PolicyWorld world(policy,
                    "entities:\n  user: { u: }\n  thing: { t: , s: }\nfacts:\n  - u owns t\n");
  EXPECT_EQ(world.Ask("user u see thing t"), Tri::kTrue);
  EXPECT_EQ(world.Ask("user u see thing s"), Tri::kFalse);
}

// A decision that would take too long is denied, and says so.
TEST(Budget, DeniesWhatWouldTakeTooLong) {
  std::string data = "entities:\n  user: { u: }\n  node:\n";
  for (int i = 0; i < 120; ++i) data += "    n" + std::to_string(i) + ":\n";
  data += "facts:\n";
  for (int i = 0; i < 120; ++i) data += "  - u near n" + std::to_string(i) + "\n";
  PolicyWorld world(R"(policy p
entity user
entity node
permission see, look on node
fact user near node
permit everything
  user may see on node
  if some node as a, node as b, node as c: (
        user near a and user near b and user near c and not user near b )
permit look
  user may look on node
)",
                    data);
  EXPECT_EQ(world.Ask("user u see node n0"), Tri::kFalse);
  EXPECT_EQ(world.Codes("user u see node n0"), "budget");
  EXPECT_EQ(world.Ask("user u look node n0"), Tri::kTrue) << "the next decision has its own";
}

}  // namespace
}  // namespace portvakt::engine
