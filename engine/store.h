// The store: facts, entities, policies and history in one LMDB environment. Below the language:
// it knows numbers (of types, relations, symbols, entities), not what they mean. engine/engine.h is
// the room's front door; this is its floor.
//
// A revision is what one Stamp seals. Readers hold a Snapshot and never wait. Numbers are given
// by the store, for ever: a name keeps its number through all policy versions, and no number is
// reused.
//
// A fact is one bit: (relation, symbol) in the cell of its entities. Cells lie in hash buckets,
// each an LMDB value found by number; both key orders of a pair are kept for walks, and each
// reference of a record in a reverse list.
//
// Thread-safety: Store is safe to share; a Snapshot belongs to one thread at a time; one Writer
// exists at a time (Begin waits). All views (string_view, Cell, Record) die with the snapshot's
// transaction: at Renew, or with the Snapshot.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"
#include "engine/sha256.h"

namespace portvakt::engine {

// Bits 40..55: the type's number; bits 0..39: the entity's index within its type, from 0.
using EntityId = uint64_t;
inline constexpr EntityId kNoEntity = ~uint64_t{0};
inline constexpr uint64_t kMaxEntityIndex = (uint64_t{1} << 39) - 1;
constexpr uint16_t TypeOf(EntityId id) { return static_cast<uint16_t>(id >> 40); }
constexpr EntityId MakeEntity(uint16_t type, uint64_t index) {
  return (uint64_t{type} << 40) | index;
}
// Entities of open types that the store lacks get indexes from here up, for one request only.
inline constexpr uint64_t kTransientIndex = uint64_t{1} << 39;

// The spaces that names are numbered in. Numbers start at 0 in each.
enum class Space : uint8_t {
  kType,
  kAttribute,
  kRelation,  // verbs of facts; "is", "holds", and "is ROLE for" for a role with programs
  kPermission,
  kRole,
  kLicence,
  kProgram,
  kLabel,  // of enums
};
// Numbers ever given in one space.
inline constexpr uint32_t kMaxNumbers = 16384;
// Bytes of an entity's id: fits a key of LMDB with its type and length.
inline constexpr size_t kMaxIdBytes = 400;

// Microseconds since 1970-01-01T00:00:00Z, half open [from, until).
struct Validity {
  static constexpr int64_t kAlways = INT64_MIN;
  static constexpr int64_t kForEver = INT64_MAX;
  int64_t from_us = kAlways;
  int64_t until_us = kForEver;

  bool always() const { return from_us == kAlways && until_us == kForEver; }
  bool At(int64_t now_us) const { return from_us <= now_us && now_us < until_us; }
  friend bool operator==(const Validity&, const Validity&) = default;
};

struct FactKey {
  uint16_t relation = 0;
  uint16_t symbol = 0;  // 0 when the relation has none
  EntityId subject = kNoEntity;
  EntityId object = kNoEntity;  // kNoEntity: a fact about one entity

  friend bool operator==(const FactKey&, const FactKey&) = default;
};

// A value of an attribute, as stored. Entities are EntityIds, enum labels numbers of Space::kLabel,
// decimals millionths, instants and durations microseconds, dates days, bools 0 and 1.
struct StoredValue {
  enum class Kind : uint8_t { kNumber, kText, kEntity, kSet };
  Kind kind = Kind::kNumber;
  int64_t number = 0;            // kNumber; kEntity: the id's bits
  std::string text;              // kText
  std::vector<StoredValue> set;  // kSet: sorted, without duplicates, no sets inside

  EntityId entity() const { return static_cast<EntityId>(number); }
  friend bool operator==(const StoredValue&, const StoredValue&) = default;
};
struct StoredAttribute {
  uint16_t attribute = 0;
  StoredValue value;
  friend bool operator==(const StoredAttribute&, const StoredAttribute&) = default;
};

// An attribute read in place. Sets are walked by index.
class ValueView {
 public:
  ValueView() = default;
  explicit ValueView(std::string_view bytes) : bytes_(bytes) {}
  StoredValue::Kind kind() const;
  int64_t number() const;  // kNumber, kEntity
  EntityId entity() const { return static_cast<EntityId>(number()); }
  std::string_view text() const;     // kText
  size_t size() const;               // kSet
  ValueView at(size_t index) const;  // kSet

