// Every world of a small policy: each subset of the possible facts, each question, each context.
// The worlds are walked in Gray order, so that each differs from the one before by a single fact.
#include "tests/agreement/small_worlds.h"

#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "dsl/dsl.h"
#include "engine/load.h"
#include "tests/agreement/generator.h"
#include "tests/agreement/harness.h"
#include "tests/agreement/reference.h"

namespace portvakt::agreement {
namespace {

const SmallWorld kWorlds[] = {
    {"walls",
     R"(policy walls
entity user
entity client
context { strong : bool }
permission see, alter on client
fact user serves client
fact user banned
role boss on client held by user gives alter
permit serving
    user may see on client
    if user serves client
permit bosses
    user may permission on client
    if some role: ( user is role on client and role gives permission )
    or ( user serves client and context.strong )
forbid out
    user may permission on client
    if user banned
    unless context.strong
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
permit work
    user may permission in org
    if some licence: (
            licence covers permission
        and ( user holds licence from org or ( user.home is org and org holds licence ) ) )
    and some permission as tick: ( user granted tick in org and tick includes permission )
)",
     {"org o", "user u"}},
};

std::string OneSentence(const dsl::Module& module, const World& world, const StoredFact& row) {
  World single;
  single.entities = world.entities;
  for (Entity& entity : single.entities) entity.stored = false;
  single.facts.push_back(row);
  std::string text = Sentences(module, single);
  if (!text.empty()) text.pop_back();
  return text;
}

void AskAll(const dsl::Module& module, const World& world, engine::Session& session,
            uint64_t& asked) {
  Question question;
  question.now_us = kNowUs;
  for (; question.subject < world.entities.size(); ++question.subject) {
    if (module.types[world.entities[question.subject].type].name != "user") continue;
    for (question.object = 0; question.object < world.entities.size(); ++question.object) {
      for (question.permission = 0; question.permission < module.permissions.size();
           ++question.permission) {
        for (int strong = module.context.empty() ? 2 : 0; strong < 3; ++strong) {
          question.context.clear();
          if (strong < 2) question.context["strong"] = {strong, ""};
          Truth expected = Decide(module, world, question);
          auto decision = session.Decide(ToRequest(module, world, question));
          ASSERT_EQ(static_cast<int>(decision.verdict), static_cast<int>(expected))
              << Sentences(module, world) << "\n"
              << module.permissions[question.permission].name << " strong " << strong;
          ++asked;
        }
      }
    }
  }
}

class SmallWorlds : public testing::TestWithParam<SmallWorld> {};

TEST_P(SmallWorlds, AgreeEverywhere) {
  dsl::SourceSet sources;
  dsl::Diagnostics findings;
  sources.Add("small.vakt", GetParam().policy);
  auto module = dsl::Compile(sources, findings);
  ASSERT_TRUE(module) << Findings(sources, findings);
  World world = StartOf(*module, GetParam());
  const std::vector<StoredFact> all = AllFacts(*module, world);
  ASSERT_LE(all.size(), 12u) << "too many worlds";
  const std::string directory = TemporaryDirectory("small");
  auto engine = TemporaryEngine(directory);
  ASSERT_TRUE(engine);
  ASSERT_TRUE(engine->InstallPolicy(sources, *module, {}).ok());
  std::istringstream entities(Sentences(*module, world));
  ASSERT_TRUE(engine::LoadText(*engine, *module, "entities", entities).ok());
  auto session = engine->NewSession();
  ASSERT_TRUE(session.ok());
  uint64_t asked = 0;
  uint32_t gray = 0;
  for (uint32_t i = 0; i < (1u << all.size()); ++i) {
    const uint32_t next = i ^ (i >> 1);
    if (next != gray) {
      const auto flipped = static_cast<size_t>(std::countr_zero(next ^ gray));
      const std::string sentence = OneSentence(*module, world, all[flipped]);
      std::istringstream line(sentence);
      auto report = (next >> flipped) & 1 ? engine::LoadText(*engine, *module, "fact", line)
                                          : engine::RemoveSentences(*engine, *module, {sentence});
      ASSERT_TRUE(report.ok()) << sentence << ": " << report.findings[0].message;
      ASSERT_EQ(report.changed, 1u) << sentence;
      gray = next;
      world.facts.clear();
      for (size_t f = 0; f < all.size(); ++f) {
        if ((gray >> f) & 1) world.facts.push_back(all[f]);
      }
    }
    ASSERT_TRUE(session->Refresh().ok());
    ASSERT_NO_FATAL_FAILURE(AskAll(*module, world, *session, asked));
  }
  std::cout << "agreement: " << GetParam().name << ", " << (1u << all.size()) << " worlds, "
            << asked << " questions" << std::endl;
  std::filesystem::remove_all(directory);
}

INSTANTIATE_TEST_SUITE_P(Every, SmallWorlds, testing::ValuesIn(kWorlds),
                         [](const auto& world) { return std::string(world.param.name); });

}  // namespace
}  // namespace portvakt::agreement
