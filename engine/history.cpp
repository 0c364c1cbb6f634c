// Packing and unpacking changes. The format is in the header.
#include "engine/history.h"

#include "engine/bytes.h"

namespace portvakt::engine {
namespace {

constexpr size_t kDigestBytes = 64;
constexpr uint8_t kKindMask = 0x0f;
constexpr uint8_t kHasObject = 0x10;
constexpr uint8_t kHasValidity = 0x20;
constexpr uint8_t kExisted = 0x40;
constexpr uint8_t kHasValidityBefore = 0x80;

Key IdempotencyKey(EntityId actor, std::string_view text) {
  Key key;
  key.Add(actor).Add(text);
  return key;
}

void PutValidity(std::string& out, const Validity& validity) {
  PutNumber(out, validity.from_us);
  PutNumber(out, validity.until_us);
}

void PutText(std::string& out, std::string_view text) {
  PutVarint(out, text.size());
  out.append(text);
}

void PutEntity(std::string& out, EntityId entity, EntityId& before) {
  PutVarint(out, ZigZag(static_cast<int64_t>(entity - before)));
  before = entity;
}

// Takes changes apart again; what it cannot take, nobody wrote.
class ChangeReader {
 public:
  explicit ChangeReader(std::string_view bytes) : bytes_(bytes) {}
  bool done() const { return bytes_.empty(); }
  Change Take() {
    Change change;
    const auto head = static_cast<uint8_t>(Bytes(1).front());
    change.kind = static_cast<Change::Kind>(head & kKindMask);
    switch (change.kind) {
      case Change::Kind::kAddFact:
      case Change::Kind::kRemoveFact: TakeFact(head, change); break;
      case Change::Kind::kPutEntity:
      case Change::Kind::kRemoveEntity:
        change.entity = Entity(subject_);
        change.record = Bytes(Varint());
        change.record_before = Bytes(Varint());
        break;
      case Change::Kind::kSetSeats:
        change.entity = Entity(subject_);
        change.licence = static_cast<uint16_t>(Varint());
        [[fallthrough]];
      case Change::Kind::kInstallPolicy:
      case Change::Kind::kActivatePolicy:
      case Change::Kind::kDropPolicy:
        change.number = static_cast<uint32_t>(Varint());
        change.number_before = static_cast<uint32_t>(Varint());
        if (change.kind == Change::Kind::kInstallPolicy) change.record = Bytes(kDigestBytes);
        break;
      default: DieOfCorruption("change of no kind");
    }
    return change;
  }

