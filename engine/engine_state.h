// The inside of an Engine; strangers start at engine/engine.h.
#pragma once

#include <memory>
#include <mutex>

#include "engine/committer.h"
#include "engine/engine.h"
#include "engine/policy_cache.h"

namespace portvakt::engine {

struct Engine::State {
  std::unique_ptr<Store> store;
  // Sessions keep a copy: they may outlive nothing but the store.
  std::shared_ptr<const Reader::Clock> clock;
  // Shared with the sessions.
  std::shared_ptr<PolicyCache> policies = std::make_shared<PolicyCache>();

  // Started by the first change. Last: it goes first, with what it still has to do.
  std::once_flag committer_started;
  std::unique_ptr<Committer> committer;
};

}  // namespace portvakt::engine
