// Which permission on which resource a request to an application needs: a table of methods and path
// templates, compiled once and asked without allocating.
//
//   auto routes = RouteTable::Compile({{{"GET"}, "/clients/{client}/payroll/{run}", "payroll.read",
//                                       "client", "{client}", {}}});
//   RouteMatch match;
//   if (routes.value().Find("GET", path, match)) match.ValueOf(match.route->resource_id) ...
//
// A template is literal segments and variables, each a whole segment; `{name...}` at the end is the
// rest of the path, at least one byte of it. Literals are written as they are, not escaped. The
// most specific template wins: from the left, a literal goes before a variable and that before a
// rest. Only then is the method looked at, so what is said about `/clients/new` is never answered
// by `/clients/{client}`. A route of GET is also one of HEAD.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/result.h"
#include "server/request_path.h"

namespace portvakt::server {

// Routes of one table. More would be an application of its own; start-up checks each.
inline constexpr size_t kMaxRoutes = 10'000;
inline constexpr size_t kMaxRouteVariables = 16;

// As written. A text that is `{name}` and nothing else stands for that variable's value; a text
// equal to the template stands for itself.
struct RouteOptions {
  std::vector<std::string> methods;  // "GET"; empty: all
  std::string path;
  std::string permission;  // also `{method}`, the request's own
  std::string resource_type;
  std::string resource_id;
  std::vector<std::pair<std::string, std::string>> context;
};

// A fixed text, or a variable's value.
struct RouteText {
  static constexpr size_t kFixed = SIZE_MAX;
  std::string fixed;
  size_t variable = kFixed;
};

struct Route {
  std::vector<std::string> methods;
  std::string path;
  std::string permission;  // "" for the request's method
  std::string resource_type;
  RouteText resource_id;
  std::vector<std::pair<std::string, RouteText>> context;
};

struct RouteMatch {
  // Null when no template fits, or none of its routes takes the method.
  const Route* route = nullptr;
  bool has_template = false;
  std::array<std::string_view, kMaxRouteVariables> values;  // of the path, by place in the template
  size_t value_count = 0;

  std::string_view ValueOf(const RouteText& text) const {
    return text.variable == RouteText::kFixed ? std::string_view(text.fixed)
                                              : values[text.variable];
  }
};

class RouteTable {
 public:
  // The error says which route is wrong, counted from 1, and why.
  static engine::Result<RouteTable> Compile(const std::vector<RouteOptions>& options);
  // One more. What is wrong with it, or "".
  std::string Add(const RouteOptions& options);

  // Any thread. `path` lives as long as the match.
  bool Find(std::string_view method, const RequestPath& path, RouteMatch& match) const;

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  // A place in the tree of templates.
  struct Node {
    std::vector<std::pair<std::string, uint32_t>> literals;  // by text
    uint32_t variable = kNone;
    std::vector<uint32_t> here;  // routes that end here
    std::vector<uint32_t> rest;  // routes that take what follows
  };

  uint32_t Literal(uint32_t node, std::string_view text);
  uint32_t Variable(uint32_t node);
  std::string Place(const RouteOptions& options, uint32_t route);
  bool Walk(uint32_t node, size_t at, const RequestPath& path, RouteMatch& match,
            const std::vector<uint32_t>*& found) const;

  std::vector<Route> routes_;
  std::vector<Node> nodes_{1};
};

}  // namespace portvakt::server
