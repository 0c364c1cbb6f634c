// The formulas, in the order of the domain's description: use first, then administration.
#include "tests/policies/domain.h"

#include <algorithm>

namespace portvakt::policies {
namespace {

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

bool LicenceCovers(const std::string& licence, const std::string& key) {
  static const std::map<std::string, std::string> full = {
      {"kh", "klienthanterare"}, {"bok", "bokforing"}, {"fak", "fakturering"},   {"lon", "lon"},
      {"lon_plus", "lon"},       {"lon_mini", "lon"},  {"lon_personlig", "lon"}, {"lag", "lager"},
      {"ark", "arkivplats"}};
  static const std::set<std::string> attest_and_read = {
      "bokforing.oppna", "bokforing.verifikation.las", "bokforing.levfaktura.las",
      "bokforing.verifikation.attestera"};
  static const std::set<std::string> read_invoices = {
      "fakturering.oppna", "fakturering.faktura.las", "fakturering.faktura.skicka",
      "fakturering.faktura.skriv_ut", "fakturering.register_rapporter.las"};
  const std::string program = ProgramOf(key);
  const auto found = full.find(licence);
  if (found != full.end()) return found->second == program;
  if (licence == "bok_al") return attest_and_read.count(key) > 0;
  if (licence == "fak_las") return read_invoices.count(key) > 0;
  if (licence != "las") return false;
  if (program != "bokforing" && program != "fakturering" && program != "lager" &&
      program != "lon") {
    return false;
  }
  return EndsWith(key, ".las") || EndsWith(key, ".se") || EndsWith(key, ".rapport") ||
         EndsWith(key, ".oppna") || key == "lon.kalender.visa_lonebesked" ||
         key == "lon.kalender.visa_saldo";
}

namespace {

bool NeedsBankId(const std::string& key) {
  return ProgramOf(key) == "bankkopplingar" || key == "lon.agi.lamna";
}

}  // namespace

// ---- use ----------------------------------------------------------------------------------------

bool World::Consultant(const std::string& user) const {
  const Account& account = accounts.at(user);
  return tenants.at(account.home).is_agency && !account.removed &&
         (holds.count({user, "kh", account.home}) > 0 ||
          holds.count({user, "db", account.home}) > 0);
}

bool World::Listed(const std::string& user, const std::string& client) const {
  return Consultant(user) && links.count({accounts.at(user).home, client}) > 0 &&
         assigned.count({user, client}) > 0;
}

Mark World::MarkOf(const std::string& user, const std::string& client) const {
  const auto set = marks_.find({user, client});
  if (set != marks_.end()) return set->second;
  return turned_on_.count({user, client}) > 0 ? Mark::kOn : Mark::kUnset;
}

bool World::Reaches(const std::string& user, const std::string& tenant) const {
  return accounts.at(user).home == tenant ||
         (Listed(user, tenant) && MarkOf(user, tenant) == Mark::kOn);
}

bool World::Licensed(const std::string& user, const std::string& key,
                     const std::string& tenant) const {
  for (const auto& [holder, licence, from] : holds) {
    if (holder == user && from == tenant && LicenceCovers(licence, key)) return true;
  }
  const std::string& home = accounts.at(user).home;
  return Consultant(user) && links.count({home, tenant}) > 0 && packages.count(home) > 0 &&
         IsTravelling(ProgramOf(key));
}

bool World::HasFullBookkeeping(const std::string& user, const std::string& tenant) const {
  const std::string& home = accounts.at(user).home;
  return holds.count({user, "bok", tenant}) > 0 ||
         (Consultant(user) && links.count({home, tenant}) > 0 && packages.count(home) > 0);
}

bool World::Held(const std::string& user, const std::string& key, const std::string& tenant) const {
  if (shut_out.count({user, ProgramOf(key), tenant}) > 0) return false;
  return std::any_of(grants_.begin(), grants_.end(), [&](const auto& grant) {
    const auto& [holder, where, ticked] = grant;
    return holder == user && where == tenant && Closure(ticked).count(key) > 0;
  });
}

bool World::Use(const std::string& user, const std::string& key, const std::string& tenant) const {
  if (!IsTicked(key) || accounts.at(user).removed) return false;
  if (!Reaches(user, tenant) || !Licensed(user, key, tenant) || !Held(user, key, tenant)) {
    return false;
  }
  if (key == "lager.leverans.markera_klar") return HasFullBookkeeping(user, tenant);
  if (key == "lon.lonekorning.attestera") return tenants.at(tenant).attest_on;
  return true;
}

// ---- administration -----------------------------------------------------------------------------

bool World::SystemAdministrator(const std::string& user, const std::string& tenant) const {
  return sysadmins.count({user, tenant}) > 0 && !accounts.at(user).removed && Reaches(user, tenant);
}

bool World::ProgramAdministrator(const std::string& user, const std::string& program,
                                 const std::string& tenant) const {
  return SystemAdministrator(user, tenant) || (programadmins.count({user, program, tenant}) > 0 &&
                                               !accounts.at(user).removed && Reaches(user, tenant));
}

bool World::SomeAdministrator(const std::string& user, const std::string& tenant) const {
  for (const Key& key : Keys()) {
    if (ProgramAdministrator(user, ProgramOf(key.name), tenant)) return true;
  }
  return false;
}

// The holder column of the administrative areas, and of the keys that are not ticked.
bool World::Holder(const std::string& user, const std::string& key,
                   const std::string& tenant) const {
  static const std::set<std::string> any_administrator = {
      "administration.oppna",           "administration.anvandare.lagg_till",
      "administration.anvandare.andra", "administration.licens.tilldela",
      "administration.behorighet.ge",   "abonnemang.licens.bestall"};
  static const std::set<std::string> of_the_client = {"administration.konsult.lagg_till",
                                                      "administration.konsult.inaktivera",
                                                      "klienthanterare.klient.redigera"};
  const bool agency = tenants.at(tenant).is_agency;
  if (any_administrator.count(key) > 0) return SomeAdministrator(user, tenant);
  if (of_the_client.count(key) > 0) return !agency && SystemAdministrator(user, tenant);
  if (ProgramOf(key) == "administration" || ProgramOf(key) == "abonnemang") {
    return SystemAdministrator(user, tenant);
  }
  if (key == "klienthanterare.konsult.tilldela_klienter") {
    return agency && ProgramAdministrator(user, "klienthanterare", tenant);
  }
  if (key == "lon.anvandare.koppla_anstalld") return ProgramAdministrator(user, "lon", tenant);
  if (key == "lon.egen.lonebesked") {
    return wage_earners.count({user, tenant}) > 0 && Reaches(user, tenant);
  }
  if (ProgramOf(key) == "bankkopplingar") {
    return Use(user, "bokforing.installningar", tenant) ||
           Use(user, "fakturering.installningar", tenant) || Use(user, "lon.installningar", tenant);
  }
  return false;
}

bool World::May(const std::string& user, const std::string& key, const std::string& tenant,
                Login login) const {
  if (accounts.at(user).removed || tenants.at(tenant).blocked) return false;
  if (NeedsBankId(key) && login != Login::kBankId) return false;
  return IsTicked(key) ? Use(user, key, tenant) : Holder(user, key, tenant);
}

// ---- facts --------------------------------------------------------------------------------------

void World::SetMark(const std::string& user, const std::string& client, Mark mark) {
  marks_[{user, client}] = mark;
}

void World::Grant(const std::string& user, const std::string& tenant, const std::string& key) {
  grants_.insert({user, tenant, key});
  if (accounts.at(user).home != tenant) turned_on_.insert({user, tenant});
}

std::string World::Sentences() const {
  std::string text;
  const auto line = [&](const std::string& sentence) { text += sentence + "\n"; };
  for (const auto& [id, tenant] : tenants) {
    const std::string attest = tenant.attest_on ? "attest_on: true" : "attest_on: false";
    const std::string status = tenant.blocked ? "status: blocked" : "status: active";
    line(tenant.is_agency ? "agency " + id + " { " + attest + " }"
                          : "client " + id + " { " + status + ", " + attest + " }");
  }
  for (const auto& [id, account] : accounts) {
    line("person human_" + id);
    line("user " + id + " { person: human_" + id + ", home: " + account.home + " }");
    if (account.removed) line(id + " removed");
  }
  for (const auto& [agency, client] : links) line(agency + " serves " + client);
  for (const auto& agency : packages) line(agency + " holds byrapartner");
  for (const auto& [pool, count] : seats) {
    line("seats of " + pool.second + " in " + pool.first + " is " + std::to_string(count));
  }
  for (const auto& [user, licence, tenant] : holds) {
    line(user + " holds " + licence + " from " + tenant);
  }
  for (const auto& [user, tenant] : sysadmins) {
    line(user + " is system_administrator on " + tenant);
  }
  for (const auto& [user, program, tenant] : programadmins) {
    line(user + " is program_administrator for " + program + " on " + tenant);
  }
  for (const auto& [user, tenant] : wage_earners) line(user + " is wage_earner on " + tenant);
  for (const auto& [user, client] : assigned) line(user + " assigned_to " + client);
  for (const auto& [pair, mark] : marks_) {
    if (mark == Mark::kOn) line(pair.first + " switched_on in " + pair.second);
    if (mark == Mark::kOff) line(pair.first + " switched_off in " + pair.second);
  }
  for (const auto& [user, tenant, key] : grants_) line(user + " granted " + key + " in " + tenant);
  for (const auto& [user, program, tenant] : shut_out) {
    line(user + " shut_out of " + program + " in " + tenant);
  }
  return text;
}

}  // namespace portvakt::policies
