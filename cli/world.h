// A store to ask: one that lies on disk, or a temporary one filled from a policy and data files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/files.h"
#include "cli/policy.h"
#include "engine/engine.h"
#include "engine/load.h"

namespace portvakt::cli {

// Members are destroyed from the last: the engine before the folder that it lies in.
struct World {
  std::optional<TemporaryFolder> temporary;
  std::unique_ptr<engine::Engine> engine;
  std::shared_ptr<const dsl::Module> module;
  std::string policy_root;  // where the policy's files lie; "" when only the store has them
  bool policy_from_files = false;
};

struct WorldOptions {
  std::string store;              // "": a temporary one, without syncs
  bool create = true;             // a missing store is made; false: it is an error
  std::string policy;             // installed and activated; "": the store's own
  std::vector<std::string> data;  // loaded after that, in this order
  std::string reason;
  std::function<int64_t()> now_us = engine::SystemNow;
};

// Told of each file, the one with findings included; the findings are then the listener's to show.
using LoadedFile = std::function<void(const std::string& path, const engine::LoadReport& report)>;

// Fills `world`, or tells `console.err` why not. The exit code, kExitOk when it can be asked.
int OpenWorld(const WorldOptions& options, World& world, Console& console,
              const LoadedFile& loaded = {});

// The store alone, whatever policy it has.
int OpenStore(const WorldOptions& options, World& world, Console& console);

// `file:line:column: message`, and the help below it.
void PrintDataFindings(const std::vector<engine::DataFinding>& findings, std::ostream& stream);

}  // namespace portvakt::cli
