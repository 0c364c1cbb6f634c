// The law of agreement for changes and for the past: random policies and data, random changes by
// random actors. What the engine accepts is what the reference accepts, and afterwards every
// revision still answers as it did. PORTVAKT_SEED repeats a run, PORTVAKT_LONG=1 makes it long.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <sstream>

#include "dsl/dsl.h"
#include "engine/engine.h"
#include "engine/load.h"
#include "tests/agreement/change_reference.h"
#include "tests/agreement/generator.h"
#include "tests/agreement/harness.h"
#include "tests/agreement/reference.h"

namespace portvakt::agreement {
namespace {

using engine::ChangeItem;
using engine::ChangeResult;
using engine::ChangeVerdict;

struct Tally {
  uint64_t policies = 0, rejected = 0, accepted = 0, by_rules = 0, by_limits = 0, unchanged = 0,
           past = 0;
};

class Story {
 public:
  Story(const dsl::Module& module, World world, engine::Engine& engine, Random& random,
        Tally& tally)
      : module_(module), world_(std::move(world)), engine_(engine), random_(random), tally_(tally) {
    for (size_t i = 0; i < world_.entities.size(); ++i) {
      if (module.types[world_.entities[i].type].name == "user") users_.push_back(i);
    }
  }

  void Tell(size_t batches) {
    Remember();
    for (size_t i = 0; i < batches && !testing::Test::HasFatalFailure(); ++i) Batch();
    for (size_t i = 0; i < 12 && !testing::Test::HasFatalFailure(); ++i) AskThePast();
    auto report = engine_.Verify({});
    ASSERT_TRUE(report.ok()) << report.error().message;
    ASSERT_TRUE(report->ok()) << report->faults.front().what;
  }

 private:
  struct Past {
    uint64_t revision;
    World world;
  };

  size_t Below(size_t n) { return random_() % n; }

  void Remember() {
    auto session = engine_.NewSession();
    ASSERT_TRUE(session.ok() && session->Refresh().ok());
    past_.push_back({session->revision(), world_});
  }

  engine::EntityName NameOf(size_t entity) const {
    return {module_.types[world_.entities[entity].type].name, world_.entities[entity].id};
  }

  // Like something that is there, or might be.
  WorldChange Draw() {
    WorldChange change;
    const size_t kind = Below(10);
    if (kind == 0) {
      change.kind = WorldChange::Kind::kSeats;
      const auto licence = static_cast<dsl::LicenceId>(Below(2));
      std::vector<size_t> pools;
      for (size_t i = 0; i < world_.entities.size(); ++i) {
        if (Has(module_.licences[licence].from, world_.entities[i].type)) pools.push_back(i);
      }
      change.entity = pools[Below(pools.size())];
      change.licence = licence;
      change.seats = static_cast<int64_t>(Below(4));
      return change;
    }
    if (kind == 1) {
      change.kind = WorldChange::Kind::kAttribute;
      change.attribute = "removed";
      change.entity = users_[Below(users_.size())];
      change.value = {static_cast<int64_t>(Below(2)), ""};
      return change;
    }
    // Another world of the same schema is full of facts that might be here.
    const World other = RandomWorld(module_, random_);
    const World& from = kind < 5 && !world_.facts.empty() ? world_ : other;
    change.fact = from.facts[Below(from.facts.size())];
    change.add = kind >= 4;
    const auto here = [&](size_t entity) {
      return entity < world_.entities.size() &&
             world_.entities[entity].type == from.entities[entity].type;
    };
    // Worlds differ in how many entities they have of a type.
    if (!here(change.fact.subject) || (change.fact.object && !here(*change.fact.object))) {
      return Draw();
    }
    if (!change.add) change.fact.from_us = change.fact.until_us = std::nullopt;
    return change;
  }

