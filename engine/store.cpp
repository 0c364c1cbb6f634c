// Opening a store: its directory, its format, its tables; and the reads that snapshots and writers
// share. The tables' keys are in store_state.h.
#include "engine/store.h"

#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

#include "engine/snapshot_state.h"
#include "engine/store_state.h"
#include "engine/writer_state.h"

namespace portvakt::engine {
namespace {

uint64_t RandomWord(std::random_device& device) {
  return (uint64_t{device()} << 32) | uint64_t{device()};
}

std::string_view BytesOf(const StoreState& state) {
  return {reinterpret_cast<const char*>(&state), sizeof state};
}

// Refuses what this program cannot read. False: the environment is empty.
Result<bool> CheckFormat(WriteTransaction& transaction, const std::string& directory) {
  const std::string where = "store " + directory + ": ";
  const Result<bool> empty = transaction.IsEmpty();
  if (!empty) return empty.error();
  if (empty.value()) return false;
  const Result<bool> has_meta = transaction.HasMetaTable();
  if (!has_meta) return has_meta.error();
  std::string_view format;
  if (!has_meta.value() || !transaction.Get(StoreTable::kMeta, kFormatKey, format) ||
      format.size() != sizeof(uint32_t)) {
    return Error{Error::Code::kCorrupt, where + "holds something else than a Portvakt store"};
  }
  const auto version = GetNumber<uint32_t>(format);
  if (version > kFormatVersion) {
    return Error{Error::Code::kTooNew,
                 where + "has format " + std::to_string(version) + ", this Portvakt reads up to " +
                     std::to_string(kFormatVersion) + "; run a newer Portvakt"};
  }
  if (version < kFormatVersion) {
    return Error{Error::Code::kInvalid,
                 where + "has format " + std::to_string(version) +
                     ", which this Portvakt (format " + std::to_string(kFormatVersion) +
                     ") no longer reads; load its data anew into an empty directory"};
  }
  std::string_view state;
  if (!transaction.Get(StoreTable::kMeta, kStateKey, state) || state.size() != sizeof(StoreState)) {
    return Error{Error::Code::kCorrupt, where + "has no state record"};
  }
  return true;
}

Status Prepare(const std::shared_ptr<Environment>& environment, const std::string& directory) {
  Result<WriteTransaction> transaction = WriteTransaction::Begin(environment);
  if (!transaction) return transaction.error();
  const Result<bool> exists = CheckFormat(*transaction, directory);
  if (!exists) return exists.error();
  if (Status status = transaction->OpenTables(); !status) return status;
  if (!exists.value()) {
    std::random_device device;
    StoreState state;
    state.seed = {RandomWord(device), RandomWord(device)};
    std::string format;
    PutNumber(format, kFormatVersion);
    if (Status status = transaction->Put(StoreTable::kMeta, kFormatKey, format); !status)
      return status;
    std::string secret;
    while (secret.size() < sizeof(Sha256)) PutNumber(secret, RandomWord(device));
    if (Status status = transaction->Put(StoreTable::kMeta, kSecretKey, secret); !status)
      return status;
    Status status = transaction->Put(StoreTable::kMeta, kStateKey, BytesOf(state));
    if (!status) return status;
  }
  return transaction->Commit();
}

}  // namespace

struct Store::State {
  std::shared_ptr<Environment> environment;
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::Open(const std::string& directory, const Options& options) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return Error{Error::Code::kIo, "store " + directory + ": " + error.message()};
  }
  auto environment =
      Environment::Open(directory, {options.map_bytes, options.max_readers, options.sync});
  if (!environment) return environment.error();
  if (Status status = Prepare(*environment, directory); !status) return status.error();
  auto state = std::make_unique<State>();
  state->environment = std::move(*environment);
  return std::unique_ptr<Store>(new Store(std::move(state)));
}