 private:
  std::string_view bytes_;
};

// What is stored of one entity.
class Record {
 public:
  Record() = default;
  explicit Record(std::string_view bytes) : bytes_(bytes) {}
  bool exists() const { return !bytes_.empty(); }
  std::string_view bytes() const { return bytes_; }
  std::string_view id() const;
  // False when the entity has no such attribute.
  bool Find(uint16_t attribute, ValueView& value) const;
  std::vector<StoredAttribute> All() const;

 private:
  std::string_view bytes_;
};

// The facts of one entity or one (subject, object) pair, as rows of 64 bits by relation.
class Cell {
 public:
  // 24 bytes in the store, sorted by (relation, word).
  struct Row {
    uint16_t relation;
    uint16_t word;    // symbols word*64 .. word*64+63
    uint32_t unused;  // zero
    uint64_t bits;    // symbols that hold, those with a validity included
    uint64_t timed;   // of these, the ones to look closer at: Snapshot::FindValidity
  };
  Cell() = default;
  explicit Cell(std::string_view bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  size_t size() const { return bytes_.size() / sizeof(Row); }
  Row at(size_t index) const;  // copies: values of LMDB need not be aligned
  // The row of (relation, word), or one without bits. In the header: every fact of every decision.
  Row Find(uint16_t relation, uint16_t word) const {
    Row row{relation, word, 0, 0, 0};
    uint32_t wanted = 0;
    std::memcpy(&wanted, &row, sizeof wanted);
    for (const char* at = bytes_.data(); at < bytes_.data() + bytes_.size(); at += sizeof(Row)) {
      uint32_t found = 0;
      std::memcpy(&found, at, sizeof found);
      if (found != wanted) continue;
      std::memcpy(&row, at, sizeof row);
      break;
    }
    return row;
  }

 private:
  std::string_view bytes_;
};

enum class Direction : uint8_t { kObjectsOf, kSubjectsOf };

// A policy version as listed; sources and program are read by Snapshot.
struct PolicyInfo {
  uint32_t version = 0;  // 1, 2, ..: never reused
  std::string name;
  std::string digest;  // SHA-256 of the sources' names and texts, hexadecimal
  int64_t installed_us = 0;
  uint64_t revision = 0;     // that installed it
  bool has_program = false;  // it was given one when it was first activated
  bool active = false;
};
struct PolicyFile {
  std::string name;
  std::string text;
};

struct Change {
  enum class Kind : uint8_t {
    kAddFact,
    kRemoveFact,
    kPutEntity,
    kRemoveEntity,
    kSetSeats,
    kInstallPolicy,
    kActivatePolicy,
    kDropPolicy,
  };
  Kind kind = Kind::kAddFact;
  FactKey fact;                 // kAddFact, kRemoveFact
  Validity validity;            // kAddFact
  EntityId entity = kNoEntity;  // kPutEntity, kRemoveEntity; kSetSeats: the tenant
  uint16_t licence = 0;         // kSetSeats
  uint32_t number = 0;          // kSetSeats: seats; policies: the version
  // What the change took away.
  bool existed = false;        // kAddFact: the fact was there, with validity_before
  Validity validity_before;    // kAddFact of one that existed, kRemoveFact
  std::string record;          // kPutEntity: bytes of a Record; kInstallPolicy: its digest
  std::string record_before;   // kPutEntity, kRemoveEntity; "" when there was none
  uint32_t number_before = 0;  // kSetSeats: seats; kActivatePolicy: the version
};
struct RevisionInfo {
  uint64_t revision = 0;
  int64_t instant_us = 0;  // never before that of the revision before
  EntityId actor_entity = kNoEntity;
  EntityId second = kNoEntity;
  std::string actor;
  std::string reason;
  std::string ticket;
  std::string idempotency_key;
  uint32_t change_count = 0;
};
// A request that was made before under the same key by the same actor.
struct MadeBefore {
  uint64_t revision = 0;
  Sha256 digest = {};  // of the request, as its Stamp gave it
};

// When a version became the active one.
struct Activation {
  uint64_t revision = 0;
  uint32_t version = 0;
};

// What can be read of one state: the present, a past revision, or one with changes that are not
// written yet. Everything that evaluates reads through this, so that a question about yesterday, a
// change that is being judged and an ordinary check share one evaluator. Views (string_view, Cell,
// Record) live until the state changes.
struct TypedId {
  uint16_t type = 0;
  std::string_view id;
};

class View {
 public:
  virtual ~View() = default;
  virtual uint64_t revision() const = 0;

