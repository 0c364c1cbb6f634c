// The life of policies: what an upload leaves behind, and what is kept.
#include "engine/policy_versions.h"

#include "engine/compile.h"
#include "engine/history.h"
#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

std::string Policy(const std::string& more) {
  return "policy p \"the title\"\nentity user\nentity thing\ncontext { a : bool }\n"
         "permission see on thing\nfact user owns thing\npermit p\n  user may see on thing\n"
         "  if user owns thing\n" +
         more;
}

class PolicyLife : public testing::Test {
 protected:
  uint32_t Upload(const std::string& text) {
    dsl::SourceSet sources;
    sources.Add("policy.vakt", text);
    dsl::Diagnostics findings;
    const auto module = dsl::Compile(sources, findings);
    EXPECT_TRUE(module.has_value());
    if (!module) return 0;
    const auto version = world.engine().UploadPolicy(sources, *module, {"kim", "a try"});
    EXPECT_TRUE(version.ok()) << (version.ok() ? "" : version.error().message);
    return version.ok() ? *version : 0;
  }
  std::vector<PolicyVersion> List() {
    auto versions = world.engine().ListPolicies();
    EXPECT_TRUE(versions.ok());
    return versions.ok() ? *versions : std::vector<PolicyVersion>();
  }
  std::vector<std::string> Faults() {
    const auto report = world.engine().Verify({});
    EXPECT_TRUE(report.ok());
    std::vector<std::string> faults;
    for (const AuditReport::Fault& fault : report->faults) faults.push_back(fault.what);
    return faults;
  }

  PolicyWorld world{Policy(""),
                    "entities:\n  user: { u: , v: }\n  thing: { t: }\nfacts:\n  - u owns t\n"};
};

TEST_F(PolicyLife, AnUploadDecidesNothing) {
  const uint32_t candidate = Upload(Policy("permit everybody\n  user may see on thing\n"));
  EXPECT_EQ(candidate, 2u);
  EXPECT_EQ(world.Ask("user v see thing t"), Tri::kFalse);
  EXPECT_EQ(Upload(Policy("permit everybody\n  user may see on thing\n")), 2u) << "the same again";

  const auto versions = List();
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_TRUE(versions[0].active);
  EXPECT_TRUE(versions[0].activated.has_value());
  EXPECT_EQ(versions[1].title, "the title");
  EXPECT_EQ(versions[1].uploaded.actor, "kim");
  EXPECT_EQ(versions[1].uploaded.reason, "a try");
  EXPECT_FALSE(versions[1].active);
  EXPECT_FALSE(versions[1].activated.has_value());
  EXPECT_EQ(Faults(), std::vector<std::string>());
}

TEST_F(PolicyLife, AnUploadNumbersNoNames) {
  const uint32_t candidate = Upload(Policy("permission never_wanted on thing\nrole nobody_is\n"));
  {
    auto snapshot = world.engine().store().Read();
    EXPECT_FALSE(snapshot->FindNumber(Space::kPermission, "never_wanted").has_value());
    EXPECT_FALSE(snapshot->FindNumber(Space::kRole, "nobody_is").has_value());
    EXPECT_TRUE(snapshot->PolicyProgram(candidate).empty());
  }
  ASSERT_TRUE(world.engine().ActivatePolicy(candidate, std::nullopt, {}).ok());
  auto snapshot = world.engine().store().Read();
  EXPECT_TRUE(snapshot->FindNumber(Space::kPermission, "never_wanted").has_value());
  EXPECT_FALSE(snapshot->PolicyProgram(candidate).empty());
  EXPECT_EQ(Faults(), std::vector<std::string>());
}

TEST_F(PolicyLife, ACandidateCanBeAskedBeforeItIsActive) {
  const uint32_t candidate =
      Upload(Policy("permission touch on thing\nrole keeper\npermit everybody\n"
                    "  user may touch on thing\n  if user owns thing or user is keeper\n"));
  Session session = world.NewSession();
  Moment moment;
  moment.policy_version = candidate;
  ASSERT_TRUE(session.GoTo(moment).ok());
  EXPECT_EQ(session.policy_version(), candidate);
  EXPECT_TRUE(session.Decide(PolicyWorld::ToRequest("user u touch thing t")).permit);
  EXPECT_FALSE(session.Decide(PolicyWorld::ToRequest("user v touch thing t")).permit);
  ASSERT_TRUE(session.Refresh().ok());
  EXPECT_FALSE(session.Decide(PolicyWorld::ToRequest("user u touch thing t")).permit);
  EXPECT_TRUE(session.Decide(PolicyWorld::ToRequest("user u see thing t")).permit);
}

