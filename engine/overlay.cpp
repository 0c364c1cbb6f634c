// What was changed stands in maps; everything else is the base's. What an Undo leaves behind in
// them says the same as the base does, and Neighbours and Referrers may say too much.
#include "engine/overlay.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <tuple>
#include <unordered_map>

#include "engine/cell_rows.h"
#include "engine/records.h"

namespace portvakt::engine {
namespace {

using FactOrder = std::tuple<EntityId, EntityId, uint16_t, uint16_t>;
FactOrder OrderOf(const FactKey& fact) {
  return {fact.subject, fact.object, fact.relation, fact.symbol};
}

using Pair = std::pair<EntityId, EntityId>;
struct PairHash {
  size_t operator()(const Pair& pair) const {
    // Multiplicative: entities are small consecutive numbers.
    uint64_t hash = pair.first * 0x9e3779b97f4a7c15u;
    hash = (hash ^ (hash >> 32) ^ pair.second) * 0xd6e8feb86659fd93u;
    return static_cast<size_t>(hash ^ (hash >> 32));
  }
};

struct IdLess {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return a.first != b.first ? a.first < b.first
                              : std::string_view(a.second) < std::string_view(b.second);
  }
};

// Merges what was appended behind `begin`, in two ascending runs that meet at `middle`.
void MergeTail(std::vector<EntityId>& out, size_t begin, size_t middle) {
  if (middle == out.size()) return;
  const auto first = out.begin() + static_cast<std::ptrdiff_t>(begin);
  std::inplace_merge(first, out.begin() + static_cast<std::ptrdiff_t>(middle), out.end());
  out.erase(std::unique(first, out.end()), out.end());
}

}  // namespace

struct Overlay::State {
  explicit State(const View& under) : base(under) {}

  const View& base;
  std::vector<Change> log;
  std::unordered_map<Pair, CellRows, PairHash> cells;
  std::map<FactOrder, Validity> validities;
  std::set<std::tuple<Direction, EntityId, EntityId>> neighbours;    // new ones
  std::map<EntityId, std::string> records;                           // "" when removed
  std::map<std::pair<uint16_t, std::string>, EntityId, IdLess> ids;  // kNoEntity when removed
  std::map<uint16_t, uint64_t> counts;
  std::set<std::tuple<uint16_t, EntityId, EntityId>> references;  // new ones
  std::map<std::pair<EntityId, uint16_t>, uint32_t> seats;

  CellRows& Touch(EntityId subject, EntityId object) {
    const auto [cell, fresh] = cells.try_emplace({subject, object});
    if (fresh) cell->second = CellRows(base.FindCell(subject, object));
    return cell->second;
  }
  void PutFact(const FactKey& fact, Validity validity);
  void DropFact(const FactKey& fact);
  void PutRecord(EntityId entity, const std::string& record);
  void DropRecord(EntityId entity, std::string_view id);
  void TakeBack(const Change& change);
};

// ---- changing ---------------------------------------------------------------------------------

void Overlay::State::PutFact(const FactKey& fact, Validity validity) {
  CellRows& rows = Touch(fact.subject, fact.object);
  if (rows.empty() && fact.object != kNoEntity) {
    neighbours.emplace(Direction::kObjectsOf, fact.subject, fact.object);
    neighbours.emplace(Direction::kSubjectsOf, fact.object, fact.subject);
  }
  const bool timed = rows.Find(fact.relation, fact.symbol).timed;
  rows.Set(fact.relation, fact.symbol, !validity.always());
  if (timed || !validity.always()) validities[OrderOf(fact)] = validity;
}

void Overlay::State::DropFact(const FactKey& fact) {
  CellRows& rows = Touch(fact.subject, fact.object);
  if (rows.Find(fact.relation, fact.symbol).timed) validities[OrderOf(fact)] = Validity{};
  rows.Clear(fact.relation, fact.symbol);
}

void Overlay::State::PutRecord(EntityId entity, const std::string& record) {
  records[entity] = record;
  ids[{TypeOf(entity), std::string(Record(record).id())}] = entity;
  std::vector<RecordReference> found;
  CollectReferences(record, found);
  for (const RecordReference& reference : found) {
    references.emplace(reference.attribute, reference.target, entity);
  }
}

