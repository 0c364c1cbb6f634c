// The state record, and the keys of the small tables. Internal to the store.
//
//   kMeta       "format" -> u32; "state" -> StoreState; "secret" -> 32 bytes
//   kNames      u8 space, name -> u32 number         kNumbers  u8 space, u32 number -> name
//   kCounts     u16 type -> u64 indexes given
//   kEntities   buckets: u16 type, id -> u64 entity
//   kCells      buckets: u64 subject, u64 object -> u64 since, Cell rows
//   kPairs      u8 direction, u64 entity, u64 other -> nothing: the pair's cell is not empty
//   kReferences u16 attribute, u64 target, u64 source -> nothing
//   kValidity   u16 relation, u16 symbol, u64 subject, u64 object -> u64 since, Validity
//   kSeats      u64 tenant, u16 licence -> u64 since, u32 seats
// What `since` is, and where values go that end: past.h.
#pragma once

#include <cstdint>

#include "engine/buckets.h"
#include "engine/bytes.h"
#include "engine/past.h"
#include "engine/sha256.h"
#include "engine/store.h"

namespace portvakt::engine {

// Raised whenever a store that this program writes can no longer be read by the last one.
inline constexpr uint32_t kFormatVersion = 3;
inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kStateKey = "state";
inline constexpr std::string_view kSecretKey = "secret";
inline constexpr size_t kSpaceCount = 8;

struct StoreState {
  uint64_t revision = 0;
  int64_t instant_us = INT64_MIN;  // of the last revision
  HashSeed seed;
  BucketShape cells;
  BucketShape entities;
  uint32_t numbers[kSpaceCount] = {};  // given in each space
  uint32_t policies = 0;               // versions given
  uint32_t active_policy = 0;          // 0: none
  Sha256 head = {};                    // hash of the last revision's header
};

// Reads the state as of the transaction.
StoreState ReadState(const Transaction& transaction);

inline Key NameKey(Space space, std::string_view name) {
  Key key;
  key.Add(static_cast<uint8_t>(space)).Add(name);
  return key;
}
inline Key NumberKey(Space space, uint32_t number) {
  Key key;
  key.Add(static_cast<uint8_t>(space)).Add(number);
  return key;
}
inline Key CountKey(uint16_t type) {
  Key key;
  key.Add(type);
  return key;
}
inline Key EntityKey(uint16_t type, std::string_view id) {
  Key key;
  key.Add(type).Add(id);
  return key;
}
inline Key CellKey(EntityId subject, EntityId object) {
  Key key;
  key.Add(subject).Add(object);
  return key;
}
inline Key PairKey(Direction direction, EntityId entity, EntityId other) {
  Key key;
  key.Add(static_cast<uint8_t>(direction)).Add(entity).Add(other);
  return key;
}
inline Key ReferenceKey(uint16_t attribute, EntityId target, EntityId source) {
  Key key;
  key.Add(attribute).Add(target).Add(source);
  return key;
}
inline Key ValidityKey(const FactKey& fact) {
  Key key;
  key.Add(fact.relation).Add(fact.symbol).Add(fact.subject).Add(fact.object);
  return key;
}
inline Key SeatsKey(EntityId tenant, uint16_t licence) {
  Key key;
  key.Add(tenant).Add(licence);
  return key;
}

// What snapshots and writers read alike.
std::optional<EntityId> ReadEntity(const Transaction& transaction, const StoreState& state,
                                   uint16_t type, std::string_view id);
// Records and cells with their since; "" when there is none.
std::string_view ReadStoredRecord(const Transaction& transaction, EntityId entity);
std::string_view ReadStoredCell(const Transaction& transaction, const StoreState& state,
                                EntityId subject, EntityId object);
// The same values without it.
inline std::string_view ReadRecord(const Transaction& transaction, EntityId entity) {
  return WithoutSince(ReadStoredRecord(transaction, entity));
}
inline std::string_view ReadCell(const Transaction& transaction, const StoreState& state,
                                 EntityId subject, EntityId object) {
  return WithoutSince(ReadStoredCell(transaction, state, subject, object));
}
Validity ValidityIn(std::string_view stored);  // always() in ""
uint32_t SeatsIn(std::string_view stored);     // 0 in ""
Validity ReadValidity(const Transaction& transaction, const FactKey& fact);
uint32_t ReadSeats(const Transaction& transaction, EntityId tenant, uint16_t licence);
std::optional<uint32_t> ReadNumber(const Transaction& transaction, Space space,
                                   std::string_view name);

}  // namespace portvakt::engine
