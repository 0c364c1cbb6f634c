// What is missing, against brute force in random worlds: every plan does and no part of it would
// (but for what somebody needs to make a step), and no set of up to three of some thirty facts is
// left out. The seed of a run is printed; PORTVAKT_SEED repeats it, PORTVAKT_LONG=1 makes it long.
#include <gtest/gtest.h>

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

struct Ready {
  std::optional<dsl::Module> module;
  std::unique_ptr<engine::Engine> engine;
  World world;
  std::string text;
};

// Without limits: those take plans away, which brute force knows nothing of. False: the checker
// refuses the policy.
bool MakeReady(const std::string& directory, Random& random, Ready& ready) {
  ready.text = RandomPolicy(random);
  ready.text = ready.text.substr(0, ready.text.find("limit limit0"));
  dsl::SourceSet sources;
  dsl::Diagnostics findings;
  sources.Add("random.vakt", ready.text);
  ready.module = dsl::Compile(sources, findings);
  if (!ready.module) return false;
  ready.world = RandomWorld(*ready.module, random);
  ready.engine = TemporaryEngine(directory);
  EXPECT_TRUE(ready.engine->InstallPolicy(sources, *ready.module, {}).ok());
  std::istringstream data(Sentences(*ready.module, ready.world));
  EXPECT_TRUE(engine::LoadText(*ready.engine, *ready.module, "world", data).ok());
  return true;
}

// A world's facts and seats under their keys, to change one after the other.
class Changing {
 public:
  Changing(const dsl::Module& module, const World& world) : world_(world) {
    for (const StoredFact& row : AllFacts(module, world)) rows_[KeyOf(module, world, row)] = row;
    for (size_t pool = 0; pool < world.entities.size(); ++pool) {
      for (uint32_t licence = 0; licence < module.licences.size(); ++licence) {
        if (!Has(module.licences[licence].from, world.entities[pool].type)) continue;
        seats_["seats " + NameOf(module, world, pool) + " " + module.licences[licence].name] = {
            pool, licence};
      }
    }
  }

  std::vector<std::string> Keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, row] : rows_) keys.push_back(key);
    for (const auto& [key, seats] : seats_) keys.push_back(key);
    return keys;
  }
  // Whether all can be changed: none is something that the request brings.
  bool Knows(const Facts& keys) const {
    return std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
      return rows_.contains(key) || seats_.contains(key);
    });
  }
  World With(const Facts& keys) const {
    World world = world_;
    for (const std::string& key : keys) {
      if (const auto seats = seats_.find(key); seats != seats_.end()) {
        world.seats[seats->second] = 1'000;
        continue;
      }
      const StoredFact& row = rows_.at(key);
      const auto same = [&](const StoredFact& other) {
        return other.kind == row.kind && other.which == row.which && other.subject == row.subject &&
               other.object == row.object && other.symbol == row.symbol;
      };
      const bool held = std::any_of(
          world.facts.begin(), world.facts.end(),
          [&](const StoredFact& other) { return same(other) && other.ValidAt(kNowUs); });
      std::erase_if(world.facts, same);
      if (!held) world.facts.push_back(row);
    }
    return world;
  }

 private:
  const World& world_;
  std::map<std::string, StoredFact> rows_;
  std::map<std::string, std::pair<size_t, dsl::LicenceId>> seats_;
};

// Every set of up to three of `keys` that does and of which no part does.
std::set<Facts> MinimalSetsOf(const dsl::Module& module, const Changing& changing,
                              const Question& question, const std::vector<std::string>& keys) {
  std::set<Facts> found;
  const auto consider = [&](const Facts& facts) {
    for (const Facts& smaller : found) {
      if (std::includes(facts.begin(), facts.end(), smaller.begin(), smaller.end())) return;
    }
    if (Decide(module, changing.With(facts), question) == Truth::kTrue) found.insert(facts);
  };
  for (const auto& a : keys) consider({a});
  for (const auto& a : keys) {
    for (const auto& b : keys) {
      if (a < b) consider({a, b});
    }
  }
  for (const auto& a : keys) {
    for (const auto& b : keys) {
      for (const auto& c : keys) {
        if (a < b && b < c) consider({a, b, c});
      }
    }
  }
  return found;
}

// Facts worth trying: those that the plans name, and others, of the subject or resource first.
std::vector<std::string> Sample(const Ready& ready, const Changing& changing,
                                const Question& question, const std::set<Facts>& plans,
                                Random& random) {
  constexpr size_t kSample = 26;
  std::vector<std::string> keys = changing.Keys();
  std::shuffle(keys.begin(), keys.end(), random);
  const std::string subject = NameOf(*ready.module, ready.world, question.subject);
  const std::string object = NameOf(*ready.module, ready.world, question.object);
  const auto strange = [&](const std::string& key) {
    return key.find(subject) == std::string::npos && key.find(object) == std::string::npos;
  };
  std::stable_sort(keys.begin(), keys.end(), [&](const std::string& a, const std::string& b) {
    return strange(a) < strange(b);
  });
  std::set<std::string> chosen;
  for (const Facts& plan : plans) {
    if (chosen.size() < kSample / 2 && changing.Knows(plan)) {
      chosen.insert(plan.begin(), plan.end());
    }
  }
  for (size_t i = 0; chosen.size() < kSample && i < keys.size(); ++i) {
    // Mostly near ones, some from afar.
    chosen.insert(i % 4 == 3 ? keys[keys.size() - 1 - i] : keys[i]);
  }
  return {chosen.begin(), chosen.end()};
}

