// `portvakt history`, `portvakt audit verify` and `portvakt status`: what happened, whether it is
// still as it was written, and how the store stands.
#include <algorithm>
#include <charconv>
#include <utility>

#include "cli/asker.h"
#include "cli/change_text.h"
#include "cli/instant.h"
#include "cli/reports.h"
#include "server/audit_json.h"
#include "server/change_json.h"

namespace portvakt::cli {

namespace {

engine::Error Wrong(std::string message) {
  return {engine::Error::Code::kInvalid, std::move(message)};
}

bool ReadNumber(std::string_view text, uint64_t& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
}

engine::Result<engine::HistoryQuery> QueryOf(const HistoryCommand& command, const Asker& asker) {
  engine::HistoryQuery query;
  if (!command.fact.empty()) {
    auto item = ReadChange(asker.module(), asker.known(), "remove " + command.fact);
    if (!item) return Wrong("`" + command.fact + "`: " + item.error().message);
    query.fact = std::move(item->fact);
  }
  auto entity = ReadOptionalName(asker, command.entity, AllTypes(asker.module()));
  if (!entity) return entity.error();
  auto actor = ReadOptionalActor(asker, command.actor);
  if (!actor) return actor.error();
  query.entity = *std::move(entity);
  query.actor = *std::move(actor);
  query.by_operator = command.by_operator;
  query.limit = command.limit;
  if (command.since.empty() || ReadNumber(command.since, query.after_revision)) return query;
  query.from_us = ReadInstant(command.since);
  if (!query.from_us) return Wrong(WhatIsNoMoment(command.since));
  return query;
}

// The oldest first, as they happened.
void Straighten(engine::HistoryPage& page) {
  std::reverse(page.entries.begin(), page.entries.end());
}

server::JsonValue StatusJson(const StatusReport& report) {
  server::JsonValue policy = server::JsonValue::Object();
  policy.Set("name", report.policy_name).Set("version", report.policy_version);
  policy.Set("digest", report.policy_digest);
  server::JsonValue status = server::JsonValue::Object();
  status.Set("revision", report.revision).Set("policy", std::move(policy));
  status.Set("limits", server::LimitsJson(report.broken_limits));
  return status;
}

void PrintJson(const server::JsonValue& value, Console& console) {
  console.out << server::WriteJson(value, server::JsonStyle::kPretty) << '\n';
}

}  // namespace

int Run(const HistoryCommand& command, Console& console) {
  const auto asker = OpenAsker(command, console);
  if (!asker) return kExitUsage;
  auto query = QueryOf(command, *asker);
  if (!query) return Complain(console, query.error().message);
  // The last so many, or the first so many since then.
  query->newest_first = command.limit > 0 && command.since.empty();
  auto page = asker->History(*query);
  if (!page) return Complain(console, page.error().message);
  if (!page->error.empty()) return Complain(console, page->error);
  if (query->newest_first) Straighten(*page);
  if (command.format == Format::kJson) {
    PrintJson(server::HistoryPageJson(*page), console);
  } else {
    console.out << DescribeHistory(*page);
  }
  return page->entries.empty() ? kExitFindings : kExitOk;
}

int Run(const AuditCommand& command, Console& console) {
  engine::AuditOptions options;
  if (!command.anchor.empty()) {
    const size_t colon = command.anchor.find(':');
    uint64_t revision = 0;
    if (colon == std::string::npos || !ReadNumber(command.anchor.substr(0, colon), revision)) {
      return Complain(console,
                      "--anchor takes REVISION:HEAD, as `portvakt audit verify` printed it");
    }
    options.anchor_revision = revision;
    options.anchor_head = command.anchor.substr(colon + 1);
  }
  const auto asker = OpenAsker(command, console);
  if (!asker) return kExitUsage;
  const auto report = asker->Verify(options);
  if (!report) return Complain(console, report.error().message);
  if (command.format == Format::kJson) {
    PrintJson(server::AuditReportJson(report.value()), console);
  } else {
    console.out << DescribeAudit(report.value());
  }
  return report.value().ok() ? kExitOk : kExitFindings;
}

int Run(const StatusCommand& command, Console& console) {
  const auto asker = OpenAsker(command, console);
  if (!asker) return kExitUsage;
  const auto report = asker->Status();
  if (!report) return Complain(console, report.error().message);
  if (command.format == Format::kJson) {
    PrintJson(StatusJson(report.value()), console);
  } else {
    console.out << DescribeStatus(report.value());
  }
  return report.value().broken_limits.empty() ? kExitOk : kExitFindings;
}

}  // namespace portvakt::cli
