// One decision as one line of JSON: the format of the decision log (docs/operations/README.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/decision.h"
#include "server/masking.h"

namespace portvakt::server {

// Views, valid for the call.
struct LoggedDecision {
  const engine::Request& request;
  int64_t instant_us = 0;  // since 1970
  engine::Tri verdict = engine::Tri::kFalse;
  std::string_view decided_by;  // Session::DecidedBy
  uint32_t policy_version = 0;
  uint64_t revision = 0;
  std::string_view caller;
  std::string_view endpoint;
  uint64_t duration_ns = 0;     // of the decision alone
  std::string_view request_id;  // "" for none, as is the trace
  std::string_view trace_id;
};

// "permit", "deny", or "unknown": denied because the request left out what a rule asked for.
std::string_view VerdictName(engine::Tri verdict);

// Bytes of a line, with its line break: usual ones have half a KiB, and one batch can make a
// thousand lines of one context. A request whose line would be longer is logged without its
// properties and context, with names cut to kMaxLoggedNameBytes, and says so: `"cut":true`.
inline constexpr size_t kMaxDecisionLineBytes = size_t{16} << 10;
inline constexpr size_t kMaxLoggedNameBytes = 1024;

// Lines of one request that are to be on the disk before its answer goes out.
struct HeldDecisions {
  std::string lines;
  uint64_t count = 0;
};

void AppendDecisionLine(const LoggedDecision& decision, const Masks& masks, std::string& out);

}  // namespace portvakt::server