Result<Snapshot> Store::Read() const {
  Result<ReadTransaction> transaction = ReadTransaction::Begin(state_->environment);
  if (!transaction) return transaction.error();
  auto state = std::make_unique<Snapshot::State>(std::move(*transaction));
  return Snapshot(std::move(state));
}

Result<Writer> Store::Begin() {
  Result<WriteTransaction> transaction = WriteTransaction::Begin(state_->environment);
  if (!transaction) return transaction.error();
  return Writer(std::make_unique<Writer::State>(std::move(*transaction)));
}

uint64_t Store::map_bytes() const { return state_->environment->map_bytes(); }
uint64_t Store::used_bytes() const { return state_->environment->used_bytes(); }
uint32_t Store::used_readers() const { return state_->environment->used_readers(); }
uint32_t Store::max_readers() const { return state_->environment->max_readers(); }

// ---- reads shared by snapshots and writers
// -------------------------------------------------------

StoreState ReadState(const Transaction& transaction) {
  std::string_view bytes;
  if (!transaction.Get(StoreTable::kMeta, kStateKey, bytes) || bytes.size() != sizeof(StoreState)) {
    DieOfCorruption("no state record");
  }
  return GetNumber<StoreState>(bytes);
}

std::optional<EntityId> ReadEntity(const Transaction& transaction, const StoreState& state,
                                   uint16_t type, std::string_view id) {
  if (id.size() > kMaxIdBytes) return std::nullopt;
  const Key key = EntityKey(type, id);
  std::string_view value;
  const uint64_t hash = HashBytes(key, state.seed);
  if (!FindInBuckets(transaction, StoreTable::kEntities, state.entities, hash, key, value)) {
    return std::nullopt;
  }
  if (value.size() != sizeof(EntityId)) DieOfCorruption("entity without a number");
  return GetNumber<EntityId>(value);
}

std::string_view ReadStoredRecord(const Transaction& transaction, EntityId entity) {
  std::string_view block;
  if (!transaction.GetNumbered(StoreTable::kRecords, RecordBlockNumber(entity),
                               RecordBlockKey(entity), block)) {
    return {};
  }
  return RecordInBlock(block, IndexInBlock(entity));
}

std::string_view ReadStoredCell(const Transaction& transaction, const StoreState& state,
                                EntityId subject, EntityId object) {
  const Key key = CellKey(subject, object);
  std::string_view value;
  FindInBuckets(transaction, StoreTable::kCells, state.cells, HashBytes(key, state.seed), key,
                value);
  return value;
}

Validity ValidityIn(std::string_view stored) {
  if (stored.empty()) return {};
  if (stored.size() != kSinceBytes + sizeof(Validity)) DieOfCorruption("validity of a wrong size");
  return GetNumber<Validity>(stored, kSinceBytes);
}

uint32_t SeatsIn(std::string_view stored) {
  if (stored.empty()) return 0;
  if (stored.size() != kSinceBytes + sizeof(uint32_t)) DieOfCorruption("seats of a wrong size");
  return GetNumber<uint32_t>(stored, kSinceBytes);
}

Validity ReadValidity(const Transaction& transaction, const FactKey& fact) {
  std::string_view value;
  transaction.Get(StoreTable::kValidity, ValidityKey(fact), value);
  return ValidityIn(value);
}

uint32_t ReadSeats(const Transaction& transaction, EntityId tenant, uint16_t licence) {
  std::string_view value;
  transaction.Get(StoreTable::kSeats, SeatsKey(tenant, licence), value);
  return SeatsIn(value);
}

std::optional<uint32_t> ReadNumber(const Transaction& transaction, Space space,
                                   std::string_view name) {
  std::string_view value;
  if (name.size() > kMaxIdBytes ||
      !transaction.Get(StoreTable::kNames, NameKey(space, name), value)) {
    return std::nullopt;
  }
  if (value.size() != sizeof(uint32_t)) DieOfCorruption("name without a number");
  return GetNumber<uint32_t>(value);
}

}  // namespace portvakt::engine
