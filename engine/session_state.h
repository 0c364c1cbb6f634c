// The inside of a Session; strangers start at engine/engine.h.
#pragma once

#include <memory>
#include <utility>

#include "engine/engine.h"
#include "engine/evaluator.h"

namespace portvakt::engine {

struct Session::State {
  State(Snapshot first, std::shared_ptr<const Reader::Clock> now)
      : snapshot(std::move(first)), clock(std::move(now)) {}

  Snapshot snapshot;
  std::shared_ptr<const Reader::Clock> clock;
  Program program;  // empty: everything is denied
  uint32_t version = 0;
  std::string_view verified;  // the bytes that `program` was read from
  uint64_t checksum = 0;
  Evaluator evaluator;
};

}  // namespace portvakt::engine
