// Gathering the changes of one transaction. engine/writer_commit.cpp writes them.
#include <algorithm>
#include <cassert>

#include "engine/writer_state.h"

namespace portvakt::engine {
namespace {

Error Invalid(std::string message) { return {Error::Code::kInvalid, std::move(message)}; }

}  // namespace

// ---- dirty cells ------------------------------------------------------------------------------

DirtyCell* DirtyCells::Find(uint64_t hash, EntityId subject, EntityId object) {
  if (slots_.empty()) return nullptr;
  const size_t mask = slots_.size() - 1;
  for (size_t slot = hash & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    DirtyCell& cell = cells_[slots_[slot] - 1];
    if (cell.subject == subject && cell.object == object) return &cell;
  }
  return nullptr;
}

DirtyCell& DirtyCells::Add(DirtyCell cell) {
  if (2 * (cells_.size() + 1) > slots_.size()) Grow();
  cells_.push_back(std::move(cell));
  const size_t mask = slots_.size() - 1;
  size_t slot = cells_.back().hash & mask;
  while (slots_[slot] != 0) slot = (slot + 1) & mask;
  slots_[slot] = static_cast<uint32_t>(cells_.size());
  return cells_.back();
}

void DirtyCells::Grow() {
  slots_.assign(std::max<size_t>(64, 2 * slots_.size()), 0);
  const size_t mask = slots_.size() - 1;
  for (size_t i = 0; i < cells_.size(); ++i) {
    size_t slot = cells_[i].hash & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = static_cast<uint32_t>(i + 1);
  }
}

// ---- what was gathered, and else what is stored -----------------------------------------------

uint64_t& Writer::State::CountOf(uint16_t type) {
  const auto found = counts.find(type);
  if (found != counts.end()) return found->second;
  std::string_view value;
  uint64_t count = 0;
  if (transaction.Get(StoreTable::kCounts, CountKey(type), value))
    count = GetNumber<uint64_t>(value);
  return counts.emplace(type, count).first->second;
}

bool Writer::State::Exists(EntityId entity) {
  if (entity >> 56 != 0) return false;
  return (entity & (2 * kTransientIndex - 1)) < CountOf(TypeOf(entity));
}

std::string_view Writer::State::RecordOf(EntityId entity) const {
  const auto found = records.find(entity);
  return found != records.end() ? std::string_view(found->second) : ReadRecord(transaction, entity);
}

DirtyCell& Writer::State::Touch(EntityId subject, EntityId object) {
  const Key key = CellKey(subject, object);
  const uint64_t hash = HashBytes(key, state.seed);
  if (DirtyCell* found = cells.Find(hash, subject, object)) return *found;
  DirtyCell cell{subject, object, hash, {}, false, {}};
  FindInBuckets(transaction, StoreTable::kCells, state.cells, hash, key, cell.old_value);
  cell.rows = CellRows(Cell(WithoutSince(cell.old_value)));
  return cells.Add(std::move(cell));
}

Validity Writer::State::ValidityOf(const FactKey& fact) const {
  const auto found = validities.find(std::string(ValidityKey(fact).view()));
  if (found == validities.end()) return ReadValidity(transaction, fact);
  return found->second.value_or(Validity{});
}

// ---- the door ---------------------------------------------------------------------------------

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer::~Writer() = default;

size_t Writer::change_count() const { return state_->log.size(); }
uint64_t Writer::revision() const { return state_->state.revision; }
int64_t Writer::instant_us() const { return state_->state.instant_us; }

std::optional<MadeBefore> Writer::FindIdempotent(EntityId actor, std::string_view key) const {
  return ReadIdempotent(state_->transaction, actor, key);
}

Result<uint32_t> Writer::Number(Space space, std::string_view name) {
  if (name.empty() || name.size() > kMaxIdBytes) {
    return Invalid("a name has 1 to " + std::to_string(kMaxIdBytes) + " bytes");
  }
  if (const auto stored = ReadNumber(state_->transaction, space, name)) return *stored;
  const std::string key(NameKey(space, name).view());
  const auto found = state_->names.find(key);
  if (found != state_->names.end()) return found->second;
  uint32_t& given = state_->state.numbers[static_cast<size_t>(space)];
  if (given >= kMaxNumbers) {
    return Error{Error::Code::kFull, "`" + std::string(name) + "` gets no number: the store has " +
                                         "given all " + std::to_string(kMaxNumbers) +
                                         " of its kind"};
  }
  state_->names.emplace(key, given);
  return given++;
}

std::optional<EntityId> Writer::FindEntity(uint16_t type, std::string_view id) const {
  if (id.size() > kMaxIdBytes) return std::nullopt;
  if (!state_->entities.empty()) {
    const auto found = state_->entities.find(std::string(EntityKey(type, id).view()));
    if (found != state_->entities.end()) {
      return found->second == kNoEntity ? std::nullopt : std::optional(found->second);
    }
  }
  return ReadEntity(state_->transaction, state_->state, type, id);
}

Record Writer::FindRecord(EntityId entity) const { return Record(state_->RecordOf(entity)); }

Cell Writer::FindCell(EntityId subject, EntityId object) const {
  const Key key = CellKey(subject, object);
  const uint64_t hash = HashBytes(key, state_->state.seed);
  if (const DirtyCell* found = state_->cells.Find(hash, subject, object)) {
    return Cell(found->bytes());
  }
  return Cell(ReadCell(state_->transaction, state_->state, subject, object));
}

Validity Writer::FindValidity(const FactKey& fact) const { return state_->ValidityOf(fact); }

Result<EntityId> Writer::NumberEntity(uint16_t type, std::string_view id) {
  if (id.empty() || id.size() > kMaxIdBytes) {
    return Invalid("an id has 1 to " + std::to_string(kMaxIdBytes) + " bytes");
  }
  if (const auto found = FindEntity(type, id)) return *found;
  uint64_t& count = state_->CountOf(type);
  if (count > kMaxEntityIndex) return Error{Error::Code::kFull, "no index left for a new entity"};
  const EntityId entity = MakeEntity(type, count++);
  state_->entities.insert_or_assign(std::string(EntityKey(type, id).view()), entity);
  return entity;
}

Result<EntityId> Writer::PutEntity(uint16_t type, std::string_view id,
                                   std::vector<StoredAttribute> attributes) {
  Result<EntityId> entity = NumberEntity(type, id);
  if (!entity) return entity;
  if (Status status = NormaliseAttributes(attributes); !status) return status.error();
  std::string record = EncodeRecord(id, attributes);
  if (record.size() > kMaxRecordBytes) {
    return Invalid("the attributes of `" + std::string(id) + "` take " +
                   std::to_string(record.size()) + " bytes, more than " +
                   std::to_string(kMaxRecordBytes));
  }
  Change change;
  change.kind = Change::Kind::kPutEntity;
  change.entity = *entity;
  change.record_before = state_->RecordOf(*entity);
  change.existed = !change.record_before.empty();
  if (change.record_before == record) return *entity;
  change.record = record;
  state_->records[change.entity] = std::move(record);
  state_->log.Add(change);
  return change.entity;
}

Status Writer::RemoveEntity(EntityId entity) {
  Change change;
  change.kind = Change::Kind::kRemoveEntity;
  change.entity = entity;
  change.record_before = state_->RecordOf(entity);
  if (change.record_before.empty()) return Done{};
  const std::string_view id = Record(change.record_before).id();
  const std::string key(EntityKey(TypeOf(entity), id).view());
  if (ReadEntity(state_->transaction, state_->state, TypeOf(entity), id) == entity) {
    state_->removed[key] = entity;
  }
  state_->entities[key] = kNoEntity;
  state_->records[entity].clear();
  state_->log.Add(change);
  return Done{};
}

Status Writer::AddFact(const FactKey& fact, Validity validity) {
  if (validity.from_us >= validity.until_us) return Invalid("a fact must hold for some time");
  if (fact.relation >= kMaxNumbers || fact.symbol >= kMaxNumbers) {
    return Invalid("a fact with a number that was never given");
  }
  if (!state_->Exists(fact.subject) || (fact.object != kNoEntity && !state_->Exists(fact.object))) {
    return Invalid("a fact about an entity that is not stored");
  }
  DirtyCell& cell = state_->Touch(fact.subject, fact.object);
  const CellRows::Bit bit = cell.rows.Find(fact.relation, fact.symbol);
  Change change;
  change.existed = bit.holds;
  if (bit.timed) change.validity_before = state_->ValidityOf(fact);
  if (change.existed && change.validity_before == validity) return Done{};
  cell.rows.Set(fact.relation, fact.symbol, !validity.always());
  if (!validity.always()) {
    state_->validities[std::string(ValidityKey(fact).view())] = validity;
  } else if (bit.timed) {
    state_->validities[std::string(ValidityKey(fact).view())] = std::nullopt;
  }
  cell.changed = true;
  change.kind = Change::Kind::kAddFact;
  change.fact = fact;
  change.validity = validity;
  state_->log.Add(change);
  return Done{};
}

Status Writer::RemoveFact(const FactKey& fact) {
  DirtyCell& cell = state_->Touch(fact.subject, fact.object);
  const CellRows::Bit bit = cell.rows.Find(fact.relation, fact.symbol);
  if (!bit.holds) return Done{};
  Change change;
  change.kind = Change::Kind::kRemoveFact;
  change.fact = fact;
  if (bit.timed) {
    change.validity_before = state_->ValidityOf(fact);
    state_->validities[std::string(ValidityKey(fact).view())] = std::nullopt;
  }
  cell.rows.Clear(fact.relation, fact.symbol);
  cell.changed = true;
  state_->log.Add(change);
  return Done{};
}

Status Writer::SetSeats(EntityId tenant, uint16_t licence, uint32_t seats) {
  if (!state_->Exists(tenant)) return Invalid("seats of a tenant that is not stored");
  const auto found = state_->seats.find({tenant, licence});
  const uint32_t before = found != state_->seats.end()
                              ? found->second
                              : ReadSeats(state_->transaction, tenant, licence);
  if (before == seats) return Done{};
  state_->seats[{tenant, licence}] = seats;
  Change change;
  change.kind = Change::Kind::kSetSeats;
  change.entity = tenant;
  change.licence = licence;
  change.number = seats;
  change.number_before = before;
  state_->log.Add(change);
  return Done{};
}

// ---- policies ---------------------------------------------------------------------------------

Result<uint32_t> Writer::InstallPolicy(std::string_view name,
                                       const std::vector<PolicyFile>& sources,
                                       std::string_view program) {
  const uint32_t version = ++state_->state.policies;
  PolicyInfo info;
  info.version = version;
  info.name = name;
  info.digest = DigestOf(sources);
  Change change;
  change.kind = Change::Kind::kInstallPolicy;
  change.record = info.digest;
  state_->policies.push_back({std::move(info), sources});
  if (!program.empty()) state_->programs[version] = program;
  change.number = version;
  state_->log.Add(change);
  return version;
}

std::optional<uint32_t> Writer::FindPolicy(std::string_view digest) const {
  for (const PolicyInfo& info : ReadPolicies(state_->transaction, 0)) {
    if (info.digest == digest) return info.version;
  }
  for (const DirtyPolicy& policy : state_->policies) {
    if (policy.info.digest == digest) return policy.info.version;
  }
  return std::nullopt;
}

Status Writer::ReplaceProgram(uint32_t version, std::string_view program) {
  if (version == 0 || version > state_->state.policies) {
    return Error{Error::Code::kNotFound, "no policy has version " + std::to_string(version)};
  }
  state_->programs[version] = program;
  return Done{};
}

Status Writer::DropPolicy(uint32_t version) {
  const auto stored = ReadPolicy(state_->transaction, version, 0);
  if (!stored || state_->dropped_policies.contains(version)) {
    return Error{Error::Code::kNotFound, "no policy has version " + std::to_string(version)};
  }
  if (stored->has_program || state_->programs.contains(version)) {
    return Invalid("policy version " + std::to_string(version) + " was active once; it is kept");
  }
  state_->dropped_policies.insert(version);
  Change change;
  change.kind = Change::Kind::kDropPolicy;
  change.number = version;
  state_->log.Add(change);
  return Done{};
}

Status Writer::ActivatePolicy(uint32_t version) {
  if (version == 0 || version > state_->state.policies) {
    return Error{Error::Code::kNotFound, "no policy has version " + std::to_string(version)};
  }
  uint32_t& active = state_->state.active_policy;
  if (active == version) return Done{};
  Change change;
  change.kind = Change::Kind::kActivatePolicy;
  change.number = version;
  change.number_before = active;
  if (!state_->active_before) state_->active_before = active;
  active = version;
  state_->log.Add(change);
  return Done{};
}

}  // namespace portvakt::engine
