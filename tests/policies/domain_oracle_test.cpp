// The agency policy answers as the domain says, for every account, permission and tenant: in the
// states of the story, in what may happen after it, and in random agencies.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "tests/policies/agency.h"
#include "tests/policies/domain.h"
#include "tests/policies/story_states.h"

namespace portvakt::policies {
namespace {

size_t ExpectAgreement(const World& world, const std::string& what) {
  Agency agency;
  if (!agency.LoadSentences(world.Sentences())) return 0;
  return ExpectAgreement(agency, world, what);
}

void ExpectFileAgrees(const std::string& file, int state) {
  Agency agency;
  ASSERT_TRUE(agency.LoadFile(std::string(PORTVAKT_SOURCE_DIR) + "/examples/norr/" + file));
  EXPECT_GT(ExpectAgreement(agency, StateOfStory(state), file), 0u);
}

TEST(AgencyPolicy, ShipsEveryKeyOfItsPrograms) {
  ASSERT_NE(AgencyModule(), nullptr);
  std::set<std::string> shipped;
  for (const dsl::Permission& permission : AgencyModule()->permissions) {
    shipped.insert(permission.name);
  }
  EXPECT_EQ(shipped.erase("enter"), 1u);
  std::set<std::string> wanted;
  for (const Key& key : Keys()) wanted.insert(key.name);
  EXPECT_EQ(shipped, wanted);
}

TEST(AgencyPolicy, ClosesImplicationsAsTheDomainDoes) {
  ASSERT_NE(AgencyModule(), nullptr);
  const auto& permissions = AgencyModule()->permissions;
  for (const dsl::Permission& permission : permissions) {
    if (permission.name == "enter") continue;
    std::set<std::string> included;
    for (const dsl::PermissionId id : permission.includes) included.insert(permissions[id].name);
    EXPECT_EQ(included, Closure(permission.name)) << permission.name;
  }
}

TEST(AgencyPolicy, AgreesWithTheDomainInTheFilesOfTheExample) {
  ExpectFileAgrees("before.yaml", 0);
  ExpectFileAgrees("after.yaml", 7);
}

TEST(AgencyPolicy, AgreesWithTheDomainInEveryStateOfTheStory) {
  size_t before = 0;
  for (int state = 0; state <= 7; ++state) {
    const size_t permitted = ExpectAgreement(StateOfStory(state), "state " + std::to_string(state));
    EXPECT_GE(permitted, before) << "the story only gives";
    before = permitted;
  }
}

struct Variation {
  std::string what;
  void (*change)(World&);
};

const std::vector<Variation>& Variations() {
  static const std::vector<Variation> variations = {
      {"david is removed", [](World& w) { w.accounts["david"].removed = true; }},
      {"anna is removed", [](World& w) { w.accounts["anna"].removed = true; }},
      {"berit is removed", [](World& w) { w.accounts["berit"].removed = true; }},
      {"david's licence is taken",
       [](World& w) {
         w.holds.erase({"david", "kh", "norr"});
       }},
      {"cia's licence is taken",
       [](World& w) {
         w.holds.erase({"cia", "kh", "norr"});
       }},
      {"david has the other licence for consultants",
       [](World& w) {
         w.holds.erase({"david", "kh", "norr"});
         w.holds.insert({"david", "db", "norr"});
       }},
      {"bo unticks alfa for david",
       [](World& w) {
         w.assigned.erase({"david", "alfa"});
       }},
      {"berit switches david off", [](World& w) { w.SetMark("david", "beta", Mark::kOff); }},
      {"anna is switched off in alfa", [](World& w) { w.SetMark("anna", "alfa", Mark::kOff); }},
      {"norr and beta part",
       [](World& w) {
         w.links.erase({"norr", "beta"});
       }},
      {"beta has two agencies",
       [](World& w) {
         w.links.insert({"syd", "beta"});
         w.assigned.insert({"sven", "beta"});
         w.Grant("sven", "beta", "bokforing.verifikation.skapa");
       }},
      {"the package is given up", [](World& w) { w.packages.clear(); }},
      {"alfa is blocked", [](World& w) { w.tenants["alfa"].blocked = true; }},
      {"david has settings in alfa",
       [](World& w) { w.Grant("david", "alfa", "bokforing.installningar"); }},
      {"david has all of Lön in alfa and beta",
       [](World& w) {
         for (const Key& key : Keys()) {
           if (ProgramOf(key.name) != "lon" || !IsTicked(key.name)) continue;
           w.Grant("david", "alfa", key.name);
           w.Grant("david", "beta", key.name);
         }
       }},
      {"david is shut out of Bokföring in alfa",
       [](World& w) {
         w.shut_out.insert({"david", "bokforing", "alfa"});
       }},
      {"Klienthanterare is ticked in the agency",
       [](World& w) {
         w.Grant("cia", "norr", "klienthanterare.klientlista.dolj");
         w.Grant("bo", "norr", "klienthanterare.klient.skapa");
         w.Grant("cia", "gamma", "klienthanterare.klient.skapa");
       }},
      {"anna has Lön in norr",
       [](World& w) {
         w.holds.insert({"anna", "lon", "norr"});
         w.Grant("eva", "norr", "lon.personal.las");
       }},
      {"anna has a tick of Lön in norr",
       [](World& w) {
         w.holds.insert({"anna", "lon_mini", "norr"});
         w.Grant("anna", "norr", "lon.personal.skriv");
       }},
      {"fia writes vouchers with a read licence",
       [](World& w) {
         w.holds.insert({"fia", "las", "beta"});
         w.Grant("fia", "beta", "bokforing.verifikation.andra_olast");
         w.Grant("fia", "beta", "fakturering.faktura.makulera");
         w.Grant("fia", "beta", "lager.leverans.hantera");
       }},
      {"dora has every box and the licences that read",
       [](World& w) {
         for (const Key& key : Keys()) {
           if (IsTicked(key.name)) w.Grant("dora", "delta", key.name);
         }
         for (const char* licence : {"las", "bok_al", "fak_las"}) {
           w.holds.insert({"dora", licence, "delta"});
         }
       }},
      {"dora completes deliveries",
       [](World& w) {
         w.Grant("dora", "delta", "lager.leverans.markera_klar");
         w.holds.insert({"dora", "lag", "delta"});
         w.holds.insert({"dora", "bok", "delta"});
       }},
      {"a consultant completes deliveries",
       [](World& w) {
         w.Grant("david", "alfa", "lager.leverans.markera_klar");
         w.holds.insert({"david", "lag", "alfa"});
       }},
      {"a consultant administers a program in a client",
       [](World& w) {
         w.programadmins.insert({"david", "arkivplats", "alfa"});
       }},
      {"a consultant administers a program where he is not let in",
       [](World& w) {
         w.programadmins.insert({"david", "lon", "gamma"});
       }},
      {"fia opened her payslip",
       [](World& w) {
         w.wage_earners.insert({"fia", "beta"});
       }},
  };
  return variations;
}

TEST(AgencyPolicy, AgreesWithTheDomainInWhatMayHappenLater) {
  for (const Variation& variation : Variations()) {
    World world = StateOfStory(7);
    variation.change(world);
    ExpectAgreement(world, variation.what);
  }
}

// ---- random agencies ----------------------------------------------------------------------------

class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  bool Chance(unsigned percent) { return engine_() % 100 < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[engine_() % from.size()];
  }

