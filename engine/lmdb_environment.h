// LMDB with owners: an environment, its transactions and cursors. Internal to the store; its .cpp
// is the only unit that sees lmdb.h. Views die with their transaction.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/page_cache.h"
#include "engine/result.h"

struct MDB_cursor;
struct MDB_env;
struct MDB_txn;

namespace portvakt::engine {

// The tables of the store, one LMDB database each. What lies in each is said where it is written.
enum class StoreTable : uint8_t {
  kMeta,            // engine/store_state.h
  kNames,           // engine/store_state.h
  kNumbers,         // engine/store_state.h
  kCounts,          // engine/store_state.h
  kEntities,        // engine/buckets.h
  kRecords,         // engine/records.h
  kCells,           // engine/buckets.h
  kPairs,           // engine/store_state.h
  kReferences,      // engine/store_state.h
  kValidity,        // engine/store_state.h
  kSeats,           // engine/store_state.h
  kPolicies,        // engine/policies.h
  kPrograms,        // engine/policies.h
  kHistory,         // engine/history.h
  kPastRecords,     // engine/past.h
  kPastCells,       // engine/past.h
  kPastValidity,    // engine/past.h
  kPastSeats,       // engine/past.h
  kPastPairs,       // engine/past.h
  kPastReferences,  // engine/past.h
  kPastIds,         // engine/past.h
  kPastPolicies,    // engine/past.h
  kActors,          // engine/history.h
  kIdempotency,     // engine/history.h
};
inline constexpr size_t kTableCount = 24;

// The file in a store's directory that holds it; LMDB's own name.
inline constexpr const char* kStoreFile = "data.mdb";

// Ends the process: the map holds what we never wrote. To answer from it could permit what a
// damaged fact forbids.
[[noreturn]] void DieOfCorruption(std::string_view what);

class Environment {
 public:
  struct Options {
    uint64_t map_bytes = 0;
    uint32_t max_readers = 0;
    bool sync = true;
  };
  // The directory must exist. Refuses one that this process has open already: LMDB's locks belong
  // to the process.
  static Result<std::shared_ptr<Environment>> Open(const std::string& directory,
                                                   const Options& options);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  uint64_t map_bytes() const;
  uint64_t used_bytes() const;
  uint32_t used_readers() const;
  uint32_t max_readers() const;
  const std::string& directory() const { return directory_; }
  // Writes a copy of one state, without free pages, that opens as an environment. Not synced.
  Status CopyTo(int descriptor) const;

 private:
  friend class Transaction;
  friend class ReadTransaction;
  friend class WriteTransaction;
  friend class Cursor;
  Environment() = default;

  std::string directory_;
  std::string identity_;  // device and inode: two names of one directory are one
  MDB_env* env_ = nullptr;
  uint32_t tables_[kTableCount] = {};
};

// What read and write transactions share.
class Transaction {
 public:
  // False when there is no such key.
  bool Get(StoreTable table, std::string_view key, std::string_view& value) const;
  // The same for a key that stands for a number of its own in the table: a read transaction
  // remembers where the value lies.
  bool GetNumbered(StoreTable table, uint64_t number, std::string_view key,
                   std::string_view& value) const;
  // A hint: what is remembered of that key will be asked for.
  void PrefetchPlace(StoreTable table, uint64_t number) const;
  // Keys in the table.
  uint64_t Count(StoreTable table) const;
  // Which commit is read: another number when anything at all may have changed.
  uint64_t commit() const;

 protected:
  friend class Cursor;
  Transaction() = default;
  std::shared_ptr<Environment> environment_;
  MDB_txn* transaction_ = nullptr;
  std::unique_ptr<PageCache> pages_;  // of read transactions
};

class ReadTransaction : public Transaction {
 public:
  static Result<ReadTransaction> Begin(std::shared_ptr<Environment> environment);
  ReadTransaction(ReadTransaction&&) noexcept;
  ReadTransaction& operator=(ReadTransaction&&) noexcept;
  ~ReadTransaction();
  // Goes to the newest commit; hardly costs anything when that is the one that is read.
  Status Renew();

 private:
  ReadTransaction() = default;
  bool is_reading_ = true;  // false after a Renew that failed
};

// Waits for the environment's only place to write. Ends on the thread that it began on. Aborts
// unless it was committed.
class WriteTransaction : public Transaction {
 public:
  static Result<WriteTransaction> Begin(std::shared_ptr<Environment> environment);
  WriteTransaction(WriteTransaction&&) noexcept;
  ~WriteTransaction();

  // Opens all tables, creating them; once after Environment::Open, with nothing else going on.
  Status OpenTables();
  // Whether the environment has tables at all, and whether one of them is ours.
  Result<bool> HasMetaTable();
  Result<bool> IsEmpty();

  Status Put(StoreTable table, std::string_view key, std::string_view value);
  // Nothing happens when there is no such key.
  Status Delete(StoreTable table, std::string_view key);
  // No operation afterwards, whatever it returns.
  Status Commit();
  void Abort();

 private:
  WriteTransaction() = default;
};

// Walks a table in key order. Must die before its transaction does or is renewed.
class Cursor {
 public:
  Cursor(const Transaction& transaction, StoreTable table);
  ~Cursor();
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  // Goes to the first key that is not less than `key` ("" for the first of all), or to the next
  // one. False at the end.
  bool Seek(std::string_view key);
  bool Next();
  // Goes to the last key that is less than `key`. False when there is none.
  bool SeekBefore(std::string_view key);
  bool Previous();
  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }

 private:
  bool Step(int operation, std::string_view from);
  MDB_cursor* cursor_ = nullptr;
  std::string_view key_;
  std::string_view value_;
};

}  // namespace portvakt::engine
