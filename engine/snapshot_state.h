// What a Snapshot holds. Internal to the store.
#pragma once

#include <vector>

#include "engine/store_state.h"

namespace portvakt::engine {

struct Snapshot::State {
  explicit State(ReadTransaction begun)
      : transaction(std::move(begun)), state(ReadState(transaction)) {}

  ReadTransaction transaction;
  StoreState state;
  // A program's copy, should its bytes not be aligned where they lie.
  std::vector<uint64_t> aligned_program;
};

// For readers of the tables themselves: the past, the history, the audit. Good until the snapshot
// is renewed.
struct SnapshotTables {
  explicit SnapshotTables(const Snapshot& snapshot)
      : transaction(snapshot.state_->transaction), state(snapshot.state_->state) {}
  const Transaction& transaction;
  const StoreState& state;
};

}  // namespace portvakt::engine
