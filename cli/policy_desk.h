// Where policies live: a store that this process opens, or a server. Both answer with the JSON that
// the server's /v1/policies gives, so that what is printed is the same of both.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/commands.h"
#include "dsl/source.h"
#include "engine/decision.h"
#include "engine/result.h"
#include "server/json.h"

namespace portvakt::cli {

// Belongs to one thread. Versions are numbers or `active`. Errors say what kept it from answering.
class PolicyDesk {
 public:
  using Answer = engine::Result<server::JsonValue>;
  using Progress = std::function<void(uint64_t subjects_done, uint64_t subjects)>;
  virtual ~PolicyDesk() = default;

  virtual Answer List() = 0;
  virtual Answer Show(const std::string& version) = 0;
  // Of a policy that checks.
  virtual Answer Upload(const dsl::SourceSet& sources, const std::string& reason) = 0;
  virtual Answer Diff(const std::string& from, const std::string& to) = 0;
  virtual Answer Impact(const std::string& version, std::optional<uint32_t> before,
                        const engine::InputValues& context, const Progress& progress) = 0;
  // `expected`: the digest of the active one; "": none is.
  virtual Answer Activate(const std::string& version, const std::string& expected,
                          const std::string& reason) = 0;
};

// Null after telling `console.err` why not.
std::unique_ptr<PolicyDesk> OpenPolicyDesk(const Asked& asked, Console& console);
std::unique_ptr<PolicyDesk> OpenServerPolicyDesk(const std::string& url, Console& console);

}  // namespace portvakt::cli
