// What is missing, against brute force: in small worlds every set of facts is tried with the
// reference evaluator; in random ones, every set of up to three of some thirty facts. Sets are
// compared, so that nothing is left out and nothing too many is asked for. The seed of a run is
// printed; PORTVAKT_SEED repeats it.
#include <gtest/gtest.h>

#include <bit>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "dsl/dsl.h"
#include "engine/load.h"
#include "tests/agreement/generator.h"
#include "tests/agreement/harness.h"
#include "tests/agreement/reference.h"

namespace portvakt::agreement {
namespace {

using Facts = std::set<std::string>;

std::string NameOf(const dsl::Module& module, const World& world, size_t entity) {
  return module.types[world.entities[entity].type].name + ":" + world.entities[entity].id;
}

// `user:anna granted pay.run in org:o`, without the words between.
std::string KeyOf(const dsl::Module& module, const World& world, const StoredFact& row) {
  std::string symbol;
  std::string verb;
  std::string program;
  switch (row.kind) {
    case StoredFact::Kind::kFact: {
      const dsl::Fact& fact = module.facts[row.which];
      verb = fact.shape.verb;
      if (fact.symbol_slot == dsl::kNone) break;
      const bool permission =
          fact.shape.slots[fact.symbol_slot].symbol_kind == dsl::SymbolKind::kPermission;
      symbol = permission ? module.permissions[row.symbol].name : module.programs[row.symbol].name;
      break;
    }
    case StoredFact::Kind::kRole:
      verb = "is";
      symbol = module.roles[row.which].name;
      if (row.symbol != dsl::kNone) program = module.programs[row.symbol].name;
      break;
    case StoredFact::Kind::kHolds:
      verb = "holds";
      symbol = module.licences[row.which].name;
      break;
  }
  return NameOf(module, world, row.subject) + " " + verb + " " + symbol + " " + program + " " +
         (row.object ? NameOf(module, world, *row.object) : "");
}

std::string KeyOf(const engine::FactName& fact) {
  return fact.subject.type + ":" + fact.subject.id + " " + fact.relation + " " + fact.symbol + " " +
         fact.program + " " + (fact.object ? fact.object->type + ":" + fact.object->id : "");
}

std::string KeyOf(const engine::MissingStep& step) {
  if (step.kind == engine::MissingStep::Kind::kContext) return "context " + step.context;
  if (step.kind == engine::MissingStep::Kind::kOrderSeat) {
    return "seats " + step.change.entity.type + ":" + step.change.entity.id + " " +
           step.change.licence;
  }
  return KeyOf(step.change.fact);
}

bool OfRequest(const engine::MissingPlan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [](const engine::MissingStep& step) {
    return step.kind == engine::MissingStep::Kind::kContext;
  });
}

std::string Told(const std::set<Facts>& sets) {
  std::string text;
  for (const Facts& facts : sets) {
    text += "  {";
    for (const std::string& fact : facts) text += " " + fact + ",";
    text += " }\n";
  }
  return text;
}

engine::MissingAnswer AskMissing(engine::Session& session, const engine::Request& request) {
  engine::MissingQuery query;
  query.request = request;
  query.max_plans = 10'000;
  query.budget_us = 60'000'000;
  return session.Missing(query);
}

// ---- every world of a small policy --------------------------------------------------------------

struct MissingWorld {
  const char* name;
  const char* policy;
  std::vector<const char*> entities;  // "type id"
};

const MissingWorld kWorlds[] = {
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
    {"groups",
     R"(policy groups
entity group
entity user
entity doc
entity party is user or group
permission read, write on doc
permission share on doc requires write
fact party inside group transitive
fact party reads doc
fact user tick permission
define user is_with group
    if user inside group
permit through_groups
    user may any of { read, share } on doc
    if some group: ( user is_with group and group reads doc )
    or user reads doc
permit writers
    user may write on doc
    if some permission as given: ( user tick given and given includes permission )
forbid never_both
    user may share on doc
    if not some group: ( user inside group and not group reads doc )
)",
     {"user u", "group g", "group h", "doc d"}},
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

World Start(const dsl::Module& module, const MissingWorld& small) {
  World world;
  for (const std::string line : small.entities) {
    const std::string type = line.substr(0, line.find(' '));
    for (dsl::TypeId t = 0; t < module.types.size(); ++t) {
      if (module.types[t].name != type) continue;
      Entity entity{t, line.substr(line.find(' ') + 1), {}, true};
      for (const auto& attribute : module.types[t].attributes) {
        entity.attributes[attribute.name] = {0, ""};  // references: to the first entity
      }
      world.entities.push_back(entity);
    }
  }
  return world;
}

std::vector<std::optional<size_t>> OfTypes(const World& world,
                                           const std::vector<dsl::TypeId>& types) {
  std::vector<std::optional<size_t>> found;
  for (size_t i = 0; i < world.entities.size(); ++i) {
    if (world.entities[i].stored && Has(types, world.entities[i].type)) found.emplace_back(i);
  }
  return found;
}

// Every row that the policy's facts, roles and licences allow between the stored entities.
std::vector<StoredFact> AllFacts(const dsl::Module& module, const World& world) {
  std::vector<StoredFact> all;
  const auto rows = [&](StoredFact row, const std::vector<dsl::TypeId>& subjects,
                        const std::vector<dsl::TypeId>& objects, bool about_two, size_t symbols) {
    for (const auto subject : OfTypes(world, subjects)) {
      row.subject = *subject;
      const auto others =
          about_two ? OfTypes(world, objects) : std::vector<std::optional<size_t>>{std::nullopt};
      for (const auto other : others) {
        row.object = other;
        for (uint32_t symbol = 0; symbol < std::max<size_t>(symbols, 1); ++symbol) {
          row.symbol = symbols == 0 ? dsl::kNone : symbol;
          all.push_back(row);
        }
      }
    }
  };
  StoredFact row;
  for (row.which = 0; row.which < module.facts.size(); ++row.which) {
    const dsl::Fact& fact = module.facts[row.which];
    const bool about_two = fact.object_slot != dsl::kNone;
    const auto& slots = fact.shape.slots;
    size_t symbols = 0;
    if (fact.symbol_slot != dsl::kNone) {
      symbols = slots[fact.symbol_slot].symbol_kind == dsl::SymbolKind::kPermission
                    ? module.permissions.size()
                    : module.programs.size();
    }
    rows(row, slots[fact.subject_slot].types,
         about_two ? slots[fact.object_slot].types : slots[0].types, about_two, symbols);
  }
  row.kind = StoredFact::Kind::kRole;
  for (row.which = 0; row.which < module.roles.size(); ++row.which) {
    const dsl::Role& role = module.roles[row.which];
    rows(row, role.held_by, role.on, !role.on.empty(),
         role.for_program ? module.programs.size() : 0);
  }
  row.kind = StoredFact::Kind::kHolds;
  for (row.which = 0; row.which < module.licences.size(); ++row.which) {
    const dsl::Licence& licence = module.licences[row.which];
    rows(row, licence.held_by, licence.from, !licence.from.empty(), 0);
  }
  return all;
}

struct Tally {
  uint64_t asked = 0;
  uint64_t hopeless = 0;
  std::map<size_t, uint64_t> by_smallest;  // steps of the smallest set
  uint64_t plans = 0;
  uint64_t incomplete = 0;
};

std::string Report(const Tally& tally) {
  std::ostringstream out;
  out << tally.asked << " denies, " << tally.hopeless << " that nothing mends, " << tally.plans
      << " plans, " << tally.incomplete << " incomplete; steps of the smallest:";
  for (const auto& [steps, count] : tally.by_smallest) out << " " << steps << ": " << count;
  return out.str();
}

void Count(const engine::MissingAnswer& answer, Tally& tally) {
  ++tally.asked;
  tally.plans += answer.plans.size();
  if (answer.plans.empty()) ++tally.hopeless;
  if (!answer.complete) ++tally.incomplete;
  size_t smallest = SIZE_MAX;
  for (const auto& plan : answer.plans) smallest = std::min(smallest, plan.steps.size());
  if (!answer.plans.empty()) ++tally.by_smallest[smallest];
}

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

uint64_t Seed() {
  if (const char* given = std::getenv("PORTVAKT_SEED")) return std::strtoull(given, nullptr, 10);
  return static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
}

class MissingInSmallWorlds : public testing::TestWithParam<MissingWorld> {};

TEST_P(MissingInSmallWorlds, NothingIsLeftOutAndNothingTooMany) {
  dsl::SourceSet sources;
  dsl::Diagnostics findings;
  sources.Add("small.vakt", GetParam().policy);
  const auto module = dsl::Compile(sources, findings);
  ASSERT_TRUE(module) << Findings(sources, findings);
  World world = Start(*module, GetParam());
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
  const uint64_t seed = Seed();
  std::cout << "seed " << seed << std::endl;
  Random random(seed);
  Tally tally;
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

// ---- random policies and data -------------------------------------------------------------------

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

void CheckOne(const Ready& ready, engine::Session& session, const Question& question,
              Random& random, Tally& tally) {
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
    Facts facts;
    for (const engine::MissingStep& step : plan.steps) facts.insert(KeyOf(step));
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
      ASSERT_NE(Decide(*ready.module, changing.With(some), question), Truth::kTrue)
          << "a part would do:\n"
          << Told({facts, some}) << where();
    }
  }
  if (!answer.complete) return;
  const std::vector<std::string> keys = Sample(ready, changing, question, found, random);
  for (const Facts& facts : MinimalSetsOf(*ready.module, changing, question, keys)) {
    ASSERT_TRUE(found.contains(facts)) << "left out:\n"
                                       << Told({facts}) << "found:\n"
                                       << Told(found) << where();
  }
}

TEST(Missing, RandomPoliciesAndData) {
  const char* given = std::getenv("PORTVAKT_LONG");
  const bool is_long = given != nullptr && std::string(given) == "1";
  const size_t policies = is_long ? 2'000 : 40;
  const uint64_t seed = Seed();
  std::cout << "seed " << seed << std::endl;
  Tally tally;
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
