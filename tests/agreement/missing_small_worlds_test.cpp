// What is missing, against brute force in small worlds: every set of facts is tried with the
// reference evaluator. Sets are compared, so that nothing is left out and nothing too many is asked
// for. The seed of a run is printed; PORTVAKT_SEED repeats it.
#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "dsl/dsl.h"
#include "engine/load.h"
#include "tests/agreement/generator.h"
#include "tests/agreement/harness.h"
#include "tests/agreement/missing_sets.h"
#include "tests/agreement/reference.h"
#include "tests/agreement/small_worlds.h"

namespace portvakt::agreement {
namespace {

const SmallWorld kWorlds[] = {
    {"walls",
     R"(policy walls
entity user
entity client
permission see, alter on client
fact user serves client
fact user banned
role boss on client held by user gives alter
role chief on client held by user includes boss
permit serving
    user may see on client
    if user serves client
permit bosses
    user may permission on client
    if some role: ( user is role on client and role gives permission )
    or ( user serves client and not user is chief on client )
forbid out
    user may permission on client
    if user banned
    unless user is boss on client
)",
     {"user u", "client c", "client d"}},
    kGroups,
    {"licences",
     R"(policy licences
entity org
entity user { home : org }
program pay in org
    permission see
    permission run includes pay.see
licence seat held by user from org covers pay
licence look held by user from org covers *.see
licence pack held by org covers pay.see
fact user granted permission in org
fact user follows user as other
permit work
    user may permission in org
    if some licence: (
            licence covers permission
        and ( user holds licence from org or ( user.home is org and org holds licence ) ) )
    and some permission as tick: ( user granted tick in org and tick includes permission )
permit as_another
    user may pay.run in org
    if some user as other: ( user follows other and other may pay.see in org )
)",
     {"org o", "user u", "user v"}},
};

// The verdict of one question in every world, as bits by world.
using Verdicts = std::vector<bool>;

Verdicts InEveryWorld(const dsl::Module& module, World world, const std::vector<StoredFact>& all,
                      const Question& question) {
  Verdicts verdicts;
  for (uint32_t bits = 0; bits < 1u << all.size(); ++bits) {
    world.facts.clear();
    for (size_t i = 0; i < all.size(); ++i) {
      if ((bits >> i & 1) != 0) world.facts.push_back(all[i]);
    }
    verdicts.push_back(Decide(module, world, question) == Truth::kTrue);
  }
  return verdicts;
}

// Minimal sets of facts whose change makes it true, from one world on.
std::set<Facts> MinimalSets(const Verdicts& verdicts, uint32_t from,
                            const std::vector<std::string>& keys) {
  std::vector<uint32_t> flips;
  for (uint32_t flip = 0; flip < verdicts.size(); ++flip) flips.push_back(flip);
  std::stable_sort(flips.begin(), flips.end(),
                   [](uint32_t a, uint32_t b) { return std::popcount(a) < std::popcount(b); });
  std::vector<uint32_t> minimal;
  for (uint32_t flip : flips) {
    if (!verdicts[from ^ flip]) continue;
    const bool smaller = std::any_of(minimal.begin(), minimal.end(),
                                     [&](uint32_t other) { return (other & flip) == other; });
    if (!smaller) minimal.push_back(flip);
  }
  std::set<Facts> sets;
  for (uint32_t flip : minimal) {
    Facts facts;
    for (size_t i = 0; i < keys.size(); ++i) {
      if ((flip >> i & 1) != 0) facts.insert(keys[i]);
    }
    sets.insert(facts);
  }
  return sets;
}

class MissingInSmallWorlds : public testing::TestWithParam<SmallWorld> {};

TEST_P(MissingInSmallWorlds, NothingIsLeftOutAndNothingTooMany) {
  dsl::SourceSet sources;
  dsl::Diagnostics findings;
  sources.Add("small.vakt", GetParam().policy);
  const auto module = dsl::Compile(sources, findings);
  ASSERT_TRUE(module) << Findings(sources, findings);
  World world = StartOf(*module, GetParam());
  const std::vector<StoredFact> all = AllFacts(*module, world);
  ASSERT_LE(all.size(), 16u) << "too many worlds";
  std::vector<std::string> keys;
  for (const StoredFact& row : all) keys.push_back(KeyOf(*module, world, row));
  std::vector<std::pair<Question, Verdicts>> questions;
  for (const auto subject : OfTypes(world, {module->acts[0].variables[0].types})) {
    for (size_t object = 0; object < world.entities.size(); ++object) {
      for (uint32_t permission = 0; permission < module->permissions.size(); ++permission) {
        if (!Has(module->permissions[permission].on, world.entities[object].type)) continue;
        Question question;
        question.subject = *subject;
        question.object = object;
        question.permission = permission;
        question.now_us = kNowUs;
        questions.emplace_back(question, InEveryWorld(*module, world, all, question));
      }
    }
  }
  const uint64_t seed = SeedOfRun();
  Random random(seed);
  MissingTally tally;
  const std::string directory = TemporaryDirectory("missing");
  for (size_t round = 0; round < 60; ++round) {
    const auto bits = static_cast<uint32_t>(random() % (uint64_t{1} << all.size()));
    world.facts.clear();
    for (size_t i = 0; i < all.size(); ++i) {
      if ((bits >> i & 1) != 0) world.facts.push_back(all[i]);
    }
    auto engine = TemporaryEngine(directory);
    ASSERT_TRUE(engine);
    ASSERT_TRUE(engine->InstallPolicy(sources, *module, {}).ok());
    std::istringstream data(Sentences(*module, world));
    ASSERT_TRUE(engine::LoadText(*engine, *module, "world", data).ok());
    auto session = engine->NewSession();
    ASSERT_TRUE(session.ok() && session->Refresh().ok());
    for (const auto& [question, verdicts] : questions) {
      const auto answer = AskMissing(*session, ToRequest(*module, world, question));
      ASSERT_EQ(answer.permitted, verdicts[bits]);
      if (answer.permitted) continue;
      Count(answer, tally);
      std::set<Facts> found;
      for (const engine::MissingPlan& plan : answer.plans) {
        Facts facts;
        for (const engine::MissingStep& step : plan.steps) facts.insert(KeyOf(step));
        EXPECT_TRUE(found.insert(facts).second) << "told twice";
      }
      const std::set<Facts> expected = MinimalSets(verdicts, bits, keys);
      ASSERT_EQ(found, expected) << Sentences(*module, world) << "\n"
                                 << NameOf(*module, world, question.subject) << " "
                                 << module->permissions[question.permission].name << " "
                                 << NameOf(*module, world, question.object) << "\nfound:\n"
                                 << Told(found) << "expected:\n"
                                 << Told(expected);
      EXPECT_TRUE(answer.complete);
    }
  }
  std::cout << "missing: " << Report(tally) << std::endl;
  std::filesystem::remove_all(directory);
}

INSTANTIATE_TEST_SUITE_P(Every, MissingInSmallWorlds, testing::ValuesIn(kWorlds),
                         [](const auto& world) { return std::string(world.param.name); });

}  // namespace
}  // namespace portvakt::agreement
