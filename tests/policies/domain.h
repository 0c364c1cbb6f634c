// The domain of policies/byra once more, by hand: who may do what at an accounting agency, as plain
// formulas over plain sets. It shares nothing with the policy file but the names of the keys, so
// that the two can be held against each other.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace portvakt::policies {

struct Key {
  std::string name;
  std::vector<std::string> implies;  // directly
};
// All keys of the shipped programs and areas.
const std::vector<Key>& Keys();
// `bokforing` of `bokforing.verifikation.las`.
std::string ProgramOf(const std::string& key);
// Keys that nobody ticks: an administrator's role or a wage earner's first payslip gives them.
bool IsTicked(const std::string& key);
// The key and all that it implies.
const std::set<std::string>& Closure(const std::string& key);
// What a licence lets its holder use, were everything ticked.
bool LicenceCovers(const std::string& licence, const std::string& key);
bool IsTravelling(const std::string& program);  // in the agency package

enum class Mark { kUnset, kOn, kOff };
enum class Login { kUntold, kPassword, kSms, kBankId };

struct Tenant {
  bool is_agency = false;
  bool blocked = false;
  bool attest_on = false;
};
struct Account {
  std::string home;
  bool removed = false;
};

class World {
 public:
  // ---- base facts; a pair is (account, tenant) unless it says otherwise
  std::map<std::string, Tenant> tenants;
  std::map<std::string, Account> accounts;
  std::set<std::pair<std::string, std::string>> links;  // agency, client
  std::set<std::string> packages;                       // agencies that own byrapartner
  std::set<std::pair<std::string, std::string>> assigned;
  std::set<std::pair<std::string, std::string>> sysadmins;
  std::set<std::pair<std::string, std::string>> wage_earners;
  std::set<std::tuple<std::string, std::string, std::string>> holds;  // account, licence
  std::map<std::pair<std::string, std::string>, int> seats;           // tenant, licence: owned
  std::set<std::tuple<std::string, std::string, std::string>> programadmins;  // account, program
  std::set<std::tuple<std::string, std::string, std::string>> shut_out;       // account, program

  void SetMark(const std::string& user, const std::string& client, Mark mark);
  // Ticks a key. The first tick of a consultant turns the mark from unset to on.
  void Grant(const std::string& user, const std::string& tenant, const std::string& key);
  Mark MarkOf(const std::string& user, const std::string& client) const;

  // ---- the answers
  bool May(const std::string& user, const std::string& key, const std::string& tenant,
           Login login) const;
  // The client is in the account's list.
  bool Listed(const std::string& user, const std::string& client) const;

  // ---- administration: the acts of an account, whatever the limits say. `Impartial` is part of
  // what gives a right: nobody gives himself one, but for who is alone.
  bool MayOrder(const std::string& actor, const std::string& tenant) const;
  bool MayTerminate(const std::string& actor, const std::string& tenant) const;
  bool MayAddUser(const std::string& actor, const std::string& tenant) const;
  bool MayRemoveUser(const std::string& actor, const std::string& user) const;
  bool MayAppoint(const std::string& actor, const std::string& user,
                  const std::string& tenant) const;
  bool MayGiveLicence(const std::string& actor, const std::string& user, const std::string& licence,
                      const std::string& tenant) const;
  bool MayAssign(const std::string& actor, const std::string& user,
                 const std::string& client) const;
  bool MayAddConsultant(const std::string& actor, const std::string& user,
                        const std::string& client) const;
  bool MaySetInactive(const std::string& actor, const std::string& client) const;
  bool MayGrant(const std::string& actor, const std::string& user, const std::string& tenant,
                const std::string& key) const;
  bool MayRevoke(const std::string& actor, const std::string& user, const std::string& tenant,
                 const std::string& key) const;

  // The same facts as lines of the bulk text format.
  std::string Sentences() const;

 private:
  bool Consultant(const std::string& user) const;
  bool Reaches(const std::string& user, const std::string& tenant) const;
  bool Licensed(const std::string& user, const std::string& key, const std::string& tenant) const;
  bool HasFullBookkeeping(const std::string& user, const std::string& tenant) const;
  bool Held(const std::string& user, const std::string& key, const std::string& tenant) const;
  bool Use(const std::string& user, const std::string& key, const std::string& tenant) const;
  bool SystemAdministrator(const std::string& user, const std::string& tenant) const;
  bool ProgramAdministrator(const std::string& user, const std::string& program,
                            const std::string& tenant) const;
  bool SomeAdministrator(const std::string& user, const std::string& tenant) const;
  bool Linked(const std::string& user, const std::string& client) const;
  bool Visible(const std::string& user, const std::string& tenant) const;
  bool FreeLicence(const std::string& key, const std::string& tenant) const;
  bool Impartial(const std::string& actor, const std::string& user) const;
  bool Blocked(const std::string& tenant) const { return tenants.at(tenant).blocked; }
  bool Holder(const std::string& user, const std::string& key, const std::string& tenant) const;

  std::map<std::pair<std::string, std::string>, Mark> marks_;           // set by hand
  std::set<std::tuple<std::string, std::string, std::string>> grants_;  // account, tenant, key
  std::set<std::pair<std::string, std::string>> turned_on_;             // by a first tick
};

}  // namespace portvakt::policies
