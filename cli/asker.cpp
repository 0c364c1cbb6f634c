// Opening what a command names, and what both kinds share.
#include "cli/asker.h"

#include "cli/change_text.h"
#include "cli/instant.h"

namespace portvakt::cli {

std::unique_ptr<Asker> OpenAsker(const Asked& asked, Console& console) {
  if (!asked.now.empty() && !ReadInstant(asked.now)) {
    Complain(console, WhatIsNoInstant(asked.now));
    return nullptr;
  }
  return OpenStoreAsker(asked, console);
}

engine::Result<engine::EntityName> ReadName(const Asker& asker, const std::string& text,
                                            const std::set<dsl::TypeId>& types) {
  return ResolveEntity(asker.module(), asker.known(), ReadEntity(asker.module(), text), types);
}

engine::Result<std::optional<engine::EntityName>> ReadOptionalName(
    const Asker& asker, const std::string& text, const std::set<dsl::TypeId>& types) {
  if (text.empty()) return std::optional<engine::EntityName>();
  auto name = ReadName(asker, text, types);
  if (!name) return name.error();
  return std::optional<engine::EntityName>(*std::move(name));
}

engine::Result<std::optional<engine::EntityName>> ReadOptionalActor(const Asker& asker,
                                                                    const std::string& text) {
  if (text.empty()) return std::optional<engine::EntityName>();
  auto name = ReadActor(asker.module(), asker.known(), text);
  if (!name) return name.error();
  return std::optional<engine::EntityName>(*std::move(name));
}

std::optional<int64_t> NowOf(const Asked& asked) { return ReadInstant(asked.now); }

}  // namespace portvakt::cli
