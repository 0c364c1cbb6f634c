// Names, facts and records as requests need them: each is fetched from the store once and kept
// while the same state is read, for one request or for those that follow. Validity is judged at a
// request's one reading of the clock, so nothing that is kept depends on the time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "engine/kept.h"
#include "engine/store.h"

namespace portvakt::engine {

// What may stand where an entity is expected. No type has numbers so high.
inline constexpr EntityId kUnknownEntity = ~uint64_t{0} - 1;  // the request left it out
inline constexpr EntityId kAbsentEntity =
    ~uint64_t{0} - 2;  // an optional reference that is not there
inline constexpr EntityId kNowhereEntity = ~uint64_t{0} - 3;  // an id that nothing has
constexpr bool IsEntity(EntityId id) { return id < kNowhereEntity; }
constexpr bool IsTransient(EntityId id) {
  return (id & ((uint64_t{1} << 40) - 1)) >= kTransientIndex;
}
inline constexpr uint32_t kAnySymbol = 0xffffffffu;
inline constexpr uint32_t kNoSymbol = 0xfffffffeu;  // the program of a permission without one

class Reader {
 public:
  using Clock = std::function<int64_t()>;

  // Both live until the next Start. What was fetched is forgotten unless `state` is that of the
  // last Start too: the number of an unchanging state behind this very view, 0 where there is none.
  void Start(const View& view, const Clock& clock, std::optional<int64_t> now_us,
             uint64_t state = 0);

  const View& view() const { return *view_; }
  int64_t now_us();

  std::optional<EntityId> FindEntity(uint16_t type, std::string_view id);
  Record RecordOf(EntityId entity);

  // Hints, as those of View: for what is not kept.
  void ExpectEntities(const TypedId& one, const TypedId& other);
  void ExpectPair(EntityId subject, EntityId object);

  // Whether the fact holds now.
  bool Holds(uint16_t relation, uint32_t symbol, EntityId subject, EntityId object);
  // The symbols of one word for which it holds now, of those in `interest`.
  uint64_t Bits(uint16_t relation, uint16_t word, EntityId subject, EntityId object,
                uint64_t interest);
  // Whether it holds now for any symbol.
  bool HoldsAny(uint16_t relation, EntityId subject, EntityId object);

 private:
  // Two lines of a processor's cache, beside each other: nearly all cells have few rows.
  static constexpr size_t kRowsInPlace = 4;
  struct alignas(64) KeptCell {
    EntityId subject = 0;
    EntityId object = 0;
    uint64_t generation = 0;
    uint64_t rows = 0;
    // Its rows, or the Cell of more rows.
    alignas(Cell::Row) std::array<char, kRowsInPlace * sizeof(Cell::Row)> bytes{};
    Cell cell() const;
  };
  struct KeptRecord {
    EntityId entity = 0;
    uint64_t generation = 0;
    Record record;
  };
  // Longer ids are looked up each time.
  static constexpr size_t kNameBytes = 44;
  struct alignas(64) KeptName {
    uint64_t generation = 0;
    EntityId entity = 0;
    uint16_t type = 0;
    uint16_t size = 0;
    std::array<char, kNameBytes> id{};
    bool Is(uint64_t now, uint16_t other, std::string_view text) const;
  };

  // Until the next call.
  Cell CellOf(EntityId subject, EntityId object);
  uint64_t Valid(uint16_t relation, EntityId subject, EntityId object, const Cell::Row& row,
                 uint64_t interest);

  const View* view_ = nullptr;
  const Clock* clock_ = nullptr;
  std::optional<int64_t> now_us_;
  uint64_t state_ = 0;
  uint64_t generation_ = 0;
  KeptTable<KeptCell> cells_;
  KeptTable<KeptRecord> records_;
  KeptTable<KeptName> names_;
};

}  // namespace portvakt::engine