void Overlay::State::DropRecord(EntityId entity, std::string_view id) {
  ids[{TypeOf(entity), std::string(id)}] = kNoEntity;
  records[entity].clear();
}

void Overlay::State::TakeBack(const Change& change) {
  switch (change.kind) {
    case Change::Kind::kAddFact:
      if (change.existed) return PutFact(change.fact, change.validity_before);
      return DropFact(change.fact);
    case Change::Kind::kRemoveFact: return PutFact(change.fact, change.validity_before);
    case Change::Kind::kPutEntity:
      if (change.existed) return PutRecord(change.entity, change.record_before);
      DropRecord(change.entity, Record(change.record).id());
      --counts[TypeOf(change.entity)];
      return;
    case Change::Kind::kRemoveEntity: return PutRecord(change.entity, change.record_before);
    case Change::Kind::kSetSeats:
      seats[{change.entity, change.licence}] = change.number_before;
      return;
    case Change::Kind::kInstallPolicy:
    case Change::Kind::kActivatePolicy:
    case Change::Kind::kDropPolicy: break;  // no overlay has these
  }
}

Overlay::Overlay(const View& base) : state_(std::make_unique<State>(base)) {}
Overlay::~Overlay() = default;

bool Overlay::AddFact(const FactKey& fact, Validity validity) {
  State& state = *state_;
  const CellRows::Bit bit = state.Touch(fact.subject, fact.object).Find(fact.relation, fact.symbol);
  Change change;
  change.fact = fact;
  change.existed = bit.holds;
  change.validity = validity;
  if (bit.timed) change.validity_before = FindValidity(fact);
  if (bit.holds && change.validity_before == validity) return false;
  state.PutFact(fact, validity);
  state.log.push_back(std::move(change));
  return true;
}

bool Overlay::RemoveFact(const FactKey& fact) {
  State& state = *state_;
  const CellRows::Bit bit = state.Touch(fact.subject, fact.object).Find(fact.relation, fact.symbol);
  if (!bit.holds) return false;
  Change change;
  change.kind = Change::Kind::kRemoveFact;
  change.fact = fact;
  if (bit.timed) change.validity_before = FindValidity(fact);
  state.DropFact(fact);
  state.log.push_back(std::move(change));
  return true;
}

EntityId Overlay::Create(uint16_t type, std::string_view id,
                         std::vector<StoredAttribute> attributes) {
  State& state = *state_;
  assert(!FindEntity(type, id));
  const uint64_t index = NextIndex(type);
  Change change;
  change.kind = Change::Kind::kPutEntity;
  change.entity = MakeEntity(type, index);
  [[maybe_unused]] const Status good = NormaliseAttributes(attributes);
  assert(good.ok());
  change.record = EncodeRecord(id, attributes);
  state.counts[type] = index + 1;
  state.PutRecord(change.entity, change.record);
  state.log.push_back(change);
  return change.entity;
}

bool Overlay::SetAttributes(EntityId entity, std::vector<StoredAttribute> attributes) {
  const Record before = FindRecord(entity);
  assert(before.exists());
  [[maybe_unused]] const Status good = NormaliseAttributes(attributes);
  assert(good.ok());
  Change change;
  change.kind = Change::Kind::kPutEntity;
  change.entity = entity;
  change.existed = true;
  change.record = EncodeRecord(before.id(), attributes);
  change.record_before = before.bytes();
  if (change.record == change.record_before) return false;
  state_->PutRecord(entity, change.record);
  state_->log.push_back(std::move(change));
  return true;
}

bool Overlay::RemoveEntity(EntityId entity) {
  const Record before = FindRecord(entity);
  if (!before.exists()) return false;
  Change change;
  change.kind = Change::Kind::kRemoveEntity;
  change.entity = entity;
  change.record_before = before.bytes();
  state_->DropRecord(entity, Record(change.record_before).id());
  state_->log.push_back(std::move(change));
  return true;
}

bool Overlay::SetSeats(EntityId tenant, uint16_t licence, uint32_t seats) {
  Change change;
  change.kind = Change::Kind::kSetSeats;
  change.entity = tenant;
  change.licence = licence;
  change.number = seats;
  change.number_before = FindSeats(tenant, licence);
  if (change.number_before == seats) return false;
  state_->seats[{tenant, licence}] = seats;
  state_->log.push_back(std::move(change));
  return true;
}