  virtual std::optional<uint32_t> FindNumber(Space space, std::string_view name) const = 0;
  virtual std::string_view NameOf(Space space, uint32_t number) const = 0;  // "" when there is none

  // Hints: these two entities, or the records and cells of this pair, will be asked for next. What
  // lies far away in memory is then fetched together, not one after the other.
  virtual void ExpectEntities(const TypedId& one, const TypedId& other) const {
    static_cast<void>(one), static_cast<void>(other);
  }
  virtual void ExpectPair(EntityId subject, EntityId object) const {
    static_cast<void>(subject), static_cast<void>(object);
  }

  virtual std::optional<EntityId> FindEntity(uint16_t type, std::string_view id) const = 0;
  virtual Record FindRecord(EntityId entity) const = 0;
  // `object` kNoEntity: the facts about `subject` alone.
  virtual Cell FindCell(EntityId subject, EntityId object) const = 0;
  // Of a timed fact; always() when it has none.
  virtual Validity FindValidity(const FactKey& fact) const = 0;
  // Seats owned, 0 when none were ever set.
  virtual uint32_t FindSeats(EntityId tenant, uint16_t licence) const = 0;

  // Appends the entities of `type` that may share a cell with `entity` on the other side,
  // ascending: none that do is left out; the cell says whether one does.
  virtual void Neighbours(Direction direction, EntityId entity, uint16_t type,
                          std::vector<EntityId>& out) const = 0;
  // Appends the entities whose record may have `attribute` referring to `target`, ascending: none
  // that do is left out; the record says whether one does.
  virtual void Referrers(uint16_t attribute, EntityId target, std::vector<EntityId>& out) const = 0;
  // Appends all entities of a type, ascending.
  virtual void Entities(uint16_t type, std::vector<EntityId>& out) const = 0;
  // The index that the next new entity of the type gets.
  virtual uint64_t NextIndex(uint16_t type) const = 0;
};

// One consistent state of the store.
class Snapshot final : public View {
 public:
  Snapshot(Snapshot&&) noexcept;
  Snapshot& operator=(Snapshot&&) noexcept;
  ~Snapshot() override;

  // Goes to the newest revision. All views given out before die.
  Status Renew();
  uint64_t revision() const override;

  std::optional<uint32_t> FindNumber(Space space, std::string_view name) const override;
  std::string_view NameOf(Space space, uint32_t number) const override;
  void ExpectEntities(const TypedId& one, const TypedId& other) const override;
  void ExpectPair(EntityId subject, EntityId object) const override;
  std::optional<EntityId> FindEntity(uint16_t type, std::string_view id) const override;
  Record FindRecord(EntityId entity) const override;
  Cell FindCell(EntityId subject, EntityId object) const override;
  Validity FindValidity(const FactKey& fact) const override;
  uint32_t FindSeats(EntityId tenant, uint16_t licence) const override;
  void Neighbours(Direction direction, EntityId entity, uint16_t type,
                  std::vector<EntityId>& out) const override;
  void Referrers(uint16_t attribute, EntityId target, std::vector<EntityId>& out) const override;
  void Entities(uint16_t type, std::vector<EntityId>& out) const override;
  uint64_t NextIndex(uint16_t type) const override;

  // The active policy; nullopt when there is none.
  std::optional<PolicyInfo> ActivePolicy() const;
  std::optional<PolicyInfo> FindPolicy(uint32_t version) const;
  std::vector<PolicyInfo> Policies() const;
  // All, oldest first.
  std::vector<Activation> Activations() const;
  std::vector<PolicyFile> PolicySources(uint32_t version) const;
  // The decision program's bytes where they lie in the map, 8-byte aligned; "" when there is none.
  std::string_view PolicyProgram(uint32_t version) const;

  std::optional<RevisionInfo> FindRevision(uint64_t revision) const;
  std::vector<Change> Changes(uint64_t revision) const;
  // `actor` kNoEntity: the operator.
  std::optional<MadeBefore> FindIdempotent(EntityId actor, std::string_view key) const;
  // Random bytes of this store, drawn when it was made: for signing what it hands out. Never shown.
  Sha256 Secret() const;

