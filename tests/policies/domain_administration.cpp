// The formulas of administration: who may make which change, in the order of the domain's
// description. A blocked client is administered by nobody.
#include <algorithm>

#include "tests/policies/domain.h"

namespace portvakt::policies {

bool World::Linked(const std::string& user, const std::string& client) const {
  return Consultant(user) && links.count({accounts.at(user).home, client}) > 0;
}

bool World::Visible(const std::string& user, const std::string& tenant) const {
  if (accounts.at(user).home == tenant) return true;
  return Linked(user, tenant) &&
         (assigned.count({user, tenant}) > 0 || MarkOf(user, tenant) != Mark::kUnset);
}

bool World::FreeLicence(const std::string& key, const std::string& tenant) const {
  for (const auto& [pool, owned] : seats) {
    if (pool.first != tenant || !LicenceCovers(pool.second, key)) continue;
    const auto held = std::count_if(holds.begin(), holds.end(), [&](const auto& one) {
      return std::get<1>(one) == pool.second && std::get<2>(one) == tenant;
    });
    if (held < owned) return true;
  }
  return false;
}

// Every account here is a person of its own.
bool World::Impartial(const std::string& actor, const std::string& user) const {
  if (actor != user) return true;
  return std::none_of(accounts.begin(), accounts.end(), [&](const auto& other) {
    return other.first != actor && !other.second.removed &&
           other.second.home == accounts.at(actor).home;
  });
}

bool World::MayOrder(const std::string& actor, const std::string& tenant) const {
  return !Blocked(tenant) && SomeAdministrator(actor, tenant);
}

bool World::MayTerminate(const std::string& actor, const std::string& tenant) const {
  return !Blocked(tenant) && SystemAdministrator(actor, tenant);
}

bool World::MayAddUser(const std::string& actor, const std::string& tenant) const {
  return !Blocked(tenant) && SomeAdministrator(actor, tenant);
}

bool World::MayRemoveUser(const std::string& actor, const std::string& user) const {
  const std::string& home = accounts.at(user).home;
  return !Blocked(home) && SystemAdministrator(actor, home);
}

bool World::MayAppoint(const std::string& actor, const std::string& user,
                       const std::string& tenant) const {
  return !Blocked(tenant) && SystemAdministrator(actor, tenant) && Visible(user, tenant) &&
         Impartial(actor, user);
}

bool World::MayGiveLicence(const std::string& actor, const std::string& user,
                           const std::string& licence, const std::string& tenant) const {
  const bool hands_out = std::any_of(Keys().begin(), Keys().end(), [&](const Key& key) {
    return LicenceCovers(licence, key.name) &&
           ProgramAdministrator(actor, ProgramOf(key.name), tenant);
  });
  return !Blocked(tenant) && (hands_out || SystemAdministrator(actor, tenant)) &&
         Visible(user, tenant) && Impartial(actor, user);
}

bool World::MayAssign(const std::string& actor, const std::string& user,
                      const std::string& client) const {
  const std::string& home = accounts.at(user).home;
  return ProgramAdministrator(actor, "klienthanterare", home) && Linked(user, client);
}

bool World::MayAddConsultant(const std::string& actor, const std::string& user,
                             const std::string& client) const {
  return !Blocked(client) && SystemAdministrator(actor, client) && Linked(user, client);
}

bool World::MaySetInactive(const std::string& actor, const std::string& client) const {
  return !Blocked(client) && SystemAdministrator(actor, client);
}

bool World::MayGrant(const std::string& actor, const std::string& user, const std::string& tenant,
                     const std::string& key) const {
  return MayRevoke(actor, user, tenant, key) &&
         (Licensed(user, key, tenant) || FreeLicence(key, tenant)) && Impartial(actor, user);
}

bool World::MayRevoke(const std::string& actor, const std::string& user, const std::string& tenant,
                      const std::string& key) const {
  return !Blocked(tenant) && ProgramAdministrator(actor, ProgramOf(key), tenant) &&
         Visible(user, tenant);
}

}  // namespace portvakt::policies
