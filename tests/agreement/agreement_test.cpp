// The engine against the reference evaluator on random policies, data and questions. The seed of a
// run is printed; PORTVAKT_SEED repeats it, and PORTVAKT_LONG=1 asks millions.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "dsl/dsl.h"
#include "engine/engine.h"
#include "engine/load.h"
#include "tests/agreement/generator.h"
#include "tests/agreement/harness.h"
#include "tests/agreement/reference.h"

namespace portvakt::agreement {
namespace {

struct Tally {
  uint64_t permits = 0, denies = 0, unknown = 0, policies = 0, rejected = 0;
  uint64_t total() const { return permits + denies + unknown; }
  void Add(Truth truth) {
    (truth == Truth::kTrue ? permits : truth == Truth::kUnknown ? unknown : denies)++;
  }
};

// One policy with its data: loads both, asks `count` questions, compares decision and explanation.
void RunPolicy(const std::string& directory, Random& random, size_t count, Tally& tally) {
  const std::string text = RandomPolicy(random);
  dsl::SourceSet sources;
  dsl::Diagnostics findings;
  sources.Add("random.vakt", text);
  auto module = dsl::Compile(sources, findings);
  if (!module) {
    ++tally.rejected;
    if (std::getenv("PORTVAKT_SHOW")) std::cerr << text << Findings(sources, findings);
    return;
  }
  ++tally.policies;
  World world = RandomWorld(*module, random);
  auto engine = TemporaryEngine(directory);
  ASSERT_TRUE(engine);
  auto version = engine->InstallPolicy(sources, *module, {});
  ASSERT_TRUE(version.ok()) << version.error().message << "\n" << text;
  std::istringstream data(Sentences(*module, world));
  auto report = engine::LoadText(*engine, *module, "world", data);
  ASSERT_TRUE(report.ok()) << report.findings[0].message << " at line " << report.findings[0].line
                           << "\n"
                           << data.str();
  auto session = engine->NewSession();
  ASSERT_TRUE(session.ok());
  ASSERT_TRUE(session->Refresh().ok());
  for (size_t i = 0; i < count; ++i) {
    Question question = RandomQuestion(*module, world, random);
    Truth expected = Decide(*module, world, question);
    engine::Request request = ToRequest(*module, world, question);
    engine::Decision decision = session->Decide(request);
    auto describe = [&] {
      std::ostringstream out;
      out << request.subject.type << ":" << request.subject.id << " " << request.action << " "
          << request.resource.type << ":" << request.resource.id << "\ncontext:";
      for (const auto& [name, value] : request.context) {
        out << " " << name << "=" << value.text << value.number << value.boolean;
      }
      out << "\n" << text << "\n" << Sentences(*module, world);
      return out.str();
    };
    ASSERT_EQ(static_cast<int>(decision.verdict), static_cast<int>(expected)) << describe();
    ASSERT_EQ(decision.permit, expected == Truth::kTrue);
    if (i % 10 == 0) {
      engine::Explanation explanation = session->Explain(request);
      ASSERT_EQ(explanation.decision.verdict, decision.verdict) << describe();
      ASSERT_EQ(explanation.reasons.empty(), decision.permit) << describe();
    }
    tally.Add(expected);
  }
}

TEST(Agreement, RandomPoliciesAndData) {
  const bool is_long = IsLongRun();
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  const size_t policies = is_long ? 2'100 : 200;
#else
  const size_t policies = is_long ? 40'000 : 2'100;
#endif
  const uint64_t seed = SeedOfRun();
  Tally tally;
  const std::string directory = TemporaryDirectory("random");
  for (uint64_t i = 0; tally.policies < policies; ++i) {
    Random random(seed + i);
    RunPolicy(directory, random, 100, tally);
    if (HasFatalFailure()) {
      std::cout << "seed of the failure: " << seed + i << std::endl;
      break;
    }
    ASSERT_LT(tally.rejected, 50 + tally.policies / 10) << "the checker refuses too many policies";
  }
  std::filesystem::remove_all(directory);
  auto share = [&](uint64_t part) {
    return 100.0 * static_cast<double>(part) / static_cast<double>(tally.total());
  };
  std::cout << "agreement: " << tally.total() << " requests over " << tally.policies
            << " policies (" << tally.rejected
            << " drawn policies refused by the checker): permits " << share(tally.permits)
            << " %, denies " << share(tally.denies) << " %, denies caused by an unknown "
            << share(tally.unknown) << " %" << std::endl;
  EXPECT_GT(share(tally.permits), 10.0);
  EXPECT_GT(share(tally.denies), 10.0);
  EXPECT_GT(share(tally.unknown), 10.0);
}

}  // namespace
}  // namespace portvakt::agreement
