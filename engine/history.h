// The history: every change of every revision, packed. Internal to the store.
//
// Table kHistory: key u64 revision, u32 part, both big-endian. Part 0 is the revision's header:
//   u64 revision; i64 instant; u64 actor's entity; u64 second's; u32 change count; u32 bytes of
//   actor, reason, ticket, idempotency key each; u32 zero; SHA-256 of the changes' bytes; SHA-256
//   of the previous revision's header; digest of the request; actor; reason; ticket; key
// Parts 1, 2, .. hold the changes' bytes, cut every kHistoryPartBytes. The hash of the last header
// lies in the state record: whoever alters the past must alter everything after it.
//
// A change is one byte (low four bits its kind, then kHas* flags) and varints; entities are written
// as differences (zigzag) from those of the change before:
//   fact    relation, symbol, subject, [object], [from, until], [from, until before]
//   entity  entity, bytes and record [, bytes and record before]
//   seats   tenant, licence, seats, seats before
//   policy  version, version before, [installed: 64 bytes digest of its sources]
//
// Table kActors: u64 actor's entity (all ones: the operator), u64 revision -> nothing
// Table kIdempotency: u64 actor's entity, key -> u64 revision, digest of the request
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/bytes.h"
#include "engine/lmdb_environment.h"
#include "engine/sha256.h"
#include "engine/store.h"

namespace portvakt::engine {

// Fills an LMDB overflow run: four pages less its header.
inline constexpr size_t kHistoryPartBytes = 4 * 4096 - 16;

struct RevisionHeader {
  uint64_t revision;
  int64_t instant_us;
  EntityId actor_entity;
  EntityId second;
  uint32_t change_count;
  uint32_t actor_bytes;
  uint32_t reason_bytes;
  uint32_t ticket_bytes;
  uint32_t key_bytes;
  uint32_t zero;
  Sha256 changes;
  Sha256 previous;
  Sha256 request;
};
static_assert(sizeof(RevisionHeader) == 152);

inline Key PartKey(uint64_t revision, uint32_t part) {
  Key key;
  key.Add(revision).Add(part);
  return key;
}
// False when the bytes are no header with its texts.
bool TakeHeader(std::string_view bytes, RevisionHeader& header);

// Packs the changes of one revision as they are made.
class ChangeLog {
 public:
  void Add(const Change& change);
  uint32_t size() const { return count_; }
  // Writes the revision and moves `head` on.
  Status Write(WriteTransaction& transaction, uint64_t revision, const Writer::Stamp& stamp,
               Sha256& head) const;

 private:
  static Status WriteIndexes(WriteTransaction& transaction, uint64_t revision,
                             const Writer::Stamp& stamp);
  std::string bytes_;
  uint32_t count_ = 0;
  EntityId subject_ = 0;  // of the change before
  EntityId object_ = 0;
};

std::optional<RevisionInfo> ReadRevision(const Transaction& transaction, uint64_t revision);
std::vector<Change> ReadChanges(const Transaction& transaction, uint64_t revision);
// Calls `visit` with each change and its index, in their order, until it returns false.
void VisitChanges(const Transaction& transaction, uint64_t revision,
                  const std::function<bool(const Change&, uint32_t)>& visit);
inline Key ActorKey(EntityId actor, uint64_t revision) {
  Key key;
  key.Add(actor).Add(revision);
  return key;
}
std::optional<MadeBefore> ReadIdempotent(const Transaction& transaction, EntityId actor,
                                         std::string_view key);

}  // namespace portvakt::engine
