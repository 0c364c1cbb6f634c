// Reading `traceparent` strictly.
#include "server/trace_context.h"

#include <algorithm>

namespace portvakt::server {
namespace {

// version "-" trace id "-" parent id "-" flags
constexpr size_t kVersionEnd = 2;
constexpr size_t kTraceBegin = 3;
constexpr size_t kTraceDigits = 32;
constexpr size_t kParentBegin = 36;
constexpr size_t kParentDigits = 16;
constexpr size_t kFlagsBegin = 53;
constexpr size_t kLength = 55;

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f');
  });
}

bool IsId(std::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::string_view TraceIdOf(const HttpRequest& request) {
  std::string_view parent;
  size_t found = 0;
  for (const auto& [name, value] : request.fields) {
    if (!EqualIgnoringCase(name, "traceparent")) continue;
    if (++found > 1) return {};
    parent = value;
  }
  if (parent.size() < kLength) return {};
  const std::string_view version = parent.substr(0, kVersionEnd);
  if (!IsHex(version) || version == "ff") return {};
  // Later versions may append; ours may not.
  if (parent.size() > kLength && (version == "00" || parent[kLength] != '-')) return {};
  if (parent[kVersionEnd] != '-' || parent[kParentBegin - 1] != '-' ||
      parent[kFlagsBegin - 1] != '-') {
    return {};
  }
  if (!IsHex(parent.substr(kFlagsBegin, 2))) return {};
  if (!IsId(parent.substr(kParentBegin, kParentDigits))) return {};
  const std::string_view trace = parent.substr(kTraceBegin, kTraceDigits);
  return IsId(trace) ? trace : std::string_view();
}

}  // namespace portvakt::server
