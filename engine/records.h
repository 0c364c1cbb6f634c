// What is stored of entities. Records of 32 neighbours share a block, found by number. Internal to
// the store.
//
// Table kRecords: key u64 big-endian, the entity's bits >> 5. Block:
//   u16 n;  u16 zero;  n x u32 end of the record in the payload;  payload
// A record of no bytes is an entity that does not exist (removed, or never given). Others begin
// with u64 since (past.h). Record:
//   u16 id bytes; u16 attribute count; id; count x { u16 attribute; u16 zero; u32 end }; values
// sorted by attribute; ends count from the first value. Value: u8 kind, then
//   kNumber, kEntity: i64 | kText: the bytes | kSet: u32 count, count x u32 end, values
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/bytes.h"
#include "engine/store.h"

namespace portvakt::engine {

inline constexpr unsigned kBlockShift = 5;
inline constexpr size_t kRecordsPerBlock = size_t{1} << kBlockShift;
// Bytes of one record: an entity is an id and a few attributes, and its block is rewritten whole.
inline constexpr size_t kMaxRecordBytes = 64u << 10;

inline uint64_t RecordBlockNumber(EntityId entity) { return entity >> kBlockShift; }
inline Key RecordBlockKey(EntityId entity) {
  Key key;
  key.Add(RecordBlockNumber(entity));
  return key;
}
inline size_t IndexInBlock(EntityId entity) { return entity & (kRecordsPerBlock - 1); }

// Brings attributes into the one form that they are stored in. kInvalid when one is given twice, or
// for a set inside a set.
Status NormaliseAttributes(std::vector<StoredAttribute>& attributes);
// The attributes must have that form.
std::string EncodeRecord(std::string_view id, const std::vector<StoredAttribute>& attributes);

// "" when the block has no such record.
std::string_view RecordInBlock(std::string_view block, size_t index);
// A hint: that record will be asked for.
void PrefetchRecord(std::string_view block, size_t index);
std::string EncodeBlock(const std::vector<std::string_view>& records);

// Every entity that the record refers to, with the attribute that does, sets walked.
struct RecordReference {
  uint16_t attribute;
  EntityId target;
  friend bool operator==(const RecordReference&, const RecordReference&) = default;
};
void CollectReferences(std::string_view record, std::vector<RecordReference>& out);

}  // namespace portvakt::engine