  ChangeItem ItemOf(const WorldChange& change) const {
    ChangeItem item;
    switch (change.kind) {
      case WorldChange::Kind::kSeats:
        item.kind = ChangeItem::Kind::kSeats;
        item.entity = NameOf(change.entity);
        item.licence = module_.licences[change.licence].name;
        item.seats = static_cast<uint32_t>(change.seats);
        return item;
      case WorldChange::Kind::kAttribute: {
        item.kind = ChangeItem::Kind::kSet;
        item.entity = NameOf(change.entity);
        engine::InputValue value;
        value.kind = engine::InputValue::Kind::kBool;
        value.boolean = change.value.number != 0;
        item.attributes.emplace_back(change.attribute, value);
        return item;
      }
      case WorldChange::Kind::kFact: break;
    }
    const StoredFact& fact = change.fact;
    item.kind = change.add ? ChangeItem::Kind::kAdd : ChangeItem::Kind::kRemove;
    item.validity.from_us = fact.from_us.value_or(engine::Validity::kAlways);
    item.validity.until_us = fact.until_us.value_or(engine::Validity::kForEver);
    item.fact.subject = NameOf(fact.subject);
    if (fact.object) item.fact.object = NameOf(*fact.object);
    switch (fact.kind) {
      case StoredFact::Kind::kHolds:
        item.fact.relation = "holds";
        item.fact.symbol = module_.licences[fact.which].name;
        break;
      case StoredFact::Kind::kRole:
        item.fact.relation = "is";
        item.fact.symbol = module_.roles[fact.which].name;
        if (fact.symbol != dsl::kNone) item.fact.program = module_.programs[fact.symbol].name;
        break;
      case StoredFact::Kind::kFact: {
        const dsl::Fact& declared = module_.facts[fact.which];
        item.fact.relation = declared.shape.verb;
        if (declared.symbol_slot == dsl::kNone) break;
        const auto kind = declared.shape.slots[declared.symbol_slot].symbol_kind;
        item.fact.symbol = kind == dsl::SymbolKind::kPermission
                               ? module_.permissions[fact.symbol].name
                               : module_.programs[fact.symbol].name;
      }
    }
    return item;
  }

  void Batch() {
    const size_t count = Below(4) == 0 ? 2 + Below(3) : 1;
    const size_t actor = users_[Below(users_.size())];
    Question question = RandomQuestion(module_, world_, random_);
    question.action_properties.clear();  // a change is no action
    question.subject_properties.clear();
    question.object_properties.clear();
    if (Below(3) == 0) question.second = users_[Below(users_.size())];
    engine::ChangeRequest request;
    const bool by_operator = Below(4) == 0;  // whom only limits hold back
    if (!by_operator) request.actor = NameOf(actor);
    if (question.second) request.second = NameOf(*question.second);
    request.context = ToRequest(module_, world_, question).context;
    World after = world_;
    std::vector<bool> refused;
    std::vector<std::string> told;
    bool changed = false;
    for (size_t i = 0; i < count; ++i) {
      const WorldChange change = Draw();
      request.changes.push_back(ItemOf(change));
      const bool rules =
          by_operator || MayChange(module_, after, question, actor, change) == Truth::kTrue;
      const auto before = Distances(module_, after, kNowUs);
      changed = changed || Changes(after, change);
      Make(after, change);
      bool limits = true;
      for (const auto& [binding, distance] : Distances(module_, after, kNowUs)) {
        const auto was = before.find(binding);
        if (distance > (was == before.end() ? 0 : was->second)) limits = false;
      }
      refused.push_back(!rules || !limits);
      told.push_back(std::string(rules ? "" : " rules refuse") + (limits ? "" : " limits refuse"));
      tally_.by_rules += rules ? 0 : 1;
      tally_.by_limits += rules && !limits ? 1 : 0;
    }
    const ChangeResult result = engine_.Change(request);
    const bool expected = std::find(refused.begin(), refused.end(), true) == refused.end();
    ASSERT_EQ(result.verdicts.size(), count) << result.error;
    for (size_t i = 0; i < count; ++i) {
      const ChangeVerdict& verdict = result.verdicts[i];
      std::string why;
      for (const auto& reason : verdict.reasons) why += reason.code + ": " + reason.text + "\n";
      ASSERT_EQ(verdict.outcome == ChangeVerdict::Outcome::kRefused, refused[i])
          << "change " << i << " of " << count << " by "
          << (by_operator ? "the operator" : request.actor->id) << ": " << Told(request.changes[i])
          << ";" << told[i] << "\n"
          << why << Sentences(module_, world_);
    }
    ASSERT_EQ(result.ok(), expected);
    if (!expected) return;
    ASSERT_EQ(result.outcome,
              changed ? ChangeResult::Outcome::kApplied : ChangeResult::Outcome::kUnchanged);
    world_ = std::move(after);
    if (!changed) {
      ++tally_.unchanged;
      return;
    }
    ++tally_.accepted;
    past_.push_back({result.revision, world_});
  }

  static std::string Told(const ChangeItem& item) {
    static const char* kKinds[] = {"add", "remove", "seats", "create", "delete", "set"};
    return std::string(kKinds[static_cast<size_t>(item.kind)]) + " " + item.fact.subject.id + " " +
           item.fact.relation + " " + item.fact.symbol + " " + item.fact.program + " " +
           (item.fact.object ? item.fact.object->id : "") + " " + item.entity.id + " " +
           item.licence + " " + std::to_string(item.seats) + " from " +
           std::to_string(item.validity.from_us) + " until " +
           std::to_string(item.validity.until_us);
  }

