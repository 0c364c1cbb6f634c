// The names that data may use, found in a module, and the store's numbers for them. One of these
// serves one load: it looks each name up in the store once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dsl/module.h"
#include "engine/store.h"

namespace portvakt::engine {

class DataNames {
 public:
  explicit DataNames(const dsl::Module& module);

  const dsl::Module& module() const { return module_; }
  // dsl::kNone when there is none.
  dsl::TypeId FindType(std::string_view name) const;
  dsl::FactId FindVerb(std::string_view verb) const;
  uint32_t FindSymbol(dsl::SymbolKind kind, std::string_view name) const;

  const std::vector<std::string>& verbs() const { return verbs_; }            // of facts
  const std::vector<std::string>& entity_types() const { return entities_; }  // no unions
  std::vector<std::string> SymbolNames(dsl::SymbolKind kind) const;
  const std::string& SymbolName(dsl::SymbolKind kind, uint32_t symbol) const;
  const dsl::Type& type(dsl::TypeId type) const { return module_.types[type]; }

  // The store's numbers, given now if need be.
  Result<uint16_t> TypeNumber(Writer& writer, dsl::TypeId type);
  Result<uint16_t> SymbolNumber(Writer& writer, dsl::SymbolKind kind, uint32_t symbol);
  Result<uint16_t> Number(Writer& writer, Space space, const std::string& name);

 private:
  using Index = std::unordered_map<std::string_view, uint32_t>;
  static uint32_t Find(const Index& index, std::string_view name);

  const dsl::Module& module_;
  Index types_;
  Index facts_;
  Index symbols_[4];  // by SymbolKind
  std::vector<std::string> verbs_;
  std::vector<std::string> entities_;
  std::unordered_map<std::string, uint16_t> numbers_[8];  // by Space
};

const char* NameOfKind(dsl::SymbolKind kind);
Space SpaceOf(dsl::SymbolKind kind);

// "client", "client or agency".
std::string NamesOf(const dsl::Module& module, const std::vector<dsl::TypeId>& types);

}  // namespace portvakt::engine
