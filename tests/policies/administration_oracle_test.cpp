// Administration as the domain says: every act of every account, in every state of the story, is
// judged by the engine as by the formulas.
#include <gtest/gtest.h>

#include <set>

#include "tests/policies/agency.h"
#include "tests/policies/domain.h"
#include "tests/policies/story_states.h"

namespace portvakt::policies {
namespace {

using Kind = engine::ChangeItem::Kind;

// Differences printed of one state: the rest follows from the same cause.
constexpr size_t kMaxDifferences = 12;

// With room in every agency's pool, and Arkivplats free in alfa as in the story's data.
World WithSeats(World world) {
  for (const auto& [tenant, kind] : world.tenants) {
    if (kind.is_agency) world.seats[{tenant, "kh"}] = 60;
  }
  world.seats[{"alfa", "ark"}] = 1;
  return world;
}

class Administration {
 public:
  Administration(const World& world, std::string what) : world_(world), what_(std::move(what)) {
    loaded_ = agency_.LoadSentences(world.Sentences());
  }

  // Returns how many acts were permitted.
  size_t CompareAll() {
    if (!loaded_) return 0;
    for (const auto& [actor, account] : world_.accounts) {
      for (const auto& [tenant, kind] : world_.tenants) {
        CompareTenant(actor, tenant);
        for (const auto& [user, home] : world_.accounts) CompareUser(actor, user, tenant);
      }
      for (const auto& [user, home] : world_.accounts) {
        Compare(actor, Fact(Kind::kAdd, user, "removed"), world_.MayRemoveUser(actor, user));
      }
    }
    EXPECT_EQ(differences_, 0u) << what_ << ", the facts:\n" << world_.Sentences();
    return permitted_;
  }

 private:
  engine::EntityName Name(const std::string& id) const {
    const auto tenant = world_.tenants.find(id);
    if (tenant == world_.tenants.end()) return {"user", id};
    return {tenant->second.is_agency ? "agency" : "client", id};
  }
  engine::ChangeItem Fact(Kind kind, const std::string& subject, const std::string& relation,
                          const std::string& object = "", const std::string& symbol = "",
                          const std::string& program = "") const {
    engine::ChangeItem item;
    item.kind = kind;
    item.fact.subject = Name(subject);
    item.fact.relation = relation;
    item.fact.symbol = symbol;
    item.fact.program = program;
    if (!object.empty()) item.fact.object = Name(object);
    return item;
  }
  engine::ChangeItem Seats(const std::string& tenant, uint32_t seats) const {
    engine::ChangeItem item;
    item.kind = Kind::kSeats;
    item.entity = Name(tenant);
    item.licence = "kh";
    item.seats = seats;
    return item;
  }

  void CompareTenant(const std::string& actor, const std::string& tenant) {
    if (world_.tenants.at(tenant).is_agency) {
      Compare(actor, Seats(tenant, 70), world_.MayOrder(actor, tenant));
      Compare(actor, Seats(tenant, 50), world_.MayTerminate(actor, tenant));
    }
    engine::ChangeItem account;
    account.kind = Kind::kCreate;
    account.entity = {"user", "newcomer"};
    for (const auto& [name, value] : {std::pair("person", "human_" + actor), {"home", tenant}}) {
      engine::InputValue input;
      input.kind = engine::InputValue::Kind::kString;
      input.text = value;
      account.attributes.emplace_back(name, input);
    }
    Compare(actor, account, world_.MayAddUser(actor, tenant));
  }