const std::vector<Change>& Overlay::changes() const { return state_->log; }

void Overlay::Undo(size_t count) {
  State& state = *state_;
  if (count == 0) {
    const View& base = state.base;
    if (!state.log.empty()) state_ = std::make_unique<State>(base);
    return;
  }
  while (state.log.size() > count) {
    state.TakeBack(state.log.back());
    state.log.pop_back();
  }
}

// ---- reading ----------------------------------------------------------------------------------

uint64_t Overlay::revision() const { return state_->base.revision(); }

std::optional<uint32_t> Overlay::FindNumber(Space space, std::string_view name) const {
  return state_->base.FindNumber(space, name);
}

std::string_view Overlay::NameOf(Space space, uint32_t number) const {
  return state_->base.NameOf(space, number);
}

std::optional<EntityId> Overlay::FindEntity(uint16_t type, std::string_view id) const {
  const auto found = state_->ids.find(std::pair(type, id));
  if (found == state_->ids.end()) return state_->base.FindEntity(type, id);
  if (found->second == kNoEntity) return std::nullopt;
  return found->second;
}

Record Overlay::FindRecord(EntityId entity) const {
  const auto found = state_->records.find(entity);
  if (found == state_->records.end()) return state_->base.FindRecord(entity);
  return Record(found->second);
}

Cell Overlay::FindCell(EntityId subject, EntityId object) const {
  const auto found = state_->cells.find({subject, object});
  if (found == state_->cells.end()) return state_->base.FindCell(subject, object);
  return Cell(found->second.bytes());
}

Validity Overlay::FindValidity(const FactKey& fact) const {
  const auto found = state_->validities.find(OrderOf(fact));
  return found == state_->validities.end() ? state_->base.FindValidity(fact) : found->second;
}

uint32_t Overlay::FindSeats(EntityId tenant, uint16_t licence) const {
  const auto found = state_->seats.find({tenant, licence});
  return found == state_->seats.end() ? state_->base.FindSeats(tenant, licence) : found->second;
}

void Overlay::Neighbours(Direction direction, EntityId entity, uint16_t type,
                         std::vector<EntityId>& out) const {
  const size_t begin = out.size();
  state_->base.Neighbours(direction, entity, type, out);
  const size_t middle = out.size();
  const auto& added = state_->neighbours;
  for (auto at = added.lower_bound({direction, entity, MakeEntity(type, 0)});
       at != added.end() && std::get<0>(*at) == direction && std::get<1>(*at) == entity &&
       TypeOf(std::get<2>(*at)) == type;
       ++at) {
    out.push_back(std::get<2>(*at));
  }
  MergeTail(out, begin, middle);
}

void Overlay::Referrers(uint16_t attribute, EntityId target, std::vector<EntityId>& out) const {
  const size_t begin = out.size();
  state_->base.Referrers(attribute, target, out);
  const size_t middle = out.size();
  const auto& added = state_->references;
  for (auto at = added.lower_bound({attribute, target, 0});
       at != added.end() && std::get<0>(*at) == attribute && std::get<1>(*at) == target; ++at) {
    out.push_back(std::get<2>(*at));
  }
  MergeTail(out, begin, middle);
}

void Overlay::Entities(uint16_t type, std::vector<EntityId>& out) const {
  const auto begin = static_cast<std::ptrdiff_t>(out.size());
  state_->base.Entities(type, out);
  const auto& records = state_->records;
  const auto first = records.lower_bound(MakeEntity(type, 0));
  if (first == records.end() || TypeOf(first->first) != type) return;
  const auto removed = [&](EntityId entity) {
    const auto found = records.find(entity);
    return found != records.end() && found->second.empty();
  };
  out.erase(std::remove_if(out.begin() + begin, out.end(), removed), out.end());
  const EntityId fresh = MakeEntity(type, state_->base.NextIndex(type));
  for (auto at = records.lower_bound(fresh); at != records.end() && TypeOf(at->first) == type;
       ++at) {
    if (!at->second.empty()) out.push_back(at->first);
  }
}

uint64_t Overlay::NextIndex(uint16_t type) const {
  const auto found = state_->counts.find(type);
  return found == state_->counts.end() ? state_->base.NextIndex(type) : found->second;
}

}  // namespace portvakt::engine
