// Looking names up in a module and in the store; the words of findings about them.
#include "engine/data_names.h"

#include "engine/data_findings.h"

namespace portvakt::engine {
namespace {

constexpr size_t kMaxQuotedBytes = 80;

// Calls `visit(symbol, name)` for every symbol of a kind.
template <class Visit>
void ForEachSymbol(const dsl::Module& module, dsl::SymbolKind kind, const Visit& visit) {
  const auto all = [&](const auto& symbols) {
    for (uint32_t i = 0; i < symbols.size(); ++i) visit(i, symbols[i].name);
  };
  switch (kind) {
    case dsl::SymbolKind::kPermission: return all(module.permissions);
    case dsl::SymbolKind::kRole: return all(module.roles);
    case dsl::SymbolKind::kLicence: return all(module.licences);
    case dsl::SymbolKind::kProgram: return all(module.programs);
  }
}

}  // namespace

DataNames::DataNames(const dsl::Module& module) : module_(module) {
  for (uint32_t i = 0; i < module.types.size(); ++i) {
    types_.emplace(module.types[i].name, i);
    if (!module.types[i].is_union) entities_.push_back(module.types[i].name);
  }
  for (uint32_t i = 0; i < module.facts.size(); ++i) {
    facts_.emplace(module.facts[i].shape.verb, i);
    verbs_.push_back(module.facts[i].shape.verb);
  }
  for (size_t kind = 0; kind < 4; ++kind) {
    ForEachSymbol(
        module, static_cast<dsl::SymbolKind>(kind),
        [&](uint32_t symbol, const std::string& name) { symbols_[kind].emplace(name, symbol); });
  }
}

uint32_t DataNames::Find(const Index& index, std::string_view name) {
  const auto found = index.find(name);
  return found == index.end() ? dsl::kNone : found->second;
}
dsl::TypeId DataNames::FindType(std::string_view name) const { return Find(types_, name); }
dsl::FactId DataNames::FindVerb(std::string_view verb) const { return Find(facts_, verb); }
uint32_t DataNames::FindSymbol(dsl::SymbolKind kind, std::string_view name) const {
  return Find(symbols_[static_cast<size_t>(kind)], name);
}

std::vector<std::string> DataNames::SymbolNames(dsl::SymbolKind kind) const {
  std::vector<std::string> names;
  ForEachSymbol(module_, kind, [&](uint32_t, const std::string& name) { names.push_back(name); });
  return names;
}

const std::string& DataNames::SymbolName(dsl::SymbolKind kind, uint32_t symbol) const {
  switch (kind) {
    case dsl::SymbolKind::kPermission: return module_.permissions[symbol].name;
    case dsl::SymbolKind::kRole: return module_.roles[symbol].name;
    case dsl::SymbolKind::kLicence: return module_.licences[symbol].name;
    case dsl::SymbolKind::kProgram: break;
  }
  return module_.programs[symbol].name;
}

Result<uint16_t> DataNames::TypeNumber(Writer& writer, dsl::TypeId type) {
  return Number(writer, Space::kType, module_.types[type].name);
}

Result<uint16_t> DataNames::SymbolNumber(Writer& writer, dsl::SymbolKind kind, uint32_t symbol) {
  return Number(writer, SpaceOf(kind), SymbolName(kind, symbol));
}

Result<uint16_t> DataNames::Number(Writer& writer, Space space, const std::string& name) {
  auto& known = numbers_[static_cast<size_t>(space)];
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  const Result<uint32_t> number = writer.Number(space, name);
  if (!number) return number.error();
  const auto narrow = static_cast<uint16_t>(number.value());  // below kMaxNumbers
  known.emplace(name, narrow);
  return narrow;
}

Space SpaceOf(dsl::SymbolKind kind) {
  switch (kind) {
    case dsl::SymbolKind::kPermission: return Space::kPermission;
    case dsl::SymbolKind::kRole: return Space::kRole;
    case dsl::SymbolKind::kLicence: return Space::kLicence;
    case dsl::SymbolKind::kProgram: break;
  }
  return Space::kProgram;
}

const char* NameOfKind(dsl::SymbolKind kind) {
  switch (kind) {
    case dsl::SymbolKind::kPermission: return "permission";
    case dsl::SymbolKind::kRole: return "role";
    case dsl::SymbolKind::kLicence: return "licence";
    case dsl::SymbolKind::kProgram: break;
  }
  return "program";
}

const char* NameOfKind(DataNode::Kind kind) {
  switch (kind) {
    case DataNode::Kind::kNull: return "nothing";
    case DataNode::Kind::kScalar: return "a value";
    case DataNode::Kind::kList: return "a list";
    case DataNode::Kind::kMap: break;
  }
  return "a mapping";
}

std::string NamesOf(const dsl::Module& module, const std::vector<dsl::TypeId>& types) {
  std::string names;
  for (size_t i = 0; i < types.size(); ++i) {
    if (i > 0) names += i + 1 == types.size() ? " or " : ", ";
    names += module.types[types[i]].name;
  }
  return names;
}

std::string DidYouMean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::vector<std::string> near = dsl::Suggest(name, candidates);
  std::string help;
  for (size_t i = 0; i < near.size(); ++i) {
    help += i == 0 ? "did you mean " : i + 1 == near.size() ? " or " : ", ";
    help += Quoted(near[i]);
  }
  return help.empty() ? help : help + "?";
}

std::string Quoted(std::string_view text) {
  const bool long_text = text.size() > kMaxQuotedBytes;
  if (long_text) {
    size_t end = kMaxQuotedBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text = text.substr(0, end);
  }
  std::string quoted = "`";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    quoted.push_back(byte < 0x20 || byte == 0x7f ? '?' : character);
  }
  return quoted + (long_text ? "..`" : "`");
}

}  // namespace portvakt::engine