  void AskThePast() {
    Past& past = past_[Below(past_.size())];
    auto session = engine_.NewSession();
    ASSERT_TRUE(session.ok());
    const engine::Status gone = session->GoTo(
        {.revision = past.revision, .instant_us = std::nullopt, .policy_version = std::nullopt});
    ASSERT_TRUE(gone.ok()) << gone.error().message;
    ASSERT_EQ(session->revision(), past.revision);
    for (size_t i = 0; i < 8; ++i) {
      const Question question = RandomQuestion(module_, past.world, random_);
      const engine::Request request = ToRequest(module_, past.world, question);
      ASSERT_EQ(static_cast<int>(session->Decide(request).verdict),
                static_cast<int>(Decide(module_, past.world, question)))
          << "as of " << past.revision << ": " << request.subject.id << " " << request.action << " "
          << request.resource.id << "\n"
          << Sentences(module_, past.world);
      ++tally_.past;
      if (i % 4 == 0) SearchThePast(*session, past.world, question, request);
    }
  }

  // Where may he, then: search, matrix and reference say the same.
  void SearchThePast(engine::Session& session, const World& world, const Question& question,
                     const engine::Request& request) {
    engine::SearchQuery query;
    query.through = engine::SearchQuery::Through::kResources;
    query.request = request;
    std::string expected;
    for (size_t object = 0; object < world.entities.size(); ++object) {
      const Entity& entity = world.entities[object];
      if (!entity.stored || module_.types[entity.type].name != request.resource.type) continue;
      Question each = question;
      each.object = object;
      each.object_properties.clear();
      const Truth truth = Decide(module_, world, each);
      if (truth != Truth::kFalse) expected += entity.id + (truth == Truth::kTrue ? " " : "? ");
    }
    query.request.resource_properties.clear();
    std::string found;
    for (const engine::SearchResult& result : session.Search(query).results) {
      found += result.entity.id + (result.verdict == engine::Tri::kTrue ? " " : "? ");
    }
    ASSERT_EQ(found, expected) << request.subject.id << " " << request.action;
  }

  const dsl::Module& module_;
  World world_;
  engine::Engine& engine_;
  Random& random_;
  Tally& tally_;
  std::vector<size_t> users_;
  std::vector<Past> past_;
};

void RunPolicy(const std::string& directory, Random& random, Tally& tally) {
  const std::string text = RandomPolicy(random);
  dsl::SourceSet sources;
  dsl::Diagnostics findings;
  sources.Add("random.vakt", text);
  const auto module = dsl::Compile(sources, findings);
  if (!module) {
    ++tally.rejected;
    return;
  }
  ++tally.policies;
  SCOPED_TRACE(text);
  World world = RandomWorld(*module, random);
  const auto engine = TemporaryEngine(directory);
  ASSERT_TRUE(engine);
  ASSERT_TRUE(engine->InstallPolicy(sources, *module, {}).ok());
  std::istringstream data(Sentences(*module, world));
  ASSERT_TRUE(engine::LoadText(*engine, *module, "world", data).ok());
  Story(*module, std::move(world), *engine, random, tally).Tell(40);
}

TEST(ChangeAgreement, RandomChangesAndTheirPast) {
  const bool is_long = IsLongRun();
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  const size_t policies = is_long ? 400 : 30;
#else
  const size_t policies = is_long ? 5'000 : 250;
#endif
  const uint64_t seed = SeedOfRun();
  Tally tally;
  const std::string directory = TemporaryDirectory("changes");
  // Limits seldom refuse alone: draws go on until one did, or the drawing is plainly broken.
  const auto enough = [&] {
    return tally.policies >= policies && (tally.by_limits > 0 || tally.policies >= 10 * policies);
  };
  for (uint64_t i = 0; !enough(); ++i) {
    Random random(seed + i);
    RunPolicy(directory, random, tally);
    if (HasFatalFailure()) {
      std::cout << "seed of the failure: " << seed + i << std::endl;
      break;
    }
    ASSERT_LT(tally.rejected, 50 + tally.policies / 10) << "the checker refuses too many policies";
  }
  std::filesystem::remove_all(directory);
  std::cout << "agreement on changes: " << tally.policies << " policies, " << tally.accepted
            << " batches made, " << tally.unchanged
            << " without effect, refused changes: " << tally.by_rules << " by rules, "
            << tally.by_limits << " by limits alone; " << tally.past << " questions about the past"
            << std::endl;
  EXPECT_GT(tally.accepted, policies);
  EXPECT_GT(tally.by_rules, policies);
  EXPECT_GT(tally.by_limits, 0);
}

}  // namespace
}  // namespace portvakt::agreement
