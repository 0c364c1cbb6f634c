// Reading one state of the store. Nothing here allocates but the lists that are asked for.
#include "engine/history.h"
#include "engine/policies.h"
#include "engine/records.h"
#include "engine/snapshot_state.h"

namespace portvakt::engine {

Snapshot::Snapshot(std::unique_ptr<State> state) : state_(std::move(state)) {}
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;
Snapshot::~Snapshot() = default;

Status Snapshot::Renew() {
  const uint64_t before = state_->transaction.commit();
  if (Status status = state_->transaction.Renew(); !status) return status;
  if (state_->transaction.commit() == before) return Done{};
  state_->state = ReadState(state_->transaction);
  state_->aligned_program.clear();
  return Done{};
}

uint64_t Snapshot::revision() const { return state_->state.revision; }

std::optional<uint32_t> Snapshot::FindNumber(Space space, std::string_view name) const {
  return ReadNumber(state_->transaction, space, name);
}

std::string_view Snapshot::NameOf(Space space, uint32_t number) const {
  std::string_view name;
  state_->transaction.Get(StoreTable::kNumbers, NumberKey(space, number), name);
  return name;
}

std::optional<EntityId> Snapshot::FindEntity(uint16_t type, std::string_view id) const {
  return ReadEntity(state_->transaction, state_->state, type, id);
}

Record Snapshot::FindRecord(EntityId entity) const {
  return Record(ReadRecord(state_->transaction, entity));
}

Cell Snapshot::FindCell(EntityId subject, EntityId object) const {
  return Cell(ReadCell(state_->transaction, state_->state, subject, object));
}

Validity Snapshot::FindValidity(const FactKey& fact) const {
  return ReadValidity(state_->transaction, fact);
}

uint32_t Snapshot::FindSeats(EntityId tenant, uint16_t licence) const {
  return ReadSeats(state_->transaction, tenant, licence);
}

void Snapshot::Neighbours(Direction direction, EntityId entity, uint16_t type,
                          std::vector<EntityId>& out) const {
  const Key from = PairKey(direction, entity, MakeEntity(type, 0));
  const std::string_view prefix = from.view().substr(0, 1 + sizeof(EntityId));
  Cursor cursor(state_->transaction, StoreTable::kPairs);
  for (bool more = cursor.Seek(from); more && cursor.key().starts_with(prefix);
       more = cursor.Next()) {
    const auto other = GetBig<EntityId>(cursor.key(), prefix.size());
    if (TypeOf(other) != type) break;
    out.push_back(other);
  }
}

void Snapshot::Referrers(uint16_t attribute, EntityId target, std::vector<EntityId>& out) const {
  const Key from = ReferenceKey(attribute, target, 0);
  const std::string_view prefix = from.view().substr(0, sizeof(uint16_t) + sizeof(EntityId));
  Cursor cursor(state_->transaction, StoreTable::kReferences);
  for (bool more = cursor.Seek(from); more && cursor.key().starts_with(prefix);
       more = cursor.Next()) {
    out.push_back(GetBig<EntityId>(cursor.key(), prefix.size()));
  }
}

void Snapshot::Entities(uint16_t type, std::vector<EntityId>& out) const {
  Cursor cursor(state_->transaction, StoreTable::kRecords);
  for (bool more = cursor.Seek(RecordBlockKey(MakeEntity(type, 0))); more; more = cursor.Next()) {
    const EntityId first = GetBig<uint64_t>(cursor.key(), 0) << kBlockShift;
    if (TypeOf(first) != type) break;
    for (size_t i = 0; i < kRecordsPerBlock; ++i) {
      if (!RecordInBlock(cursor.value(), i).empty()) out.push_back(first + i);
    }
  }
}

uint64_t Snapshot::NextIndex(uint16_t type) const {
  std::string_view bytes;
  if (!state_->transaction.Get(StoreTable::kCounts, CountKey(type), bytes)) return 0;
  return GetNumber<uint64_t>(bytes);
}

std::optional<PolicyInfo> Snapshot::ActivePolicy() const {
  const uint32_t active = state_->state.active_policy;
  if (active == 0) return std::nullopt;
  return ReadPolicy(state_->transaction, active, active);
}

std::optional<PolicyInfo> Snapshot::FindPolicy(uint32_t version) const {
  return ReadPolicy(state_->transaction, version, state_->state.active_policy);
}

std::vector<Activation> Snapshot::Activations() const {
  std::vector<Activation> all;
  Cursor cursor(state_->transaction, StoreTable::kPastPolicies);
  for (bool more = cursor.Seek({}); more; more = cursor.Next()) {
    if (!all.empty()) all.back().version = GetNumber<uint32_t>(cursor.value());
    all.push_back({GetBig<uint64_t>(cursor.key(), 0), 0});
  }
  if (!all.empty()) all.back().version = state_->state.active_policy;
  return all;
}

std::vector<PolicyInfo> Snapshot::Policies() const {
  return ReadPolicies(state_->transaction, state_->state.active_policy);
}

std::vector<PolicyFile> Snapshot::PolicySources(uint32_t version) const {
  return ReadSources(state_->transaction, version);
}

std::string_view Snapshot::PolicyProgram(uint32_t version) const {
  const std::string_view program = ReadProgram(state_->transaction, version);
  if (reinterpret_cast<uintptr_t>(program.data()) % kProgramAlignment == 0) return program;
  std::vector<uint64_t>& copy = state_->aligned_program;
  copy.resize(program.size() / sizeof(uint64_t) + 1);
  std::memcpy(copy.data(), program.data(), program.size());
  return {reinterpret_cast<const char*>(copy.data()), program.size()};
}

std::optional<RevisionInfo> Snapshot::FindRevision(uint64_t revision) const {
  return ReadRevision(state_->transaction, revision);
}

std::optional<MadeBefore> Snapshot::FindIdempotent(EntityId actor, std::string_view key) const {
  return ReadIdempotent(state_->transaction, actor, key);
}

Sha256 Snapshot::Secret() const {
  std::string_view bytes;
  if (!state_->transaction.Get(StoreTable::kMeta, kSecretKey, bytes) ||
      bytes.size() != sizeof(Sha256)) {
    DieOfCorruption("no secret");
  }
  return GetNumber<Sha256>(bytes);
}

std::vector<Change> Snapshot::Changes(uint64_t revision) const {
  return ReadChanges(state_->transaction, revision);
}

}  // namespace portvakt::engine
