// The inside of a Session; strangers start at engine/engine.h.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "engine/engine.h"
#include "engine/evaluator.h"
#include "engine/past_view.h"
#include "engine/policy_cache.h"

namespace portvakt::engine {

struct Session::State {
  State(Snapshot first, std::shared_ptr<const Reader::Clock> now,
        std::shared_ptr<PolicyCache> checked)
      : snapshot(std::move(first)),
        engine_clock(now),
        clock(std::move(now)),
        policies(std::move(checked)) {}

  // What is answered from.
  const View& view() const { return past ? static_cast<const View&>(*past) : snapshot; }
  // Back to the newest state, with nothing to decide by until Adopt.
  Status Renew();
  Status Adopt(uint32_t policy_version);

  Snapshot snapshot;
  std::unique_ptr<PastView> past;  // of `snapshot`, while the session stands in the past
  std::shared_ptr<const Reader::Clock> engine_clock;
  std::shared_ptr<const Reader::Clock> clock;  // the engine's, or the moment's
  std::shared_ptr<PolicyCache> policies;
  Program program;  // empty: everything is denied
  uint32_t version = 0;
  std::string compiled;       // by this session: of a version that the store has no program for
  std::string_view verified;  // the bytes that `program` was read from
  uint64_t checksum = 0;
  // The commit whose active policy `program` is; none when the session stands elsewhere.
  std::optional<uint64_t> settled;
  Evaluator evaluator;
  std::string_view decided_by;  // a literal, or in the program's bytes
};

}  // namespace portvakt::engine
