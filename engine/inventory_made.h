// Who made facts last: the revisions that touched their cells are read from the newest back, each
// once for all the facts that ask for it. Internal to the room.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "engine/snapshot_state.h"

namespace portvakt::engine {

class LastMade {
 public:
  // Changes after `revision` are not looked at.
  LastMade(const Snapshot& snapshot, uint64_t revision) : tables_(snapshot), revision_(revision) {}

  // `index` is what the caller knows the fact by. Facts of one cell come one after the other.
  void Add(const FactKey& fact, size_t index);
  // Calls `found` once for each fact whose making the history holds.
  void Find(const std::function<void(size_t index, uint64_t revision)>& found) const;

 private:
  struct Wanted {
    FactKey fact;
    size_t index = 0;
    size_t turns = 0;  // in turns_
  };
  SnapshotTables tables_;
  uint64_t revision_;
  std::vector<std::vector<uint64_t>> turns_;  // a cell each, ascending
  std::vector<Wanted> wanted_;
};

}  // namespace portvakt::engine
