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

}  // namespace portvakt::engine