 private:
  std::mt19937_64 engine_;
};

World RandomWorld(uint64_t seed) {
  static const std::vector<std::string> licences = {"bok", "bok_al",   "las",          "fak",
                                                    "lon", "fak_las",  "lon_plus",     "lag",
                                                    "ark", "lon_mini", "lon_personlig"};
  static const std::vector<std::string> programs = {"bokforing", "fakturering", "lon",
                                                    "lager",     "arkivplats",  "klienthanterare"};
  static const std::vector<std::string> agencies = {"norr", "syd"};
  static const std::vector<std::string> clients = {"alfa", "beta", "gamma"};
  std::vector<std::string> ticked;
  for (const Key& key : Keys()) {
    if (IsTicked(key.name)) ticked.push_back(key.name);
  }
  Dice dice(seed);
  World world;
  for (const auto& agency : agencies) {
    world.tenants[agency] = {true, false, dice.Chance(50)};
    if (dice.Chance(60)) world.packages.insert(agency);
    for (const auto& client : clients) {
      if (dice.Chance(75)) world.links.insert({agency, client});
    }
  }
  for (const auto& client : clients) {
    world.tenants[client] = {false, dice.Chance(8), dice.Chance(50)};
  }
  for (const char* user : {"u1", "u2", "u3", "u4", "u5", "u6"}) {
    const std::string home = dice.Chance(70) ? dice.Pick(agencies) : dice.Pick(clients);
    world.accounts[user] = {home, dice.Chance(8)};
    if (world.tenants[home].is_agency && dice.Chance(80)) {
      world.holds.insert({user, dice.Chance(80) ? "kh" : "db", home});
    }
    for (const auto& [tenant, kind] : world.tenants) {
      const bool consultant = world.tenants[home].is_agency && !kind.is_agency;
      if (consultant && dice.Chance(80)) world.assigned.insert({user, tenant});
      if (consultant && dice.Chance(40)) {
        world.SetMark(user, tenant, dice.Chance(75) ? Mark::kOn : Mark::kOff);
      }
      if (dice.Chance(15)) world.sysadmins.insert({user, tenant});
      if (dice.Chance(20)) world.programadmins.insert({user, dice.Pick(programs), tenant});
      if (dice.Chance(10)) world.wage_earners.insert({user, tenant});
      if (dice.Chance(10)) world.shut_out.insert({user, dice.Pick(programs), tenant});
      while (dice.Chance(60)) world.holds.insert({user, dice.Pick(licences), tenant});
      if (dice.Chance(30)) continue;
      while (dice.Chance(85)) world.Grant(user, tenant, dice.Pick(ticked));
    }
  }
  return world;
}

TEST(AgencyPolicy, AgreesWithTheDomainInRandomAgencies) {
  constexpr int kWorlds = 60;
  const char* given = std::getenv("PORTVAKT_SEED");
  const uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : 20261102;
  size_t permitted = 0;
  for (int i = 0; i < kWorlds; ++i) {
    const uint64_t seed = first + static_cast<uint64_t>(i);
    permitted += ExpectAgreement(RandomWorld(seed), "seed " + std::to_string(seed));
    if (::testing::Test::HasFailure()) break;
  }
  std::cout << kWorlds << " agencies from seed " << first << ", " << permitted
            << " questions permitted\n";
  EXPECT_GT(permitted, 1000u);
}

}  // namespace
}  // namespace portvakt::policies
