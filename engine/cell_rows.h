// The rows of one cell while it is being changed: sorted by (relation, word), none without bits.
// Internal to the store and to what stands on it.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "engine/store.h"

namespace portvakt::engine {

class CellRows {
 public:
  CellRows() = default;
  explicit CellRows(const Cell& cell) {
    rows_.reserve(cell.size() + 1);
    for (size_t i = 0; i < cell.size(); ++i) rows_.push_back(cell.at(i));
  }

  struct Bit {
    bool holds = false;
    bool timed = false;
  };
  Bit Find(uint16_t relation, uint16_t symbol) const {
    const size_t at = Seek(relation, WordOf(symbol));
    if (!Is(at, relation, WordOf(symbol))) return {};
    return {(rows_[at].bits & MaskOf(symbol)) != 0, (rows_[at].timed & MaskOf(symbol)) != 0};
  }
  void Set(uint16_t relation, uint16_t symbol, bool timed) {
    const size_t at = Seek(relation, WordOf(symbol));
    if (!Is(at, relation, WordOf(symbol))) {
      const Cell::Row row{relation, WordOf(symbol), 0, 0, 0};
      rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(at), row);
    }
    rows_[at].bits |= MaskOf(symbol);
    if (timed) {
      rows_[at].timed |= MaskOf(symbol);
    } else {
      rows_[at].timed &= ~MaskOf(symbol);
    }
  }
  void Clear(uint16_t relation, uint16_t symbol) {
    const size_t at = Seek(relation, WordOf(symbol));
    if (!Is(at, relation, WordOf(symbol))) return;
    rows_[at].bits &= ~MaskOf(symbol);
    rows_[at].timed &= ~MaskOf(symbol);
    if (rows_[at].bits == 0) rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  bool empty() const { return rows_.empty(); }
  // As a Cell's; good until the next change.
  std::string_view bytes() const {
    return {reinterpret_cast<const char*>(rows_.data()), rows_.size() * sizeof(Cell::Row)};
  }

 private:
  static uint16_t WordOf(uint16_t symbol) { return static_cast<uint16_t>(symbol / 64); }
  static uint64_t MaskOf(uint16_t symbol) { return uint64_t{1} << (symbol % 64); }
  // Where the row of (relation, word) stands, or would stand.
  size_t Seek(uint16_t relation, uint16_t word) const {
    const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Cell::Row& row) {
      return row.relation > relation || (row.relation == relation && row.word >= word);
    });
    return static_cast<size_t>(found - rows_.begin());
  }
  bool Is(size_t at, uint16_t relation, uint16_t word) const {
    return at < rows_.size() && rows_[at].relation == relation && rows_[at].word == word;
  }

  std::vector<Cell::Row> rows_;
};

}  // namespace portvakt::engine
