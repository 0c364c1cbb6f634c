// Templates checked and put into a tree, and the walk through it. Each node stands for one way to
// read a path's beginning, so a walk visits none twice.
#include "server/routes.h"

#include <algorithm>
#include <optional>

namespace portvakt::server {
namespace {

bool IsMethod(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char letter) {
    return (letter >= 'A' && letter <= 'Z') || letter == '-' || letter == '_';
  });
}

bool IsVariableName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_';
  });
}

bool HasBrace(std::string_view text) { return text.find_first_of("{}") != std::string_view::npos; }

// One segment of a template.
struct Piece {
  enum class Kind : uint8_t { kLiteral, kVariable, kRest };
  Kind kind = Kind::kLiteral;
  std::string_view text;  // the literal, or the variable's name
};

// Nothing when a brace stands where none may.
std::optional<Piece> PieceOf(std::string_view segment) {
  constexpr std::string_view kDots = "...";
  if (!HasBrace(segment)) return Piece{Piece::Kind::kLiteral, segment};
  if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') return std::nullopt;
  std::string_view name = segment.substr(1, segment.size() - 2);
  const bool is_rest = name.ends_with(kDots);
  if (is_rest) name.remove_suffix(kDots.size());
  if (!IsVariableName(name)) return std::nullopt;
  return Piece{is_rest ? Piece::Kind::kRest : Piece::Kind::kVariable, name};
}

std::string FaultOfLiteral(std::string_view text, bool is_last) {
  if (text.empty() && !is_last) return "has an empty segment";
  if (text == "." || text == "..") return "has a segment of dots";
  if (text.find_first_of("\\;?#%") != std::string_view::npos) {
    return "may not have any of `\\ ; ? # %`; write characters as they are, not escaped";
  }
  const bool has_control = std::any_of(text.begin(), text.end(), [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
  });
  return has_control || !IsUtf8(text) ? "has a control character or is not UTF-8" : "";
}

// The template's segments; `fault` says what is wrong with it.
std::vector<Piece> PiecesOf(std::string_view path, std::string& fault) {
  std::vector<Piece> pieces;
  if (path.empty() || path.front() != '/') fault = "must begin with a slash";
  for (size_t begin = 1; fault.empty() && begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const bool is_last = end == path.size();
    const auto piece = PieceOf(path.substr(begin, end - begin));
    if (!piece) {
      fault = "has a brace that is no variable; one is a whole segment: `{name}`";
    } else if (piece->kind == Piece::Kind::kRest && !is_last) {
      fault = "goes on after `{" + std::string(piece->text) + "...}`, which takes all the rest";
    } else if (piece->kind == Piece::Kind::kLiteral) {
      fault = FaultOfLiteral(piece->text, is_last);
    }
    if (piece) pieces.push_back(*piece);
    begin = end + 1;
  }
  if (pieces.size() > kMaxPathSegments) fault = "has too many segments";
  return pieces;
}

std::vector<std::string_view> VariablesOf(const std::vector<Piece>& pieces, std::string& fault) {
  std::vector<std::string_view> names;
  for (const Piece& piece : pieces) {
    if (piece.kind == Piece::Kind::kLiteral) continue;
    if (std::find(names.begin(), names.end(), piece.text) != names.end()) {
      fault = "has the variable `" + std::string(piece.text) + "` twice";
    }
    names.push_back(piece.text);
  }
  if (names.size() > kMaxRouteVariables) {
    fault = "has more than " + std::to_string(kMaxRouteVariables) + " variables";
  }
  return names;
}

// `text` of the route's option `what`.
RouteText TextOf(std::string_view what, const std::string& text, std::string_view path,
                 const std::vector<std::string_view>& variables, std::string& fault) {
  if (!HasBrace(text) || text == path) return {text, RouteText::kFixed};
  const auto piece = PieceOf(text);
  const auto found = piece && piece->kind == Piece::Kind::kVariable
                         ? std::find(variables.begin(), variables.end(), piece->text)
                         : variables.end();
  if (found == variables.end()) {
    fault = std::string(what) + " is `" + text +
            "`; a brace there must be one whole variable of the path, and nothing beside it";
    return {};
  }
  return {"", static_cast<size_t>(found - variables.begin())};
}

bool Takes(const Route& route, std::string_view method) {
  const std::string_view same = method == "HEAD" ? std::string_view("GET") : method;
  return route.methods.empty() ||
         std::any_of(route.methods.begin(), route.methods.end(),
                     [&](const std::string& own) { return own == method || own == same; });
}

bool Overlap(const Route& one, const Route& other) {
  if (one.methods.empty() || other.methods.empty()) return true;
  return std::any_of(one.methods.begin(), one.methods.end(), [&](const std::string& method) {
    return std::find(other.methods.begin(), other.methods.end(), method) != other.methods.end();
  });
}

}  // namespace

uint32_t RouteTable::Literal(uint32_t node, std::string_view text) {
  const auto& all = nodes_[node].literals;
  const auto place = std::lower_bound(
      all.begin(), all.end(), text, [](const auto& one, auto other) { return one.first < other; });
  if (place != all.end() && place->first == text) return place->second;
  const auto offset = place - all.begin();
  const auto made = static_cast<uint32_t>(nodes_.size());
  nodes_.emplace_back();
  auto& grown = nodes_[node].literals;
  grown.emplace(grown.begin() + offset, std::string(text), made);
  return made;
}