Facts FactsOf(const engine::MissingPlan& plan) {
  Facts facts;
  for (const engine::MissingStep& step : plan.steps) facts.insert(KeyOf(step));
  return facts;
}

// Whether a step of those in `some` is nobody's now: a plan then holds steps besides that make it
// somebody's, as rules about changes want.
bool WantsMore(const Ready& ready, const engine::MissingPlan& plan, const Facts& some,
               const engine::Request& request) {
  const auto anybody = [&](const engine::MissingStep& step) {
    for (const Entity& entity : ready.world.entities) {
      engine::ChangeRequest change;
      change.actor = {ready.module->types[entity.type].name, entity.id};
      change.changes = {step.change};
      change.context = request.context;
      change.dry_run = true;
      if (ready.engine->Change(change).ok()) return true;
    }
    return false;
  };
  for (const engine::MissingStep& step : plan.steps) {
    if (some.contains(KeyOf(step)) && !anybody(step)) return true;
  }
  return false;
}

void CheckOne(const Ready& ready, engine::Session& session, const Question& question,
              Random& random, MissingTally& tally) {
  const engine::Request request = ToRequest(*ready.module, ready.world, question);
  const auto answer = AskMissing(session, request);
  const Truth truth = Decide(*ready.module, ready.world, question);
  ASSERT_EQ(answer.permitted, truth == Truth::kTrue);
  if (answer.permitted) return;
  Count(answer, tally);
  const Changing changing(*ready.module, ready.world);
  const auto where = [&] {
    std::string context;
    for (const auto& [name, value] : request.context) context += " " + name + "=" + value.text;
    return request.subject.id + " " + request.action + " " + request.resource.id + context + "\n" +
           ready.text + "\n" + Sentences(*ready.module, ready.world);
  };
  std::set<Facts> found;
  for (const engine::MissingPlan& plan : answer.plans) {
    const Facts facts = FactsOf(plan);
    ASSERT_TRUE(found.insert(facts).second) << Told({facts}) << where();
    if (OfRequest(plan)) continue;
    ASSERT_TRUE(changing.Knows(facts)) << Told({facts}) << where();
    ASSERT_EQ(Decide(*ready.module, changing.With(facts), question), Truth::kTrue)
        << "does not do:\n"
        << Told({facts}) << where();
    if (plan.steps.size() > 6) continue;
    const std::vector<std::string> parts(facts.begin(), facts.end());
    for (uint32_t bits = 0; bits + 1 < 1u << parts.size(); ++bits) {
      Facts some;
      for (size_t i = 0; i < parts.size(); ++i) {
        if ((bits >> i & 1) != 0) some.insert(parts[i]);
      }
      const bool part_would_do =
          Decide(*ready.module, changing.With(some), question) == Truth::kTrue;
      ASSERT_FALSE(part_would_do && !WantsMore(ready, plan, some, request))
          << "a part would do:\n"
          << Told({facts, some}) << where();
    }
  }
  if (!answer.complete) return;
  const std::vector<std::string> keys = Sample(ready, changing, question, found, random);
  const auto told = [&](const Facts& facts) {
    return found.contains(facts) ||
           std::any_of(answer.plans.begin(), answer.plans.end(), [&](const auto& plan) {
             const Facts whole = FactsOf(plan);
             return std::includes(whole.begin(), whole.end(), facts.begin(), facts.end()) &&
                    WantsMore(ready, plan, facts, request);
           });
  };
  for (const Facts& facts : MinimalSetsOf(*ready.module, changing, question, keys)) {
    ASSERT_TRUE(told(facts)) << "left out:\n"
                             << Told({facts}) << "found:\n"
                             << Told(found) << where();
  }
}

TEST(Missing, RandomPoliciesAndData) {
  const bool is_long = IsLongRun();
  const size_t policies = is_long ? 2'000 : 40;
  const uint64_t seed = SeedOfRun();
  MissingTally tally;
  const std::string directory = TemporaryDirectory("missing-random");
  size_t made = 0;
  for (uint64_t i = 0; made < policies; ++i) {
    Random random(seed + i);
    Ready ready;
    if (!MakeReady(directory, random, ready)) continue;
    ++made;
    auto session = ready.engine->NewSession();
    ASSERT_TRUE(session.ok() && session->Refresh().ok());
    for (size_t asked = 0; asked < 6; ++asked) {
      const size_t entities = ready.world.entities.size();
      const Question question = RandomQuestion(*ready.module, ready.world, random);
      CheckOne(ready, *session, question, random, tally);
      ready.world.entities.resize(entities);
    }
    if (HasFatalFailure()) {
      std::cout << "seed of the failure: " << seed + i << std::endl;
      break;
    }
  }
  std::cout << "missing: " << Report(tally) << std::endl;
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace portvakt::agreement
