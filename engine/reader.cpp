#include "engine/reader.h"

#include <bit>

namespace portvakt::engine {
namespace {

size_t Mix(uint64_t a, uint64_t b) {
  const uint64_t mixed = (a * 0x9e3779b97f4a7c15ull) ^ (b * 0xc2b2ae3d27d4eb4full);
  return static_cast<size_t>(mixed >> 40);
}

}  // namespace

void Reader::Start(const View& view, const Clock& clock, std::optional<int64_t> now_us,
                   uint64_t state) {
  if (state == 0 || state != state_ || &view != view_) ++generation_;
  state_ = state;
  view_ = &view;
  clock_ = &clock;
  now_us_ = now_us;
  fetched_ = 0;
}

int64_t Reader::now_us() {
  if (!now_us_) now_us_ = (*clock_)();
  return *now_us_;
}

Record Reader::RecordOf(EntityId entity) {
  if (!IsEntity(entity) || IsTransient(entity)) return {};
  RecordEntry& entry = records_[Mix(entity, 0) % kRecords];
  if (entry.generation != generation_ || entry.entity != entity) {
    entry = {entity, generation_, view_->FindRecord(entity)};
    ++fetched_;
  }
  return entry.record;
}

const Cell& Reader::CellOf(EntityId subject, EntityId object) {
  static const Cell kNothing;
  if (IsTransient(subject) || (object != kNoEntity && IsTransient(object))) return kNothing;
  CellEntry& entry = cells_[Mix(subject, object) % kCells];
  if (entry.generation != generation_ || entry.subject != subject || entry.object != object) {
    entry = {subject, object, generation_, view_->FindCell(subject, object)};
    ++fetched_;
  }
  return entry.cell;
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
