// Opening what a command names, and what both kinds share.
#include "cli/asker.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "cli/change_text.h"
#include "cli/instant.h"

namespace portvakt::cli {

namespace {

// A revision, an instant or a date.
std::optional<engine::Moment> ReadMoment(const std::string& text) {
  engine::Moment moment;
  uint64_t revision = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, revision);
  if (error == std::errc() && stop == end) {
    moment.revision = revision;
  } else {
    moment.instant_us = ReadInstant(text);
    if (!moment.instant_us) return std::nullopt;
  }
  return moment;
}

}  // namespace

std::unique_ptr<Asker> OpenAsker(const Asked& asked, Console& console) {
  if (!asked.now.empty() && !ReadInstant(asked.now)) {
    Complain(console, WhatIsNoInstant(asked.now));
    return nullptr;
  }
  std::optional<engine::Moment> as_of;
  if (!asked.as_of.empty() && !(as_of = ReadMoment(asked.as_of))) {
    Complain(console, WhatIsNoMoment(asked.as_of));
    return nullptr;
  }
  if (asked.server.empty()) return OpenStoreAsker(asked, as_of, console);
  if (asked.now.empty()) return OpenServerAsker(asked, as_of, console);
  Complain(console, "a server decides by its own clock; leave --now out");
  return nullptr;
}

engine::Result<engine::HistoryPage> WholeHistory(const engine::HistoryQuery& query,
                                                 const ReadHistoryPage& read) {
  engine::HistoryQuery next = query;
  engine::HistoryPage whole;
  while (true) {
    const auto had = static_cast<uint32_t>(whole.entries.size());
    next.limit = query.limit == 0 ? engine::kMaxHistoryPage
                                  : std::min(query.limit - had, engine::kMaxHistoryPage);
    auto page = read(next);
    if (!page) return page;
    whole.revision = page->revision;
    whole.next = page->next;
    whole.error = std::move(page->error);
    for (engine::HistoryEntry& entry : page->entries) whole.entries.push_back(std::move(entry));
    if (!whole.next || (query.limit != 0 && whole.entries.size() >= query.limit)) return whole;
    next.after_revision = whole.next->after_revision;
    next.after_index = whole.next->after_index;
  }
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
