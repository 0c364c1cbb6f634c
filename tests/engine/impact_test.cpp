// What another policy would change, told before it is activated.
#include "engine/impact.h"

#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

constexpr char kBefore[] = R"(policy p
entity user
entity thing
context { strong : bool }
permission see, touch, lend on thing
fact user owns thing
permit owners
  user may any of { see, touch } on thing
  if user owns thing
)";
constexpr char kAfter[] = R"(policy p
entity user
entity thing
context { strong : bool }
permission see, touch, give on thing
fact user owns thing
permit owners
  user may any of { see, touch } on thing
  if user owns thing
permit givers
  user may give on thing
  if user owns thing
forbid weak
  user may touch on thing
  unless context.strong
)";
constexpr char kData[] = R"(
entities:
  user: { ann: , bo: , cy: }
  thing: { t1: , t2: , t3: }
facts:
  - ann owns t1
  - ann owns t2
  - bo owns t3
)";

class ImpactTest : public testing::Test {
 protected:
  uint32_t Upload(const char* text) {
    dsl::SourceSet sources;
    sources.Add("policy.vakt", text);
    dsl::Diagnostics findings;
    const auto module = dsl::Compile(sources, findings);
    EXPECT_TRUE(module.has_value());
    const auto version = world.engine().UploadPolicy(sources, *module, {});
    EXPECT_TRUE(version.ok());
    return version.ok() ? *version : 0;
  }
  Impact Compare(const ImpactQuery& query) {
    Session session = world.NewSession();
    const auto impact = session.CompareDecisions(query);
    EXPECT_TRUE(impact.ok()) << (impact.ok() ? "" : impact.error().message);
    return impact.ok() ? *impact : Impact();
  }
  static std::string Told(const Impact& impact) {
    std::string text;
    for (const Impact::Permission& permission : impact.permissions) {
      text += permission.name;
      for (const Impact::Tally& tally : permission.tallies) {
        text += " " + std::to_string(tally.decisions) + "/" + std::to_string(tally.subjects);
      }
      text += "\n";
    }
    return text;
  }

  PolicyWorld world{kBefore, kData};
};

TEST_F(ImpactTest, TellsWhatIsGainedLostAndNowDepends) {
  ImpactQuery query;
  query.after = Upload(kAfter);
  const Impact impact = Compare(query);
  EXPECT_EQ(Told(impact), "give 3/2 0/0 0/0\ntouch 0/0 0/0 3/2\n");
  EXPECT_EQ(impact.before, 1u);
  EXPECT_EQ(impact.after, 2u);
  EXPECT_EQ(impact.subjects, 3u);
  const Impact::Permission& give = impact.permissions[0];
  EXPECT_FALSE(give.declared_before);
  EXPECT_TRUE(give.declared_after);
  const Impact::Example& example = give.tallies[0].examples.at(1);
  EXPECT_EQ(example.subject, (EntityName{"user", "ann"}));
  EXPECT_EQ(example.resource, (EntityName{"thing", "t2"}));
  EXPECT_EQ(example.before, Tri::kFalse);
  EXPECT_EQ(example.after, Tri::kTrue);
  ASSERT_EQ(impact.holders.size(), 2u);
  EXPECT_EQ(impact.holders[0].subject.id, "ann");
  EXPECT_EQ(impact.holders[0].decisions, (std::array<uint64_t, 3>{2, 0, 2}));
  EXPECT_EQ(impact.totals[2].decisions, 3u);
  EXPECT_EQ(impact.totals[2].subjects, 2u);
}

TEST_F(ImpactTest, ReadsTheContextAndTheOtherWayRound) {
  ImpactQuery query;
  query.before = Upload(kAfter);
  query.after = 1;
  EXPECT_EQ(Told(Compare(query)), "give 0/0 3/2 0/0\ntouch 3/2 0/0 0/0\n");
  query.context = {{"strong", BoolInput(true)}};
  EXPECT_EQ(Told(Compare(query)), "give 0/0 3/2 0/0\n");
  query.context = {{"strong", BoolInput(false)}};
  EXPECT_EQ(Told(Compare(query)), "give 0/0 3/2 0/0\ntouch 3/2 0/0 0/0\n");
}

TEST_F(ImpactTest, CountsAllAndShowsSome) {
  std::string more = "entities:\n  user:\n";
  for (size_t i = 0; i < 2 * kMaxImpactHolders + 5; ++i)
    more += "    u" + std::to_string(i) + ":\n";
  more += "facts:\n";
  for (size_t i = 0; i < 2 * kMaxImpactHolders + 5; ++i) {
    more += "  - u" + std::to_string(i) + " owns t1\n";
  }
  world.Load(more + "  - u204 owns t2\n");
  ImpactQuery query;
  query.after = Upload(kAfter);
  const Impact impact = Compare(query);
  EXPECT_EQ(impact.permissions[0].tallies[0].decisions, 2 * kMaxImpactHolders + 9);
  EXPECT_EQ(impact.permissions[0].tallies[0].examples.size(), kMaxImpactExamples);
  ASSERT_EQ(impact.holders.size(), kMaxImpactHolders);
  EXPECT_EQ(impact.holders[0].subject.id, "ann");
  EXPECT_EQ(impact.holders[1].subject.id, "u204");
  EXPECT_EQ(impact.totals[0].subjects, 2 * kMaxImpactHolders + 7);
}

TEST_F(ImpactTest, TellsHowFarItIsAndCanBeGivenUp) {
  ImpactQuery query;
  query.after = Upload(kAfter);
  Session session = world.NewSession();
  std::vector<uint64_t> seen;
  const auto told = session.CompareDecisions(query, [&](uint64_t done, uint64_t all) {
    EXPECT_EQ(all, 3u);
    seen.push_back(done);
    return true;
  });
  EXPECT_TRUE(told.ok());
  EXPECT_EQ(seen, (std::vector<uint64_t>{0, 1, 2, 3}));
  const auto stopped = session.CompareDecisions(query, [](uint64_t, uint64_t) { return false; });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, Error::Code::kConflict);
}

TEST_F(ImpactTest, NamesAVersionThatIsNotThere) {
  ImpactQuery query;
  query.after = 7;
  Session session = world.NewSession();
  const auto impact = session.CompareDecisions(query);
  ASSERT_FALSE(impact.ok());
  EXPECT_EQ(impact.error().code, Error::Code::kNotFound);
}

}  // namespace
}  // namespace portvakt::engine
