// What is missing, followed: in random worlds with rules about changes and limits, the steps of a
// plan are made in their order, each by those who are named for it, and the deny has become a
// permit. The seed of a run is printed; PORTVAKT_SEED repeats it, PORTVAKT_LONG=1 makes it long.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "dsl/dsl.h"
#include "engine/load.h"
#include "tests/agreement/generator.h"
#include "tests/agreement/harness.h"
#include "tests/agreement/missing_sets.h"

namespace portvakt::agreement {
namespace {

struct Followed {
  uint64_t plans = 0;
  uint64_t by_named = 0;     // steps
  uint64_t by_operator = 0;  // steps that nobody is named for
  uint64_t with_more = 0;    // steps whose rules ask for what the request does not bring
};

struct Place {
  dsl::Module module;
  std::unique_ptr<engine::Engine> engine;
  World world;
  std::string text;
};

std::optional<Place> DrawPlace(const std::string& directory, Random& random) {
  Place place;
  place.text = RandomPolicy(random);
  dsl::SourceSet sources;
  dsl::Diagnostics findings;
  sources.Add("random.vakt", place.text);
  auto module = dsl::Compile(sources, findings);
  if (!module) return std::nullopt;
  place.module = *std::move(module);
  place.world = RandomWorld(place.module, random);
  place.engine = TemporaryEngine(directory);
  EXPECT_TRUE(place.engine->InstallPolicy(sources, place.module, {}).ok());
  std::istringstream data(Sentences(place.module, place.world));
  EXPECT_TRUE(engine::LoadText(*place.engine, place.module, "world", data).ok());
  return place;
}

// As the first of those who are named, after all of them have tried it; where a rule asks for more
// than the request brings, and where nobody is named, as the operator.
void MakeStep(Place& place, const engine::MissingStep& step, const engine::InputValues& context,
              Followed& followed) {
  engine::ChangeRequest request;
  request.changes = {step.change};
  request.context = context;
  ASSERT_EQ(step.operator_only, step.who.empty()) << KeyOf(step);
  bool asks_for_more = false;
  for (const engine::EntityName& who : step.who) {
    request.actor = who;
    request.dry_run = true;
    const engine::ChangeResult result = place.engine->Change(request);
    if (result.ok()) continue;
    ASSERT_EQ(result.verdicts.size(), 1u) << result.error;
    asks_for_more = true;
    std::string why;
    for (const auto& reason : result.verdicts[0].reasons) why += reason.code + ": " + reason.text;
    ASSERT_FALSE(result.verdicts[0].missing_context.empty())
        << who.id << " cannot make " << KeyOf(step) << ": " << why;
  }
  request.dry_run = false;
  if (step.who.empty() || asks_for_more) {
    request.actor.reset();
  } else {
    request.actor = step.who.front();
  }
  const engine::ChangeResult made = place.engine->Change(request);
  ASSERT_EQ(made.outcome, engine::ChangeResult::Outcome::kApplied) << KeyOf(step);
  ++(asks_for_more      ? followed.with_more
     : step.who.empty() ? followed.by_operator
                        : followed.by_named);
}

// The first plan that needs nothing of the request, if there is one.
void FollowOne(Place& place, engine::Session& session, const Question& question,
               Followed& followed) {
  engine::MissingQuery query;
  query.request = ToRequest(place.module, place.world, question);
  query.budget_us = 60'000'000;
  ASSERT_TRUE(session.Refresh().ok());
  const engine::MissingAnswer answer = session.Missing(query);
  if (answer.permitted) return;
  const auto plan = std::find_if(answer.plans.begin(), answer.plans.end(),
                                 [](const engine::MissingPlan& each) { return !OfRequest(each); });
  if (plan == answer.plans.end()) return;
  std::string steps;
  for (const engine::MissingStep& step : plan->steps) steps += KeyOf(step) + "\n";
  SCOPED_TRACE(query.request.subject.id + " " + query.request.action + " " +
               query.request.resource.id + "\n" + steps);
  for (const engine::MissingStep& step : plan->steps) {
    ASSERT_NO_FATAL_FAILURE(MakeStep(place, step, query.request.context, followed));
  }
  ASSERT_TRUE(session.Refresh().ok());
  ASSERT_TRUE(session.Decide(query.request).permit) << "all steps are made";
  ++followed.plans;
}

TEST(MissingFollowed, EndsInAPermit) {
  const size_t policies = IsLongRun() ? 5'000 : 300;
  const uint64_t seed = SeedOfRun();
  Followed followed;
  const std::string directory = TemporaryDirectory("missing-followed");
  size_t made = 0;
  for (uint64_t i = 0; made < policies; ++i) {
    ASSERT_LT(i, 50 + 2 * policies) << "the checker refuses too many policies";
    Random random(seed + i);
    std::optional<Place> place = DrawPlace(directory, random);
    if (!place) continue;
    ++made;
    SCOPED_TRACE(place->text);
    auto session = place->engine->NewSession();
    ASSERT_TRUE(session.ok());
    // Each from where the last one led to.
    for (size_t asked = 0; asked < 6 && !HasFatalFailure(); ++asked) {
      const size_t entities = place->world.entities.size();
      const Question question = RandomQuestion(place->module, place->world, random);
      FollowOne(*place, *session, question, followed);
      place->world.entities.resize(entities);
    }
    if (HasFatalFailure()) {
      std::cout << "seed of the failure: " << seed + i << std::endl;
      break;
    }
  }
  std::cout << "followed " << followed.plans
            << " plans; steps by those named: " << followed.by_named
            << ", by the operator: " << followed.by_operator
            << ", asking for more than the request brings: " << followed.with_more << std::endl;
  EXPECT_GT(followed.plans, 0u);
  EXPECT_GT(followed.by_named, 0u);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace portvakt::agreement
