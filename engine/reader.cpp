#include "engine/reader.h"

#include <bit>
#include <cstring>
#include <type_traits>

namespace portvakt::engine {
namespace {

uint64_t Mix(uint64_t a, uint64_t b) {
  return (a * 0x9e3779b97f4a7c15ull) ^ (b * 0xc2b2ae3d27d4eb4full);
}

// Who chooses ids so that they share a place makes his own look-ups slower, as slow as without.
uint64_t HashId(uint16_t type, std::string_view id) {
  uint64_t hash = type;
  for (; id.size() >= sizeof(uint64_t); id.remove_prefix(sizeof(uint64_t))) {
    uint64_t word = 0;
    std::memcpy(&word, id.data(), sizeof word);
    hash = Mix(hash ^ (hash >> 32), word);
  }
  uint64_t last = id.size();
  for (char letter : id) last = last << 8 | static_cast<unsigned char>(letter);
  hash = Mix(hash ^ (hash >> 32), last);
  return (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15ull;
}

}  // namespace

void Reader::Start(const View& view, const Clock& clock, std::optional<int64_t> now_us,
                   uint64_t state) {
  if (state == 0 || state != state_ || &view != view_) {
    ++generation_;
    cells_.Restart();
    records_.Restart();
    names_.Restart();
  }
  state_ = state;
  view_ = &view;
  clock_ = &clock;
  now_us_ = now_us;
}

int64_t Reader::now_us() {
  if (!now_us_) now_us_ = (*clock_)();
  return *now_us_;
}

bool Reader::KeptName::Is(uint64_t now, uint16_t other, std::string_view text) const {
  return generation == now && type == other && std::string_view(id.data(), size) == text;
}

std::optional<EntityId> Reader::FindEntity(uint16_t type, std::string_view id) {
  if (id.size() > kNameBytes) return view_->FindEntity(type, id);
  const uint64_t hash = HashId(type, id);
  if (const KeptName& name = names_.PlaceOf(hash); name.Is(generation_, type, id)) {
    return name.entity;
  }
  const std::optional<EntityId> found = view_->FindEntity(type, id);
  if (!found) return found;
  KeptName& name = names_.PlaceAfterMiss(hash);
  name.generation = generation_;
  name.entity = *found;
  name.type = type;
  name.size = static_cast<uint16_t>(id.size());
  std::memcpy(name.id.data(), id.data(), id.size());
  return found;
}

Record Reader::RecordOf(EntityId entity) {
  if (!IsEntity(entity) || IsTransient(entity)) return {};
  const uint64_t hash = Mix(entity, 0);
  const KeptRecord& kept = records_.PlaceOf(hash);
  if (kept.generation == generation_ && kept.entity == entity) return kept.record;
  const Record record = view_->FindRecord(entity);
  records_.PlaceAfterMiss(hash) = {entity, generation_, record};
  return record;
}

Cell Reader::KeptCell::cell() const {
  if (rows <= kRowsInPlace) return Cell({bytes.data(), rows * sizeof(Cell::Row)});
  Cell elsewhere;
  std::memcpy(&elsewhere, bytes.data(), sizeof elsewhere);
  return elsewhere;
}

Cell Reader::CellOf(EntityId subject, EntityId object) {
  if (IsTransient(subject) || (object != kNoEntity && IsTransient(object))) return {};
  const uint64_t hash = Mix(subject, object);
  const KeptCell& kept = cells_.PlaceOf(hash);
  if (kept.generation == generation_ && kept.subject == subject && kept.object == object) {
    return kept.cell();
  }
  const Cell found = view_->FindCell(subject, object);
  KeptCell& place = cells_.PlaceAfterMiss(hash);
  place.subject = subject;
  place.object = object;
  place.generation = generation_;
  place.rows = found.size();
  static_assert(std::is_trivially_copyable_v<Cell> && sizeof(Cell) <= sizeof place.bytes);
  if (place.rows > kRowsInPlace) std::memcpy(place.bytes.data(), &found, sizeof found);
  for (size_t i = 0; i < place.rows && place.rows <= kRowsInPlace; ++i) {
    const Cell::Row row = found.at(i);
    std::memcpy(place.bytes.data() + i * sizeof row, &row, sizeof row);
  }
  return place.cell();
}

void Reader::ExpectEntities(const TypedId& one, const TypedId& other) {
  const auto kept = [&](const TypedId& each) {
    return names_.PlaceOf(HashId(each.type, each.id)).Is(generation_, each.type, each.id);
  };
  if (!kept(one) || !kept(other)) view_->ExpectEntities(one, other);
}

void Reader::ExpectPair(EntityId subject, EntityId object) {
  if (IsTransient(subject) || IsTransient(object)) return;
  const KeptCell& kept = cells_.PlaceOf(Mix(subject, object));
  if (kept.generation == generation_ && kept.subject == subject && kept.object == object) return;
  view_->ExpectPair(subject, object);
}

uint64_t Reader::Valid(uint16_t relation, EntityId subject, EntityId object, const Cell::Row& row,
                       uint64_t interest) {
  uint64_t result = row.bits & ~row.timed & interest;
  for (uint64_t timed = row.bits & row.timed & interest; timed != 0; timed &= timed - 1) {
    const auto bit = static_cast<uint16_t>(std::countr_zero(timed));
    const FactKey key{relation, static_cast<uint16_t>(row.word * 64 + bit), subject, object};
    if (view_->FindValidity(key).At(now_us())) result |= uint64_t{1} << bit;
  }
  return result;
}

uint64_t Reader::Bits(uint16_t relation, uint16_t word, EntityId subject, EntityId object,
                      uint64_t interest) {
  const Cell::Row row = CellOf(subject, object).Find(relation, word);
  if ((row.bits & interest) == 0) return 0;
  if ((row.timed & interest) == 0) return row.bits & interest;
  return Valid(relation, subject, object, row, interest);
}

bool Reader::Holds(uint16_t relation, uint32_t symbol, EntityId subject, EntityId object) {
  return Bits(relation, static_cast<uint16_t>(symbol / 64), subject, object,
              uint64_t{1} << (symbol % 64)) != 0;
}

bool Reader::HoldsAny(uint16_t relation, EntityId subject, EntityId object) {
  const Cell cell = CellOf(subject, object);
  for (size_t i = 0; i < cell.size(); ++i) {
    const Cell::Row row = cell.at(i);
    if (row.relation != relation) continue;
    if (Valid(relation, subject, object, row, ~uint64_t{0}) != 0) return true;
  }
  return false;
}

}  // namespace portvakt::engine
