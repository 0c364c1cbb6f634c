// The only unit that includes lmdb.h. Facts about LMDB that shape it: a commit frees its
// transaction even when it fails; values may be unaligned; one environment a path and process.
#include "engine/lmdb_environment.h"

#include <lmdb.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <utility>

namespace portvakt::engine {
namespace {

constexpr const char* kTableNames[kTableCount] = {
    "meta",       "names",         "numbers",    "counts",     "entities",
    "records",    "cells",         "pairs",      "references", "validity",
    "seats",      "policies",      "programs",   "history",    "past records",
    "past cells", "past validity", "past seats", "past pairs", "past references",
    "past ids",   "past policies", "actors",     "idempotency"};

// The environments open in this process.
std::mutex open_mutex;
std::set<std::string>& OpenIdentities() {
  // Never destroyed: stores that live in static objects may be closed after it.
  static auto* identities = new std::set<std::string>;
  return *identities;
}

MDB_val ValueOf(std::string_view bytes) {
  return MDB_val{bytes.size(), const_cast<char*>(bytes.data())};
}
std::string_view ViewOf(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

Error ErrorOf(int code, const MDB_env* env, const std::string& directory) {
  const std::string where = "store " + directory + ": ";
  switch (code) {
    case MDB_MAP_FULL: {
      MDB_envinfo info{};
      mdb_env_info(const_cast<MDB_env*>(env), &info);
      return {Error::Code::kFull, where + "full at " + std::to_string(info.me_mapsize) +
                                      " bytes; open it with a larger map_bytes"};
    }
    case MDB_READERS_FULL:
      return {Error::Code::kFull, where + "too many readers; open it with a larger max_readers"};
    case MDB_INVALID: return {Error::Code::kCorrupt, where + "the file data.mdb is not a store"};
    case MDB_VERSION_MISMATCH:
      return {Error::Code::kCorrupt,
              where + "the file data.mdb was written by another version of LMDB"};
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_PANIC: return {Error::Code::kCorrupt, where + mdb_strerror(code)};
    default: return {Error::Code::kIo, where + mdb_strerror(code)};
  }
}

}  // namespace

void DieOfCorruption(std::string_view what) {
  std::fprintf(stderr, "portvakt: the store is damaged (%.*s); restore it from a backup\n",
               static_cast<int>(what.size()), what.data());
  std::abort();
}

// ---- environment ------------------------------------------------------------------------------

Result<std::shared_ptr<Environment>> Environment::Open(const std::string& directory,
                                                       const Options& options) {
  struct stat status {};
  if (stat(directory.c_str(), &status) != 0) {
    return Error{Error::Code::kIo, "store " + directory + ": cannot be read"};
  }
  const std::string identity = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
  std::shared_ptr<Environment> environment(new Environment);
  environment->directory_ = directory;
  {
    const std::lock_guard lock(open_mutex);
    if (!OpenIdentities().insert(identity).second) {
      return Error{Error::Code::kConflict,
                   "store " + directory + ": open already in this process; share that Store"};
    }
    environment->identity_ = identity;
  }
  MDB_env*& env = environment->env_;
  int code = mdb_env_create(&env);
  if (code == 0) code = mdb_env_set_mapsize(env, options.map_bytes);
  if (code == 0) code = mdb_env_set_maxreaders(env, options.max_readers);
  if (code == 0) code = mdb_env_set_maxdbs(env, kTableCount);
  // Without MDB_NOTLS a reader would belong to its thread, not to its snapshot.
  const unsigned flags = MDB_NOTLS | (options.sync ? 0u : unsigned{MDB_NOSYNC});
  if (code == 0) code = mdb_env_open(env, directory.c_str(), flags, 0640);
  // Readers that died without saying so would keep old pages for ever.
  int dead_readers = 0;
  if (code == 0) code = mdb_reader_check(env, &dead_readers);
  if (code != 0) return ErrorOf(code, env, directory);
  return environment;
}

Environment::~Environment() {
  if (env_ != nullptr) mdb_env_close(env_);
  if (identity_.empty()) return;
  const std::lock_guard lock(open_mutex);
  OpenIdentities().erase(identity_);
}

uint64_t Environment::map_bytes() const {
  MDB_envinfo info{};
  mdb_env_info(env_, &info);
  return info.me_mapsize;
}

uint64_t Environment::used_bytes() const {
  MDB_envinfo info{};
  MDB_stat stat{};
  mdb_env_info(env_, &info);
  mdb_env_stat(env_, &stat);
  return (info.me_last_pgno + 1) * uint64_t{stat.ms_psize};
}

uint32_t Environment::used_readers() const {
  MDB_envinfo info{};
  mdb_env_info(env_, &info);
  return info.me_numreaders;
}

uint32_t Environment::max_readers() const {
  MDB_envinfo info{};
  mdb_env_info(env_, &info);
  return info.me_maxreaders;
}

Status Environment::CopyTo(int descriptor) const {
  const int code = mdb_env_copyfd2(env_, descriptor, MDB_CP_COMPACT);
  if (code != 0) return ErrorOf(code, env_, directory_);
  return Done{};
}

// ---- reading ----------------------------------------------------------------------------------

bool Transaction::Get(StoreTable table, std::string_view key, std::string_view& value) const {
  MDB_val wanted = ValueOf(key);
  MDB_val found{};
  const int code =
      mdb_get(transaction_, environment_->tables_[static_cast<size_t>(table)], &wanted, &found);
  if (code == MDB_NOTFOUND) return false;
  if (code != 0) DieOfCorruption(mdb_strerror(code));
  value = ViewOf(found);
  return true;
}

bool Transaction::GetNumbered(StoreTable table, uint64_t number, std::string_view key,
                              std::string_view& value) const {
  if (!pages_) return Get(table, key, value);
  if (pages_->Find(static_cast<uint8_t>(table), number, value)) return true;
  if (!Get(table, key, value)) return false;
  pages_->Keep(static_cast<uint8_t>(table), number, value);
  return true;
}

void Transaction::PrefetchPlace(StoreTable table, uint64_t number) const {
  if (pages_) pages_->Prefetch(static_cast<uint8_t>(table), number);
}

uint64_t Transaction::Count(StoreTable table) const {
  MDB_stat stat{};
  const int code = mdb_stat(transaction_, environment_->tables_[static_cast<size_t>(table)], &stat);
  if (code != 0) DieOfCorruption(mdb_strerror(code));
  return stat.ms_entries;
}

uint64_t Transaction::commit() const { return mdb_txn_id(transaction_); }

Result<ReadTransaction> ReadTransaction::Begin(std::shared_ptr<Environment> environment) {
  ReadTransaction result;
  const int code = mdb_txn_begin(environment->env_, nullptr, MDB_RDONLY, &result.transaction_);
  if (code != 0) return ErrorOf(code, environment->env_, environment->directory_);
  result.environment_ = std::move(environment);
  result.pages_ = std::make_unique<PageCache>();
  return result;
}

ReadTransaction::ReadTransaction(ReadTransaction&& other) noexcept {
  std::swap(environment_, other.environment_);
  std::swap(transaction_, other.transaction_);
  std::swap(pages_, other.pages_);
  std::swap(is_reading_, other.is_reading_);
}
ReadTransaction& ReadTransaction::operator=(ReadTransaction&& other) noexcept {
  std::swap(environment_, other.environment_);
  std::swap(transaction_, other.transaction_);
  std::swap(pages_, other.pages_);
  std::swap(is_reading_, other.is_reading_);
  return *this;
}
ReadTransaction::~ReadTransaction() {
  if (transaction_ != nullptr) mdb_txn_abort(transaction_);
}

Status ReadTransaction::Renew() {
  // To renew a transaction makes it look every table up again, so first look whether there is
  // anything new. A commit shows here before it can be renewed to, never after.
  MDB_envinfo newest{};
  mdb_env_info(environment_->env_, &newest);
  if (is_reading_ && newest.me_last_txnid == commit()) return Done{};
  mdb_txn_reset(transaction_);
  pages_->Forget();
  const int code = mdb_txn_renew(transaction_);
  is_reading_ = code == 0;
  if (!is_reading_) return ErrorOf(code, environment_->env_, environment_->directory_);
  return Done{};
}

// ---- writing ----------------------------------------------------------------------------------

Result<WriteTransaction> WriteTransaction::Begin(std::shared_ptr<Environment> environment) {
  WriteTransaction result;
  const int code = mdb_txn_begin(environment->env_, nullptr, 0, &result.transaction_);
  if (code != 0) return ErrorOf(code, environment->env_, environment->directory_);
  result.environment_ = std::move(environment);
  return result;
}

WriteTransaction::WriteTransaction(WriteTransaction&& other) noexcept {
  std::swap(environment_, other.environment_);
  std::swap(transaction_, other.transaction_);
}
WriteTransaction::~WriteTransaction() {
  if (transaction_ != nullptr) mdb_txn_abort(transaction_);
}

Result<bool> WriteTransaction::IsEmpty() {
  MDB_dbi main = 0;
  MDB_stat stat{};
  int code = mdb_dbi_open(transaction_, nullptr, 0, &main);
  if (code == 0) code = mdb_stat(transaction_, main, &stat);
  if (code != 0) return ErrorOf(code, environment_->env_, environment_->directory_);
  return stat.ms_entries == 0;
}

Result<bool> WriteTransaction::HasMetaTable() {
  MDB_dbi table = 0;
  const int code = mdb_dbi_open(transaction_, kTableNames[0], 0, &table);
  if (code == MDB_NOTFOUND || code == MDB_INCOMPATIBLE) return false;
  if (code != 0) return ErrorOf(code, environment_->env_, environment_->directory_);
  environment_->tables_[0] = table;
  return true;
}

Status WriteTransaction::OpenTables() {
  for (size_t i = 0; i < kTableCount; ++i) {
    MDB_dbi table = 0;
    const int code = mdb_dbi_open(transaction_, kTableNames[i], MDB_CREATE, &table);
    if (code != 0) return ErrorOf(code, environment_->env_, environment_->directory_);
    environment_->tables_[i] = table;
  }
  return Done{};
}

Status WriteTransaction::Put(StoreTable table, std::string_view key, std::string_view value) {
  MDB_val key_value = ValueOf(key);
  MDB_val new_value = ValueOf(value);
  const int code = mdb_put(transaction_, environment_->tables_[static_cast<size_t>(table)],
                           &key_value, &new_value, 0);
  if (code != 0) return ErrorOf(code, environment_->env_, environment_->directory_);
  return Done{};
}

Status WriteTransaction::Delete(StoreTable table, std::string_view key) {
  MDB_val key_value = ValueOf(key);
  const int code =
      mdb_del(transaction_, environment_->tables_[static_cast<size_t>(table)], &key_value, nullptr);
  if (code != 0 && code != MDB_NOTFOUND) {
    return ErrorOf(code, environment_->env_, environment_->directory_);
  }
  return Done{};
}

Status WriteTransaction::Commit() {
  // Lets go of the environment too: who has committed need not stay to let the store be closed.
  const std::shared_ptr<Environment> environment = std::exchange(environment_, nullptr);
  const int code = mdb_txn_commit(std::exchange(transaction_, nullptr));
  if (code != 0) return ErrorOf(code, environment->env_, environment->directory_);
  return Done{};
}

void WriteTransaction::Abort() {
  mdb_txn_abort(std::exchange(transaction_, nullptr));
  environment_.reset();
}

// ---- walking ----------------------------------------------------------------------------------

Cursor::Cursor(const Transaction& transaction, StoreTable table) {
  const MDB_dbi handle = transaction.environment_->tables_[static_cast<size_t>(table)];
  const int code = mdb_cursor_open(transaction.transaction_, handle, &cursor_);
  if (code != 0) DieOfCorruption(mdb_strerror(code));
}
Cursor::~Cursor() { mdb_cursor_close(cursor_); }

bool Cursor::Step(int operation, std::string_view from) {
  MDB_val key = ValueOf(from);
  MDB_val value{};
  const int code = mdb_cursor_get(cursor_, &key, &value, static_cast<MDB_cursor_op>(operation));
  if (code == MDB_NOTFOUND) return false;
  if (code != 0) DieOfCorruption(mdb_strerror(code));
  key_ = ViewOf(key);
  value_ = ViewOf(value);
  return true;
}
bool Cursor::Seek(std::string_view key) {
  return Step(key.empty() ? MDB_FIRST : MDB_SET_RANGE, key);
}
bool Cursor::Next() { return Step(MDB_NEXT, {}); }
bool Cursor::Previous() { return Step(MDB_PREV, {}); }
bool Cursor::SeekBefore(std::string_view key) {
  return Seek(key) ? Previous() : Step(MDB_LAST, {});
}

}  // namespace portvakt::engine