 private:
  void TakeFact(uint8_t head, Change& change) {
    change.fact.relation = static_cast<uint16_t>(Varint());
    change.fact.symbol = static_cast<uint16_t>(Varint());
    change.fact.subject = Entity(subject_);
    if (head & kHasObject) change.fact.object = Entity(object_);
    change.existed = (head & kExisted) != 0;
    if (head & kHasValidity) change.validity = TakeValidity();
    if (head & kHasValidityBefore) change.validity_before = TakeValidity();
  }
  Validity TakeValidity() {
    const std::string_view bytes = Bytes(2 * sizeof(int64_t));
    return {GetNumber<int64_t>(bytes), GetNumber<int64_t>(bytes, sizeof(int64_t))};
  }
  EntityId Entity(EntityId& before) {
    before += static_cast<uint64_t>(UnZigZag(Varint()));
    return before;
  }
  uint64_t Varint() {
    uint64_t number = 0;
    if (!TakeVarint(bytes_, number)) DieOfCorruption("history cut short");
    return number;
  }
  std::string_view Bytes(uint64_t count) {
    if (count > bytes_.size()) DieOfCorruption("history cut short");
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

  std::string_view bytes_;
  EntityId subject_ = 0;
  EntityId object_ = 0;
};

}  // namespace

void ChangeLog::Add(const Change& change) {
  ++count_;
  auto head = static_cast<uint8_t>(change.kind);
  switch (change.kind) {
    case Change::Kind::kAddFact:
    case Change::Kind::kRemoveFact:
      if (change.fact.object != kNoEntity) head |= kHasObject;
      if (!change.validity.always()) head |= kHasValidity;
      if (change.existed) head |= kExisted;
      if (!change.validity_before.always()) head |= kHasValidityBefore;
      bytes_.push_back(static_cast<char>(head));
      PutVarint(bytes_, change.fact.relation);
      PutVarint(bytes_, change.fact.symbol);
      PutEntity(bytes_, change.fact.subject, subject_);
      if (head & kHasObject) PutEntity(bytes_, change.fact.object, object_);
      if (head & kHasValidity) PutValidity(bytes_, change.validity);
      if (head & kHasValidityBefore) PutValidity(bytes_, change.validity_before);
      break;
    case Change::Kind::kPutEntity:
    case Change::Kind::kRemoveEntity:
      bytes_.push_back(static_cast<char>(head));
      PutEntity(bytes_, change.entity, subject_);
      PutText(bytes_, change.record);
      PutText(bytes_, change.record_before);
      break;
    case Change::Kind::kSetSeats:
      bytes_.push_back(static_cast<char>(head));
      PutEntity(bytes_, change.entity, subject_);
      PutVarint(bytes_, change.licence);
      PutVarint(bytes_, change.number);
      PutVarint(bytes_, change.number_before);
      break;
    case Change::Kind::kInstallPolicy:
    case Change::Kind::kActivatePolicy:
    case Change::Kind::kDropPolicy:
      bytes_.push_back(static_cast<char>(head));
      PutVarint(bytes_, change.number);
      PutVarint(bytes_, change.number_before);
      if (change.kind == Change::Kind::kInstallPolicy) bytes_.append(change.record);
      break;
  }
}

Status ChangeLog::Write(WriteTransaction& transaction, uint64_t revision,
                        const Writer::Stamp& stamp, Sha256& head) const {
  if (Status status = WriteIndexes(transaction, revision, stamp); !status) return status;
  const RevisionHeader header{revision,
                              stamp.instant_us,
                              stamp.actor_entity,
                              stamp.second,
                              count_,
                              static_cast<uint32_t>(stamp.actor.size()),
                              static_cast<uint32_t>(stamp.reason.size()),
                              static_cast<uint32_t>(stamp.ticket.size()),
                              static_cast<uint32_t>(stamp.idempotency_key.size()),
                              0,
                              Sha256Of(bytes_),
                              head,
                              stamp.request_digest};
  std::string text;
  PutNumber(text, header);
  text.append(stamp.actor).append(stamp.reason).append(stamp.ticket).append(stamp.idempotency_key);
  if (Status status = transaction.Put(StoreTable::kHistory, PartKey(revision, 0), text); !status) {
    return status;
  }
  uint32_t part = 1;
  for (size_t offset = 0; offset < bytes_.size(); offset += kHistoryPartBytes) {
    const auto bytes = std::string_view(bytes_).substr(offset, kHistoryPartBytes);
    Status status = transaction.Put(StoreTable::kHistory, PartKey(revision, part++), bytes);
    if (!status) return status;
  }
  head = Sha256Of(text);
  return Done{};
}

Status ChangeLog::WriteIndexes(WriteTransaction& transaction, uint64_t revision,
                               const Writer::Stamp& stamp) {
  Status status = transaction.Put(StoreTable::kActors, ActorKey(stamp.actor_entity, revision), {});
  if (!status || stamp.idempotency_key.empty()) return status;
  const Key key = IdempotencyKey(stamp.actor_entity, stamp.idempotency_key);
  std::string value;
  PutNumber(value, revision);
  PutNumber(value, stamp.request_digest);
  return transaction.Put(StoreTable::kIdempotency, key, value);
}

std::optional<MadeBefore> ReadIdempotent(const Transaction& transaction, EntityId actor,
                                         std::string_view key) {
  std::string_view value;
  if (key.empty() || key.size() > kMaxIdBytes) return std::nullopt;
  if (!transaction.Get(StoreTable::kIdempotency, IdempotencyKey(actor, key), value))
    return std::nullopt;
  if (value.size() != sizeof(uint64_t) + sizeof(Sha256)) {
    DieOfCorruption("idempotency key of a wrong size");
  }
  return MadeBefore{GetNumber<uint64_t>(value), GetNumber<Sha256>(value, sizeof(uint64_t))};
}

bool TakeHeader(std::string_view bytes, RevisionHeader& header) {
  if (bytes.size() < sizeof header) return false;
  header = GetNumber<RevisionHeader>(bytes);
  return bytes.size() - sizeof header == uint64_t{header.actor_bytes} + header.reason_bytes +
                                             header.ticket_bytes + header.key_bytes;
}

std::optional<RevisionInfo> ReadRevision(const Transaction& transaction, uint64_t revision) {
  std::string_view bytes;
  if (!transaction.Get(StoreTable::kHistory, PartKey(revision, 0), bytes)) return std::nullopt;
  RevisionHeader header{};
  if (!TakeHeader(bytes, header)) DieOfCorruption("revision header cut short");
  bytes.remove_prefix(sizeof header);
  const auto take = [&](uint32_t count) {
    const std::string text(bytes.substr(0, count));
    bytes.remove_prefix(count);
    return text;
  };
  RevisionInfo info;
  info.revision = revision;
  info.instant_us = header.instant_us;
  info.actor_entity = header.actor_entity;
  info.second = header.second;
  info.actor = take(header.actor_bytes);
  info.reason = take(header.reason_bytes);
  info.ticket = take(header.ticket_bytes);
  info.idempotency_key = take(header.key_bytes);
  info.change_count = header.change_count;
  return info;
}

void VisitChanges(const Transaction& transaction, uint64_t revision,
                  const std::function<bool(const Change&, uint32_t)>& visit) {
  std::string bytes;
  std::string_view part;
  for (uint32_t number = 1; transaction.Get(StoreTable::kHistory, PartKey(revision, number), part);
       ++number) {
    bytes.append(part);
  }
  uint32_t index = 0;
  for (ChangeReader reader(bytes); !reader.done();) {
    if (!visit(reader.Take(), index++)) return;
  }
}

std::vector<Change> ReadChanges(const Transaction& transaction, uint64_t revision) {
  std::vector<Change> changes;
  VisitChanges(transaction, revision, [&](const Change& change, uint32_t) {
    changes.push_back(change);
    return true;
  });
  return changes;
}

}  // namespace portvakt::engine