 private:
  friend class Store;
  friend struct SnapshotTables;
  struct State;
  explicit Snapshot(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One write transaction: one revision, or several that become durable together. Without Commit
// nothing happens. Operations that change nothing are not recorded; what changed nothing makes no
// revision. Views given out live until the next NextRevision or Commit.
class Writer {
 public:
  Writer(Writer&&) noexcept;
  ~Writer();

  // The name's number, given now if need be.
  Result<uint32_t> Number(Space space, std::string_view name);

  std::optional<EntityId> FindEntity(uint16_t type, std::string_view id) const;
  Record FindRecord(EntityId entity) const;
  Cell FindCell(EntityId subject, EntityId object) const;
  Validity FindValidity(const FactKey& fact) const;
  // The entity's number, given now if need be, so that records may refer to each other. Kept only
  // if PutEntity follows.
  Result<EntityId> NumberEntity(uint16_t type, std::string_view id);
  // Creates the entity, or replaces its attributes.
  Result<EntityId> PutEntity(uint16_t type, std::string_view id,
                             std::vector<StoredAttribute> attributes);
  // The record alone: the caller removes its facts. An entity that is created with the same id
  // later is another one, with a number of its own.
  Status RemoveEntity(EntityId entity);
  // Adding a fact that is there with another validity changes the validity.
  Status AddFact(const FactKey& fact, Validity validity);
  Status RemoveFact(const FactKey& fact);
  Status SetSeats(EntityId tenant, uint16_t licence, uint32_t seats);

  // `program` may be any bytes; the engine verifies it before it is run. "": it has none yet.
  Result<uint32_t> InstallPolicy(std::string_view name, const std::vector<PolicyFile>& sources,
                                 std::string_view program);
  // A version with these sources that was installed before.
  std::optional<uint32_t> FindPolicy(std::string_view digest) const;
  Status ReplaceProgram(uint32_t version, std::string_view program);
  Status ActivatePolicy(uint32_t version);
  // Forgets the sources of a version that has no program, so never was active. Its number is not
  // used again.
  Status DropPolicy(uint32_t version);

  std::optional<MadeBefore> FindIdempotent(EntityId actor, std::string_view key) const;

  // Changes since the last revision was sealed.
  size_t change_count() const;

  // Who changed, when and why: sealed with the changes.
  struct Stamp {
    int64_t instant_us = 0;  // taken as the last revision's when it is before that
    std::string actor = {};  // the actor's name for people; "operator" for loads
    std::string reason = {};
    std::string ticket = {};
    EntityId actor_entity = kNoEntity;  // kNoEntity: the operator
    EntityId second = kNoEntity;        // who confirmed
    std::string idempotency_key = {};   // "": none. A key that this actor used is refused
    Sha256 request_digest = {};         // kept with the key
  };
  // Makes what was gathered since the last one a revision of its own, which Commit makes durable
  // with all others. After an error the writer is spent: nothing of it happens.
  Status NextRevision(const Stamp& stamp);
  // Seals what is left (with nothing left the stamp is not used) and makes all durable by one sync
  // when it returns (unless the store was opened with sync off). The store's revision after it.
  Result<uint64_t> Commit(const Stamp& stamp);
  // The last revision, sealed ones included, and its instant.
  uint64_t revision() const;
  int64_t instant_us() const;

 private:
  friend class Store;
  struct State;
  explicit Writer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// SHA-256 over the files' names and texts, each length-prefixed; hexadecimal.
std::string DigestOf(const std::vector<PolicyFile>& files);

class Store {
 public:
  struct Options {
    // Address space, not memory: the file grows as needed. Reaching it is an error that names it.
    uint64_t map_bytes = uint64_t{32} << 30;
    uint32_t max_readers = 256;
    // Off only for stores that are thrown away (tests, temporary servers).
    bool sync = true;
  };
  // Creates the directory's store when it has none. kTooNew when its format is newer than ours,
  // kInvalid when it is older: its data must be loaded anew.
  static Result<std::unique_ptr<Store>> Open(const std::string& directory, const Options& options);
  ~Store();

  Result<Snapshot> Read() const;
  Result<Writer> Begin();
  // Reserved and used bytes, for status.
  uint64_t map_bytes() const;
  uint64_t used_bytes() const;
  // Places for readers, of all processes: how many were ever taken at once, and how many there are.
  uint32_t used_readers() const;
  uint32_t max_readers() const;

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace portvakt::engine