  void CompareUser(const std::string& actor, const std::string& user, const std::string& tenant) {
    const bool client = !world_.tenants.at(tenant).is_agency;
    const bool appoints = world_.MayAppoint(actor, user, tenant);
    Compare(actor, Fact(Kind::kAdd, user, "is", tenant, "system_administrator"), appoints);
    Compare(actor, Fact(Kind::kAdd, user, "is", tenant, "program_administrator", "lon"), appoints);
    for (const std::string licence : {"fak", "las", "kh"}) {
      if (client == (licence == "kh")) continue;
      Compare(actor, Fact(Kind::kAdd, user, "holds", tenant, licence),
              world_.MayGiveLicence(actor, user, licence, tenant));
    }
    for (const std::string key :
         {"bokforing.verifikation.skapa", "fakturering.faktura.las", "lon.personal.las",
          "lager.lagerlista.las", "arkivplats.mapp.skriv", "klienthanterare.klientlista.se"}) {
      // A program acts on its own kinds of tenants.
      if (ProgramOf(key) == "klienthanterare" && client) continue;
      Compare(actor, Fact(Kind::kAdd, user, "granted", tenant, key),
              world_.MayGrant(actor, user, tenant, key));
      Compare(actor, Fact(Kind::kRemove, user, "granted", tenant, key),
              world_.MayRevoke(actor, user, tenant, key));
    }
    if (!client) return;
    const bool assigns = world_.MayAssign(actor, user, tenant);
    Compare(actor, Fact(Kind::kAdd, user, "assigned_to", tenant), assigns);
    Compare(actor, Fact(Kind::kRemove, user, "assigned_to", tenant), assigns);
    Compare(actor, Fact(Kind::kAdd, user, "switched_on", tenant),
            world_.MayAddConsultant(actor, user, tenant));
    Compare(actor, Fact(Kind::kAdd, user, "switched_off", tenant),
            world_.MaySetInactive(actor, tenant));
  }

  // What rules say; a refusal by a limit alone is a permit of the rules.
  void Compare(const std::string& actor, const engine::ChangeItem& change, bool expected) {
    static const std::set<std::string> limits = {"no_free_licence", "last_sysadmin", "on_or_off"};
    engine::ChangeRequest request;
    request.actor = engine::EntityName{"user", actor};
    request.changes = {change};
    request.dry_run = true;
    const engine::ChangeResult result = agency_.engine().Change(request);
    ASSERT_EQ(result.verdicts.size(), 1u) << result.error;
    bool actual = true;
    std::string codes;
    for (const engine::ReasonText& reason : result.verdicts.front().reasons) {
      if (limits.count(reason.code) == 0) actual = false;
      codes += " " + reason.code;
    }
    permitted_ += actual ? 1 : 0;
    if (actual == expected || ++differences_ > kMaxDifferences) return;
    const engine::FactName& fact = change.fact;
    ADD_FAILURE() << what_ << ": " << actor
                  << (change.kind == Kind::kRemove ? " removes " : " adds ")
                  << (fact.relation.empty() ? change.entity.id : fact.subject.id) << " "
                  << fact.relation << " " << fact.symbol << " " << fact.program << " "
                  << (fact.object ? fact.object->id : "") << " is "
                  << (actual ? "permitted" : "refused:" + codes) << ", the domain says otherwise";
  }

  const World& world_;
  std::string what_;
  Agency agency_;
  bool loaded_ = false;
  size_t permitted_ = 0;
  size_t differences_ = 0;
};

TEST(AgencyAdministration, AgreesWithTheDomainInEveryStateOfTheStory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  const int step = 7;  // the first and the last: a state takes half a minute there
#else
  const int step = 1;
#endif
  for (int state = 0; state <= 7; state += step) {
    const World world = WithSeats(StateOfStory(state));
    EXPECT_GT(Administration(world, "state " + std::to_string(state)).CompareAll(), 100u);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(AgencyAdministration, AgreesWithTheDomainInWhatMayHappenLater) {
  World world = WithSeats(StateOfStory(7));
  world.links.insert({"syd", "beta"});
  world.assigned.insert({"sven", "beta"});
  world.SetMark("anna", "alfa", Mark::kOff);
  world.accounts["bo"].removed = true;
  world.tenants["delta"].blocked = true;
  world.programadmins.insert({"david", "arkivplats", "alfa"});
  world.programadmins.insert({"david", "lon", "gamma"});
  Administration(world, "later").CompareAll();
}

}  // namespace
}  // namespace portvakt::policies
