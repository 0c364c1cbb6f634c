// Each state adds to the one before it what one step of the story leaves.
#include "tests/policies/story_states.h"

namespace portvakt::policies {

World StateOfStory(int state) {
  World world;
  world.tenants = {{"norr", {true, false, false}},
                   {"syd", {true, false, false}},
                   {"alfa", {false, false, true}},
                   {"beta", {false, false, false}},
                   {"gamma", {}},
                   {"delta", {}}};
  for (const char* user : {"anna", "bo", "cia", "eva"}) world.accounts[user] = {"norr", false};
  for (const char* user : {"berit", "fia"}) world.accounts[user] = {"beta", false};
  for (const char* user : {"sven", "stina"}) world.accounts[user] = {"syd", false};
  world.accounts["dora"] = {"delta", false};
  world.links = {{"norr", "alfa"}, {"norr", "beta"}, {"norr", "gamma"}, {"syd", "delta"}};
  world.packages = {"norr"};
  world.holds = {
      {"anna", "kh", "norr"}, {"cia", "kh", "norr"}, {"sven", "kh", "syd"}, {"fia", "fak", "beta"}};
  world.sysadmins = {{"anna", "norr"},  {"anna", "alfa"}, {"cia", "gamma"},
                     {"berit", "beta"}, {"stina", "syd"}, {"dora", "delta"}};
  world.programadmins = {
      {"bo", "klienthanterare", "norr"}, {"eva", "lon", "norr"}, {"fia", "fakturering", "beta"}};
  for (const auto& [user, client] :
       std::set<std::pair<std::string, std::string>>{{"anna", "alfa"},
                                                     {"anna", "beta"},
                                                     {"cia", "alfa"},
                                                     {"cia", "gamma"},
                                                     {"sven", "delta"}}) {
    world.assigned.insert({user, client});
    world.SetMark(user, client, Mark::kOn);
  }
  for (const char* key : {"bokforing.verifikation.las", "bokforing.verifikation.skapa"}) {
    world.Grant("anna", "beta", key);
    world.Grant("cia", "alfa", key);
  }
  if (state >= 1) world.accounts["david"] = {"norr", false};
  if (state >= 3) world.holds.insert({"david", "kh", "norr"});
  if (state >= 4) {
    world.assigned.insert({"david", "alfa"});
    world.assigned.insert({"david", "beta"});
  }
  if (state >= 5) world.SetMark("david", "alfa", Mark::kOn);
  if (state >= 6) {
    world.Grant("david", "alfa", "bokforing.verifikation.las");
    world.Grant("david", "alfa", "bokforing.verifikation.skapa");
  }
  if (state >= 7) world.Grant("david", "beta", "fakturering.faktura.las");
  return world;
}

}  // namespace portvakt::policies
