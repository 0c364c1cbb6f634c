// What the two files of /v1/policies share.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/engine.h"
#include "server/reply.h"

namespace portvakt::server {

// A version as paths and parameters name it: its number, or `active`.
struct PolicyPath {
  std::optional<uint32_t> version;  // absent: the active one

  static std::optional<PolicyPath> VersionOf(std::string_view text);
  engine::Result<uint32_t> Resolve(const engine::Engine& engine) const;
};

HttpResponse PolicyProblem(const engine::Error& error);

// POST begins a comparison, GET tells how far it is: v1_impact.cpp.
Reply AnswerImpact(const HttpRequest& request, Answering& answering, const PolicyPath& path);

}  // namespace portvakt::server
