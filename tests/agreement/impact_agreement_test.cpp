// The impact of one random policy after another, against single checks of every stored subject,
// permission and resource under both.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include "dsl/dsl.h"
#include "engine/engine.h"
#include "engine/load.h"
#include "tests/agreement/generator.h"
#include "tests/agreement/harness.h"

namespace portvakt::agreement {
namespace {

using engine::Impact;
using engine::Tri;

struct Drawn {
  dsl::SourceSet sources;
  std::optional<dsl::Module> module;
};

Drawn DrawPolicy(Random& random) {
  for (;;) {
    Drawn drawn;
    dsl::Diagnostics findings;
    drawn.sources.Add("random.vakt", RandomPolicy(random));
    drawn.module = dsl::Compile(drawn.sources, findings);
    if (drawn.module) return drawn;
  }
}

std::string Shown(const engine::EntityName& subject, const engine::EntityName& resource) {
  return subject.type + ":" + subject.id + " " + resource.type + ":" + resource.id;
}

// By permission and effect: who and where.
using Changes = std::map<std::pair<std::string, size_t>, std::set<std::string>>;

class Comparison {
 public:
  Comparison(const std::string& directory, Random& random) {
    before_ = DrawPolicy(random);
    after_ = DrawPolicy(random);
    world_ = RandomWorld(*before_.module, random);
    engine_ = TemporaryEngine(directory);
    EXPECT_TRUE(engine_->InstallPolicy(before_.sources, *before_.module, {}).ok());
    std::istringstream data(Sentences(*before_.module, world_));
    EXPECT_TRUE(engine::LoadText(*engine_, *before_.module, "world", data).ok());
    const auto version = engine_->UploadPolicy(after_.sources, *after_.module, {});
    EXPECT_TRUE(version.ok());
    candidate_ = version.ok() ? *version : 0;
    if (random() % 2 == 0) {
      const Question question = RandomQuestion(*before_.module, world_, random);
      context_ = ToRequest(*before_.module, world_, question).context;
    }
  }

  void Run() {
    const Changes wanted = SingleChecks();
    auto session = engine_->NewSession();
    ASSERT_TRUE(session.ok());
    engine::ImpactQuery query;
    query.after = candidate_;
    query.context = context_;
    query.now_us = kNowUs;
    const auto impact = session->CompareDecisions(query);
    ASSERT_TRUE(impact.ok()) << impact.error().message;
    EXPECT_EQ(impact->undecided, 0u);
    Changes found;
    for (const Impact::Permission& permission : impact->permissions) {
      for (size_t effect = 0; effect < Impact::kEffects; ++effect) {
        const Impact::Tally& tally = permission.tallies[effect];
        if (tally.decisions == 0) continue;
        const auto at = wanted.find({permission.name, effect});
        ASSERT_NE(at, wanted.end()) << permission.name << " " << effect << "\n" << Describe();
        ASSERT_EQ(tally.decisions, at->second.size()) << permission.name << "\n" << Describe();
        std::set<std::string> subjects;
        for (const std::string& who : at->second) subjects.insert(who.substr(0, who.find(' ')));
        EXPECT_EQ(tally.subjects, subjects.size()) << permission.name << "\n" << Describe();
        EXPECT_EQ(tally.examples.size(), std::min(at->second.size(), engine::kMaxImpactExamples));
        for (const Impact::Example& example : tally.examples) {
          EXPECT_TRUE(at->second.contains(Shown(example.subject, example.resource)));
        }
        found[{permission.name, effect}] = at->second;
        changed += tally.decisions;
      }
    }
    EXPECT_EQ(found.size(), wanted.size()) << Describe();
  }

  uint64_t changed = 0;
  uint64_t checked = 0;

 private:
  Tri Check(engine::Session& session, const engine::EntityName& subject, const std::string& action,
            const engine::EntityName& resource) {
    engine::Request request;
    request.subject = subject;
    request.action = action;
    request.resource = resource;
    request.context = context_;
    request.now_us = kNowUs;
    ++checked;
    return session.Decide(request).verdict;
  }

  Changes SingleChecks() {
    std::set<std::string> permissions;
    for (const dsl::Module* module : {&*before_.module, &*after_.module}) {
      for (const dsl::Permission& each : module->permissions) permissions.insert(each.name);
    }
    std::vector<engine::EntityName> entities;
    for (const Entity& entity : world_.entities) {
      if (entity.stored) {
        entities.push_back({before_.module->types[entity.type].name, entity.id});
      }
    }
    auto old = engine_->NewSession();
    auto candidate = engine_->NewSession();
    engine::Moment moment;
    moment.policy_version = candidate_;
    EXPECT_TRUE(old->Refresh().ok());
    EXPECT_TRUE(candidate->GoTo(moment).ok());
    Changes changes;
    for (const auto& subject : entities) {
      for (const auto& resource : entities) {
        for (const std::string& permission : permissions) {
          const Tri was = Check(*old, subject, permission, resource);
          const Tri is = Check(*candidate, subject, permission, resource);
          if (was == is) continue;
          const size_t effect = is == Tri::kTrue ? 0 : is == Tri::kFalse ? 1 : 2;
          changes[{permission, effect}].insert(Shown(subject, resource));
        }
      }
    }
    return changes;
  }

  std::string Describe() const {
    return before_.sources.file(0).text + "\n---- becomes ----\n" + after_.sources.file(0).text +
           "\n" + Sentences(*before_.module, world_);
  }

  Drawn before_;
  Drawn after_;
  World world_;
  std::unique_ptr<engine::Engine> engine_;
  uint32_t candidate_ = 0;
  engine::InputValues context_;
};

TEST(ImpactAgreement, OfRandomPolicies) {
  const char* given = std::getenv("PORTVAKT_SEED");
  const uint64_t seed =
      given != nullptr
          ? std::strtoull(given, nullptr, 10)
          : static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  const char* length = std::getenv("PORTVAKT_LONG");
  const size_t rounds = length != nullptr && std::string(length) == "1" ? 500 : 25;
  std::cout << "seed " << seed << std::endl;
  const std::string directory = TemporaryDirectory("impact");
  uint64_t changed = 0;
  uint64_t checked = 0;
  for (uint64_t i = 0; i < rounds; ++i) {
    Random random(seed + i);
    Comparison comparison(directory, random);
    comparison.Run();
    changed += comparison.changed;
    checked += comparison.checked;
    if (HasFailure()) {
      std::cout << "seed of the failure: " << seed + i << std::endl;
      break;
    }
  }
  std::filesystem::remove_all(directory);
  std::cout << "impact: " << changed << " changed decisions of " << checked << " checks"
            << std::endl;
}

}  // namespace
}  // namespace portvakt::agreement
