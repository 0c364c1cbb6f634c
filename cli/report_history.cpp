// Tables of what happened, the audit, and how the store stands.
#include "cli/policy.h"
#include "cli/reports.h"
#include "cli/text.h"
#include "dsl/display.h"
#include "engine/calendar.h"
#include "server/audit_json.h"

namespace portvakt::cli {

namespace {

std::string Who(const engine::RevisionStamp& stamp) {
  if (!stamp.actor) return dsl::Printable(stamp.operator_name);
  std::string who = Shown(*stamp.actor, false);
  if (stamp.second) who += " with " + Shown(*stamp.second, false);
  return who;
}

std::string Period(const engine::Validity& validity) {
  std::string text;
  if (validity.from_us != engine::Validity::kAlways) {
    text += " from " + engine::FormatInstant(validity.from_us);
  }
  if (validity.until_us != engine::Validity::kForEver) {
    text += " until " + engine::FormatInstant(validity.until_us);
  }
  return text;
}

std::string What(const engine::PastChange& change) {
  using Kind = engine::PastChange::Kind;
  // `seats of kh in norr is 3` says what was done.
  const bool seats = change.kind == Kind::kSeats;
  std::string text = seats ? "" : std::string(server::PastChangeName(change.kind)) + " ";
  text += dsl::Printable(change.text);
  if (change.kind == Kind::kAdded || change.kind == Kind::kProlonged) {
    text += Period(change.validity);
  }
  return text;
}

}  // namespace

std::string DescribeHistory(const engine::HistoryPage& page) {
  if (page.entries.empty()) return "nothing\n";
  std::vector<std::vector<std::string>> rows = {
      {"revision", "when", "who", "what", "why", "ticket"}};
  for (const engine::HistoryEntry& entry : page.entries) {
    const engine::RevisionStamp& stamp = entry.stamp;
    rows.push_back({std::to_string(stamp.revision), engine::FormatInstant(stamp.instant_us),
                    Who(stamp), What(entry.change), dsl::Printable(OneLine(stamp.reason)),
                    dsl::Printable(stamp.ticket)});
  }
  return Table(rows) + (page.next ? "and more; --limit 0 shows all\n" : "");
}

std::string DescribeAudit(const engine::AuditReport& report) {
  const std::string read = Counted(report.revisions, "revision") + ", " +
                           Counted(report.changes, "change") + ", " + Counted(report.facts, "fact");
  if (report.ok()) {
    return "ok: " + read + "\nanchor " + std::to_string(report.revisions) + ":" + report.head +
           "\n";
  }
  std::string text = "tampered with or damaged: " + read + "\n";
  for (const engine::AuditReport::Fault& fault : report.faults) {
    text += "  revision " + std::to_string(fault.revision) + ": " + fault.what + "\n";
  }
  return text;
}

std::string DescribeStatus(const StatusReport& report) {
  std::string text = "revision " + std::to_string(report.revision);
  if (report.instant_us != 0) text += " of " + engine::FormatInstant(report.instant_us);
  text += "\npolicy " + dsl::Printable(report.policy_name) + ", version " +
          std::to_string(report.policy_version) + ", " + report.policy_digest + "\n";
  if (report.broken_limits.empty()) return text + "all limits are kept\n";
  text += "limits that are not kept:\n";
  for (const engine::LimitReport& limit : report.broken_limits) {
    text += "  " + DescribeReason({limit.limit, limit.text}) + "\n";
    if (!limit.remedy.empty()) {
      text += "    what solves it: " + dsl::Printable(OneLine(limit.remedy)) + "\n";
    }
  }
  return text;
}

}  // namespace portvakt::cli