uint32_t RouteTable::Variable(uint32_t node) {
  if (nodes_[node].variable == kNone) {
    const auto made = static_cast<uint32_t>(nodes_.size());
    nodes_.emplace_back();
    nodes_[node].variable = made;
  }
  return nodes_[node].variable;
}

// Puts a route where its template ends. What is wrong, or "".
std::string RouteTable::Place(const RouteOptions& options, uint32_t route) {
  std::string fault;
  uint32_t node = 0;
  bool is_rest = false;
  for (const Piece& piece : PiecesOf(options.path, fault)) {
    is_rest = piece.kind == Piece::Kind::kRest;
    if (piece.kind == Piece::Kind::kLiteral) node = Literal(node, piece.text);
    if (piece.kind == Piece::Kind::kVariable) node = Variable(node);
  }
  auto& others = is_rest ? nodes_[node].rest : nodes_[node].here;
  for (const uint32_t other : others) {
    if (!Overlap(routes_[route], routes_[other])) continue;
    return "takes the same paths as `" + routes_[other].path + "` (route " +
           std::to_string(other + 1) + ") with a method of it";
  }
  others.push_back(route);
  return "";
}

std::string RouteTable::Add(const RouteOptions& options) {
  if (routes_.size() == kMaxRoutes) {
    return "is one too many; there may be " + std::to_string(kMaxRoutes);
  }
  std::string fault;
  const auto pieces = PiecesOf(options.path, fault);
  if (!fault.empty()) return fault;
  const auto variables = VariablesOf(pieces, fault);
  Route route;
  route.path = options.path;
  route.methods = options.methods;
  for (const std::string& method : options.methods) {
    if (!IsMethod(method)) fault = "has the method `" + method + "`; write it in capital letters";
  }
  route.permission = options.permission == "{method}" ? "" : options.permission;
  if (HasBrace(route.permission) || HasBrace(options.resource_type)) {
    fault = "takes its permission or resource type from the path; only an id may come from there";
  }
  if (options.permission.empty()) fault = "has no permission";
  if (options.resource_type.empty()) fault = "has no resource type";
  if (options.resource_id.empty()) fault = "has no resource id";
  route.resource_type = options.resource_type;
  route.resource_id =
      TextOf("the resource id", options.resource_id, options.path, variables, fault);
  for (const auto& [name, text] : options.context) {
    route.context.emplace_back(
        name, TextOf("the context `" + name + "`", text, options.path, variables, fault));
  }
  if (!fault.empty()) return fault;
  routes_.push_back(std::move(route));
  return Place(options, static_cast<uint32_t>(routes_.size() - 1));
}

engine::Result<RouteTable> RouteTable::Compile(const std::vector<RouteOptions>& options) {
  using Code = engine::Error::Code;
  RouteTable table;
  for (size_t index = 0; index < options.size(); ++index) {
    const std::string fault = table.Add(options[index]);
    if (fault.empty()) continue;
    return engine::Error{Code::kInvalid, "route " + std::to_string(index + 1) + " (`" +
                                             options[index].path + "`) " + fault};
  }
  return table;
}

// Recursion is bounded by the segments of a template.
bool RouteTable::Walk(uint32_t node, size_t at, const RequestPath& path, RouteMatch& match,
                      const std::vector<uint32_t>*& found) const {
  const Node& here = nodes_[node];
  if (at == path.count()) {
    found = &here.here;
    return !here.here.empty();
  }
  const std::string_view segment = path.segment(at);
  const auto literal =
      std::lower_bound(here.literals.begin(), here.literals.end(), segment,
                       [](const auto& one, std::string_view other) { return one.first < other; });
  if (literal != here.literals.end() && literal->first == segment &&
      Walk(literal->second, at + 1, path, match, found)) {
    return true;
  }
  const size_t values = match.value_count;
  if (here.variable != kNone && !segment.empty()) {
    match.values[match.value_count++] = segment;
    if (Walk(here.variable, at + 1, path, match, found)) return true;
    match.value_count = values;
  }
  if (here.rest.empty() || path.From(at).empty()) return false;
  match.values[match.value_count++] = path.From(at);
  found = &here.rest;
  return true;
}

bool RouteTable::Find(std::string_view method, const RequestPath& path, RouteMatch& match) const {
  match.route = nullptr;
  match.value_count = 0;
  const std::vector<uint32_t>* found = nullptr;
  match.has_template = Walk(0, 0, path, match, found);
  if (!match.has_template) return false;
  // A route that names HEAD goes before the one of GET that would take it too.
  for (const uint32_t index : *found) {
    const Route& route = routes_[index];
    const bool is_named =
        std::find(route.methods.begin(), route.methods.end(), method) != route.methods.end();
    if (is_named || (match.route == nullptr && Takes(route, method))) match.route = &route;
  }
  return match.route != nullptr;
}

}  // namespace portvakt::server
