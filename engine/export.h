// All that a store holds, as text that loads back (docs/data.md): entities with their attributes,
// seats, and facts with their validity, in the words of the active policy. Numbers, the history and
// the policy stay behind; decisions of the store that it is loaded into are the same.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

#include "engine/engine.h"

namespace portvakt::engine {

struct ExportReport {
  uint64_t revision = 0;
  uint64_t entities = 0;
  uint64_t facts = 0;
  uint64_t seats = 0;
  // Facts that the active policy has no words for; an older one did.
  uint64_t unknown_facts = 0;
  std::string error;  // "" when all is written
};

// `module` is the session's policy. The state is the session's: it stands still meanwhile. One line
// a statement, each after those that it names. Whether `out` took it is for the caller to see.
ExportReport Export(Session& session, const dsl::Module& module, std::ostream& out);

}  // namespace portvakt::engine