TEST_F(PolicyLife, TheOldestCandidatesGoAndWhatWasActiveStays) {
  const uint32_t kept = Upload(Policy("role kept\n"));
  ASSERT_TRUE(world.engine().ActivatePolicy(kept, std::nullopt, {}).ok());
  ASSERT_TRUE(world.engine().ActivatePolicy(1, std::nullopt, {}).ok());
  const uint32_t first = Upload(Policy("role r0\n"));
  for (size_t i = 1; i < kMaxCandidates; ++i) Upload(Policy("role r" + std::to_string(i) + "\n"));
  EXPECT_TRUE(world.engine().FindPolicy(first).ok());
  const uint32_t last = Upload(Policy("role one_more\n"));

  const auto gone = world.engine().FindPolicy(first);
  ASSERT_FALSE(gone.ok());
  EXPECT_EQ(gone.error().code, Error::Code::kNotFound);
  EXPECT_FALSE(world.engine().ActivatePolicy(first, std::nullopt, {}).ok());
  EXPECT_EQ(List().size(), kMaxCandidates + 2);
  EXPECT_TRUE(world.engine().FindPolicy(kept).ok());
  EXPECT_EQ(Upload(Policy("role r0\n")), last + 1) << "it comes back as another version";
  EXPECT_EQ(Faults(), std::vector<std::string>());

  HistoryQuery query;
  query.newest_first = true;
  query.limit = 2;
  Session session = world.NewSession();
  std::vector<std::string> told;
  for (const HistoryEntry& entry : session.History(query).entries) {
    told.push_back(std::to_string(static_cast<int>(entry.change.kind)) + " " + entry.change.text);
  }
  const auto name = [](PastChange::Kind kind, uint32_t version) {
    return std::to_string(static_cast<int>(kind)) + " policy version " + std::to_string(version);
  };
  EXPECT_EQ(told, (std::vector{name(PastChange::Kind::kInstalled, last + 1),
                               name(PastChange::Kind::kDropped, first + 1)}));
}

TEST_F(PolicyLife, ActivationWantsTheDigestThatIsActive) {
  const uint32_t candidate = Upload(Policy("role other\n"));
  const std::string first = List()[0].digest;
  const std::string second = List()[1].digest;
  const Status conflict = world.engine().ActivatePolicy(candidate, second, {});
  ASSERT_FALSE(conflict.ok());
  EXPECT_EQ(conflict.error().code, Error::Code::kConflict);
  EXPECT_FALSE(world.engine().ActivatePolicy(candidate, "", {}).ok());
  ASSERT_TRUE(world.engine().ActivatePolicy(candidate, first, {}).ok());
  ASSERT_TRUE(world.engine().ActivatePolicy(1, second, {"kim", "roll back"}).ok());
  const auto versions = List();
  EXPECT_TRUE(versions[0].active);
  EXPECT_EQ(versions[0].activated->reason, "roll back");
  EXPECT_GT(versions[0].activated->revision, versions[1].activated->revision);
  EXPECT_EQ(Faults(), std::vector<std::string>());
}

TEST_F(PolicyLife, GivesTheSourcesBack) {
  const auto sources = world.engine().PolicySources(1);
  ASSERT_TRUE(sources.ok());
  EXPECT_EQ(sources->file(0).name, "policy.vakt");
  EXPECT_EQ(sources->file(0).text, Policy(""));
  EXPECT_FALSE(world.engine().PolicySources(9).ok());
}

TEST_F(PolicyLife, RefusesWhatIsTooLarge) {
  dsl::SourceSet sources;
  sources.Add("policy.vakt", Policy("") + "//" + std::string(kMaxPolicyBytes, 'x') + "\n");
  const auto version = world.engine().UploadPolicy(sources, world.module(), {});
  ASSERT_FALSE(version.ok());
  EXPECT_EQ(version.error().code, Error::Code::kFull);
  EXPECT_NE(version.error().message.find(std::to_string(kMaxPolicyBytes)), std::string::npos);
}

TEST(StoreOfPolicies, NeverDropsWhatHasAProgram) {
  PolicyWorld world(Policy(""));
  auto writer = world.engine().store().Begin();
  ASSERT_TRUE(writer.ok());
  EXPECT_FALSE(writer->DropPolicy(1).ok());
  EXPECT_FALSE(writer->DropPolicy(2).ok());
}

}  // namespace
}  // namespace portvakt::engine
