// No target crashes the reader of paths; what it takes has only clear segments, which escaped in
// full are read as the same; and no path makes a table of routes read beyond its segments.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/routes.h"

namespace {

using portvakt::server::IsUtf8;
using portvakt::server::RequestPath;
using portvakt::server::RouteMatch;
using portvakt::server::RouteTable;

void Require(bool is_true) {
  if (!is_true) std::abort();
}

const RouteTable& Routes() {
  static const RouteTable table = [] {
    auto made = RouteTable::Compile({
        {{}, "/a/{x}/b", "p", "t", "{x}", {}},
        {{}, "/a/a/{y}", "p", "t", "{y}", {}},
        {{"GET"}, "/{x}/{y}/{z...}", "p", "t", "{z}", {}},
        {{}, "/", "p", "t", "root", {}},
    });
    Require(made.ok());
    return std::move(*made);
  }();
  return table;
}

std::string Escaped(const RequestPath& path) {
  constexpr char kDigits[] = "0123456789aBcDeF";
  std::string text;
  for (size_t index = 0; index < path.count(); ++index) {
    text += '/';
    for (const char letter : path.segment(index)) {
      const auto byte = static_cast<unsigned char>(letter);
      text += '%';
      text += kDigits[byte >> 4];
      text += kDigits[byte & 15];
    }
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view target(reinterpret_cast<const char*>(data), size);
  RequestPath path;
  if (!path.Read(target).empty()) {
    Require(path.count() == 0);
    return 0;
  }
  for (size_t index = 0; index < path.count(); ++index) {
    const std::string_view segment = path.segment(index);
    Require(segment != "." && segment != ".." && IsUtf8(segment));
    Require(segment.find_first_of("/\\") == std::string_view::npos);
    Require(!segment.empty() || index + 1 == path.count());
  }
  const std::string escaped = Escaped(path);
  RequestPath again;
  if (escaped.size() <= portvakt::server::kMaxPathBytes) {
    Require(again.Read(escaped).empty() && again.text() == path.text());
  }
  RouteMatch match;
  if (Routes().Find("GET", path, match)) {
    const std::string_view id = match.ValueOf(match.route->resource_id);
    Require(!id.empty() && (id == "root" || path.text().find(id) != std::string_view::npos));
  }
  return 0;
}
