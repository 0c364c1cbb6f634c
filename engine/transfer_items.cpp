#include "engine/transfer_items.h"

#include <algorithm>
#include <bit>

#include "engine/change_plan.h"

namespace portvakt::engine {
namespace {

struct StoredFact {
  FactName name;
  Validity validity;
};

void ReadFacts(const DataNames& names, const View& view, EntityId subject, EntityId object,
               int64_t now_us, std::vector<StoredFact>& out) {
  const Cell cell = view.FindCell(subject, object);
  for (size_t i = 0; i < cell.size(); ++i) {
    const Cell::Row row = cell.at(i);
    for (uint64_t bits = row.bits; bits != 0; bits &= bits - 1) {
      const int bit = std::countr_zero(bits);
      const FactKey key{row.relation, static_cast<uint16_t>(row.word * 64 + bit), subject, object};
      StoredFact fact;
      if (((row.timed >> bit) & 1) != 0) fact.validity = view.FindValidity(key);
      if (fact.validity.until_us <= now_us) continue;
      auto name = NameFact(names, view, key);
      if (!name) continue;
      fact.name = std::move(*name);
      out.push_back(std::move(fact));
    }
  }
}

std::vector<StoredFact> FactsOf(const DataNames& names, const View& view, EntityId subject,
                                int64_t now_us) {
  std::vector<StoredFact> facts;
  ReadFacts(names, view, subject, kNoEntity, now_us, facts);
  for (uint32_t type = 0; !view.NameOf(Space::kType, type).empty(); ++type) {
    std::vector<EntityId> objects;
    view.Neighbours(Direction::kObjectsOf, subject, static_cast<uint16_t>(type), objects);
    for (const EntityId object : objects) ReadFacts(names, view, subject, object, now_us, facts);
  }
  std::stable_partition(facts.begin(), facts.end(),
                        [](const StoredFact& fact) { return fact.name.relation == "holds"; });
  return facts;
}

template <class T>
bool Has(const std::vector<T>& list, const T& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

bool TakenOver(const FactName& fact, const OnboardQuery& query) {
  const bool named = Has(query.relations, fact.relation);
  const bool plain = fact.relation == "holds" || (fact.object && fact.relation != "is");
  if (query.relations.empty() ? !plain : !named) return false;
  return query.objects.empty() || (fact.object && Has(query.objects, *fact.object));
}

EntityName NameOfEntity(const View& view, EntityId entity) {
  return {std::string(view.NameOf(Space::kType, TypeOf(entity))),
          std::string(view.FindRecord(entity).id())};
}

}  // namespace

std::optional<FactName> NameFact(const DataNames& names, const View& view, const FactKey& fact) {
  ProposedChange change;
  if (!DescribeFact(names, view, fact, change)) return std::nullopt;
  FactName name;
  name.subject = NameOfEntity(view, fact.subject);
  if (fact.object != kNoEntity) name.object = NameOfEntity(view, fact.object);
  switch (change.target) {
    case ProposedChange::Target::kRole:
      name.relation = "is";
      name.symbol = view.NameOf(Space::kRole, change.symbol);
      if (change.program != kNoIndex) name.program = view.NameOf(Space::kProgram, change.program);
      return name;
    case ProposedChange::Target::kHolds:
      name.relation = "holds";
      name.symbol = view.NameOf(Space::kLicence, change.symbol);
      return name;
    default: break;
  }
  name.relation = view.NameOf(Space::kRelation, fact.relation);
  const dsl::Fact& declared = names.module().facts[names.FindVerb(name.relation)];
  if (declared.symbol_slot != dsl::kNone) {
    const dsl::SymbolKind kind = declared.shape.slots[declared.symbol_slot].symbol_kind;
    name.symbol = view.NameOf(SpaceOf(kind), fact.symbol);
  }
  return name;
}

std::vector<ChangeItem> OnboardItems(const DataNames& names, const View& view, int64_t now_us,
                                     EntityId like, const OnboardQuery& query) {
  std::vector<ChangeItem> items;
  for (StoredFact& fact : FactsOf(names, view, like, now_us)) {
    if (!TakenOver(fact.name, query)) continue;
    ChangeItem& item = items.emplace_back();
    item.fact = std::move(fact.name);
    item.fact.subject = query.subject;
    item.validity = fact.validity;
  }
  return items;
}

std::vector<ChangeItem> OffboardItems(const DataNames& names, const View& view, int64_t now_us,
                                      EntityId subject, const OffboardQuery& query) {
  std::vector<ChangeItem> items;
  for (StoredFact& fact : FactsOf(names, view, subject, now_us)) {
    if (!query.relations.empty() && !Has(query.relations, fact.name.relation)) continue;
    ChangeItem& item = items.emplace_back();
    item.kind = ChangeItem::Kind::kRemove;
    item.fact = std::move(fact.name);
  }
  return items;
}

}  // namespace portvakt::engine
