// The keys as the domain lists them, each with what its box implies beside opening the program.
#include "tests/policies/domain.h"

namespace portvakt::policies {
namespace {

bool IsArea(const std::string& program) {
  return program == "administration" || program == "abonnemang" || program == "bankkopplingar";
}

// One row a key: the key, then what it implies.
std::vector<Key> Rows() {
  const std::vector<std::string> views = {
      "lager.lagerlista.las",         "lager.inkop.las",       "lager.inkommande_gods.las",
      "lager.tillverkningsorder.las", "lager.inventering.las", "lager.transaktionshistorik.las"};
  return {
      {"klienthanterare.oppna", {}},
      {"klienthanterare.klientlista.se", {}},
      {"klienthanterare.klientlista.utokad_sokning", {"klienthanterare.klientlista.se"}},
      {"klienthanterare.klientlista.dolj", {"klienthanterare.klientlista.se"}},
      {"klienthanterare.konsult.tilldela_klienter", {}},
      {"klienthanterare.klient.skapa", {}},
      {"klienthanterare.klient.aktivera", {}},
      {"klienthanterare.klient.redigera", {"klienthanterare.klientlista.se"}},
      {"bokforing.oppna", {}},
      {"bokforing.verifikation.las", {}},
      {"bokforing.verifikation.skapa", {"bokforing.verifikation.las"}},
      {"bokforing.verifikation.andra_olast", {"bokforing.verifikation.skapa"}},
      {"bokforing.verifikation.rattelsepost", {"bokforing.verifikation.las"}},
      {"bokforing.verifikation.attestera", {"bokforing.verifikation.las"}},
      {"bokforing.period.stang", {}},
      {"bokforing.period.ateroppna", {"bokforing.period.stang"}},
      {"bokforing.moms.las", {}},
      {"bokforing.moms.skapa", {"bokforing.moms.las"}},
      {"bokforing.moms.lamna", {"bokforing.moms.las"}},
      {"bokforing.periodisering.las", {}},
      {"bokforing.periodisering.skriv", {"bokforing.periodisering.las"}},
      {"bokforing.dagskassa.las", {}},
      {"bokforing.dagskassa.skriv", {"bokforing.dagskassa.las"}},
      {"bokforing.levfaktura.las", {}},
      {"bokforing.levfaktura.skapa", {"bokforing.levfaktura.las"}},
      {"bokforing.levfaktura.bokfor", {"bokforing.levfaktura.las"}},
      {"bokforing.levfaktura.makulera", {"bokforing.levfaktura.las"}},
      {"bokforing.levbetalning.las", {"bokforing.levfaktura.las"}},
      {"bokforing.levbetalning.skapa", {"bokforing.levbetalning.las"}},
      {"bokforing.levbetalning.skicka_bank", {"bokforing.levbetalning.las"}},
      {"bokforing.kontoutdrag.las", {}},
      {"bokforing.kontoutdrag.bokfor", {"bokforing.kontoutdrag.las"}},
      {"bokforing.bokslut.arsskifte", {}},
      {"bokforing.installningar", {}},
      {"fakturering.oppna", {}},
      {"fakturering.faktura.las", {}},
      {"fakturering.faktura.skapa", {"fakturering.faktura.las"}},
      {"fakturering.faktura.bokfor", {"fakturering.faktura.las"}},
      {"fakturering.faktura.makulera", {"fakturering.faktura.las"}},
      {"fakturering.faktura.kreditera", {"fakturering.faktura.las"}},
      {"fakturering.faktura.skicka", {"fakturering.faktura.las"}},
      {"fakturering.faktura.skriv_ut", {"fakturering.faktura.las"}},
      {"fakturering.inbetalning.las", {}},
      {"fakturering.inbetalning.registrera", {"fakturering.inbetalning.las"}},
      {"fakturering.avtal.las", {}},
      {"fakturering.avtal.skriv", {"fakturering.avtal.las"}},
      {"fakturering.tackningsbidrag.se", {}},
      {"fakturering.register_rapporter.las", {}},
      {"fakturering.installningar", {}},
      {"lon.oppna", {}},
      {"lon.kalender.oppna", {}},
      {"lon.kalender.andra_spara", {"lon.kalender.oppna"}},
      {"lon.kalender.visa_lonebesked", {"lon.kalender.oppna"}},
      {"lon.kalender.visa_saldo", {"lon.kalender.oppna"}},
      {"lon.kalender.guider", {"lon.kalender.oppna"}},
      {"lon.collectum.skapa", {}},
      {"lon.register.lonearter.las", {}},
      {"lon.personal.las", {}},
      {"lon.personal.skriv", {"lon.personal.las"}},
      {"lon.sjukfranvaro.las", {"lon.personal.las"}},
      {"lon.facktillhorighet.las", {"lon.personal.las"}},
      {"lon.arbetstidsschema.las", {}},
      {"lon.arbetstidsschema.skriv", {"lon.arbetstidsschema.las"}},
      {"lon.statistik.rapport", {}},
      {"lon.lonekorning.las", {}},
      {"lon.lonekorning.skapa", {"lon.lonekorning.las"}},
      {"lon.lonekorning.attestera", {"lon.lonekorning.las"}},
      {"lon.lonekorning.bokfor", {"lon.lonekorning.las"}},
      {"lon.lonekorning.skicka_betalning", {"lon.lonekorning.las"}},
      {"lon.agi.las", {}},
      {"lon.agi.skapa", {"lon.agi.las"}},
      {"lon.agi.lamna", {"lon.agi.las"}},
      {"lon.egen.lonebesked", {}},
      {"lon.anvandare.koppla_anstalld", {}},
      {"lon.installningar", {}},
      {"lager.oppna", {}},
      {"lager.lagerlista.las", {}},
      {"lager.inkop.las", {}},
      {"lager.inkommande_gods.las", {}},
      {"lager.tillverkningsorder.las", {}},
      {"lager.inventering.las", {}},
      {"lager.transaktionshistorik.las", {}},
      {"lager.leverans.hantera", views},
      {"lager.leverans.markera_klar", views},
      {"lager.inventering.genomfor", views},
      {"lager.tillverkningsorder.skriv", views},
      {"lager.tillverkningsorder.markera_klar", views},
      {"lager.lagervarde.rapport", {}},
      {"arkivplats.oppna", {}},
      {"arkivplats.mapp.las", {}},
      {"arkivplats.mapp.skriv", {"arkivplats.mapp.las"}},
      {"arkivplats.grupp.hantera", {}},
      {"administration.oppna", {}},
      {"administration.anvandare.lagg_till", {}},
      {"administration.anvandare.andra", {}},
      {"administration.anvandare.ta_bort", {}},
      {"administration.licens.tilldela", {}},
      {"administration.behorighet.ge", {}},
      {"administration.programadmin.utse", {}},
      {"administration.sysadmin.utse", {}},
      {"administration.konsult.lagg_till", {}},
      {"administration.konsult.inaktivera", {}},
      {"administration.integration.hantera", {}},
      {"abonnemang.licens.bestall", {}},
      {"abonnemang.licens.sag_upp", {}},
      {"abonnemang.avtal.godkann", {}},
      {"bankkopplingar.bankkonto.andra", {}},
      {"bankkopplingar.bankkoppling.aktivera", {}},
  };
}

// Any key of a program opens it; one's own payslips do not.
std::vector<Key> WithOpening() {
  std::vector<Key> keys = Rows();
  for (Key& key : keys) {
    const std::string open = ProgramOf(key.name) + ".oppna";
    if (IsArea(ProgramOf(key.name)) || key.name == "lon.egen.lonebesked") continue;
    if (key.name != open) key.implies.push_back(open);
  }
  return keys;
}

std::map<std::string, std::set<std::string>> Close() {
  std::map<std::string, std::set<std::string>> closures;
  for (const Key& key : Keys()) closures[key.name] = {key.name};
  for (bool grown = true; grown;) {
    grown = false;
    for (const Key& key : Keys()) {
      std::set<std::string>& closure = closures[key.name];
      const size_t before = closure.size();
      for (const std::string& implied : key.implies) {
        const std::set<std::string> more = closures.at(implied);
        closure.insert(more.begin(), more.end());
      }
      grown = grown || closure.size() > before;
    }
  }
  return closures;
}

}  // namespace

const std::vector<Key>& Keys() {
  static const std::vector<Key> keys = WithOpening();
  return keys;
}

std::string ProgramOf(const std::string& key) { return key.substr(0, key.find('.')); }

bool IsTicked(const std::string& key) {
  static const std::set<std::string> others = {
      "klienthanterare.konsult.tilldela_klienter", "klienthanterare.klient.redigera",
      "lon.anvandare.koppla_anstalld", "lon.egen.lonebesked"};
  return !IsArea(ProgramOf(key)) && others.count(key) == 0;
}

const std::set<std::string>& Closure(const std::string& key) {
  static const std::map<std::string, std::set<std::string>> closures = Close();
  return closures.at(key);
}

bool IsTravelling(const std::string& program) {
  return program == "bokforing" || program == "fakturering" || program == "lon";
}

}  // namespace portvakt::policies
