// The history as JSON values.
#include "server/audit_json.h"

#include "server/change_json.h"
#include "server/names_json.h"

namespace portvakt::server {
namespace {

using Kind = engine::PastChange::Kind;

JsonValue AttributesJson(const engine::PastChange::Attributes& attributes) {
  JsonValue object = JsonValue::Object();
  for (const auto& [name, value] : attributes) object.Set(name, value);
  return object;
}

void SetFact(const engine::PastChange& change, JsonValue& object) {
  object.Set("fact", FactJson(change.fact));
  if (change.kind != Kind::kRemoved) SetValidity(change.validity, object);
  if (change.kind == Kind::kAdded) return;
  JsonValue before = JsonValue::Object();
  SetValidity(change.validity_before, before);
  object.Set("before", std::move(before));
}

void SetEntity(const engine::PastChange& change, JsonValue& object) {
  object.Set("entity", EntityJson(change.entity));
  if (change.kind != Kind::kDeleted) object.Set("attributes", AttributesJson(change.attributes));
  if (change.kind == Kind::kCreated) return;
  object.Set("before",
             JsonValue::Object({{"attributes", AttributesJson(change.attributes_before)}}));
}

void SetChange(const engine::PastChange& change, JsonValue& object) {
  object.Set("kind", PastChangeName(change.kind));
  switch (change.kind) {
    case Kind::kAdded:
    case Kind::kProlonged:
    case Kind::kRemoved: SetFact(change, object); break;
    case Kind::kSeats:
      object.Set("entity", EntityJson(change.entity)).Set("licence", change.licence);
      object.Set("seats", change.seats);
      object.Set("before", JsonValue::Object({{"seats", change.seats_before}}));
      break;
    case Kind::kCreated:
    case Kind::kSet:
    case Kind::kDeleted: SetEntity(change, object); break;
    case Kind::kActivated:
      object.Set("policy", change.policy);
      object.Set("before", JsonValue::Object({{"policy", change.policy_before}}));
      break;
    case Kind::kDropped:
    case Kind::kInstalled: object.Set("policy", change.policy); break;
  }
}

}  // namespace

std::string_view PastChangeName(Kind kind) {
  switch (kind) {
    case Kind::kAdded: return "added";
    case Kind::kProlonged: return "prolonged";
    case Kind::kRemoved: return "removed";
    case Kind::kSeats: return "seats";
    case Kind::kCreated: return "created";
    case Kind::kSet: return "set";
    case Kind::kDeleted: return "deleted";
    case Kind::kInstalled: return "installed";
    case Kind::kActivated: return "activated";
    case Kind::kDropped: return "dropped";
  }
  return "";
}

void SetStamp(const engine::RevisionStamp& stamp, JsonValue& object) {
  object.Set("revision", stamp.revision);
  object.Set("instant", InstantJson(stamp.instant_us));
  if (stamp.actor) {
    object.Set("actor", EntityJson(*stamp.actor));
  } else {
    object.Set("operator", stamp.operator_name);
  }
  if (stamp.second) object.Set("second", EntityJson(*stamp.second));
  if (!stamp.reason.empty()) object.Set("reason", stamp.reason);
  if (!stamp.ticket.empty()) object.Set("ticket", stamp.ticket);
}

JsonValue HistoryEntryJson(const engine::HistoryEntry& entry) {
  JsonValue object = JsonValue::Object();
  // Members keep the order in which they are first set: the index stands beside its revision.
  object.Set("revision", entry.stamp.revision).Set("index", entry.index);
  SetStamp(entry.stamp, object);
  object.Set("text", entry.change.text);
  SetChange(entry.change, object);
  return object;
}

JsonValue HistoryPageJson(const engine::HistoryPage& page) {
  JsonValue entries = JsonValue::Array();
  for (const engine::HistoryEntry& entry : page.entries) entries.Append(HistoryEntryJson(entry));
  JsonValue object = JsonValue::Object();
  object.Set("entries", std::move(entries));
  if (page.next) {
    object.Set("next", JsonValue::Object({{"after_revision", page.next->after_revision},
                                          {"after_index", page.next->after_index}}));
  }
  object.Set("revision", page.revision);
  return object;
}

JsonValue AuditReportJson(const engine::AuditReport& report) {
  JsonValue faults = JsonValue::Array();
  for (const engine::AuditReport::Fault& fault : report.faults) {
    faults.Append(JsonValue::Object({{"revision", fault.revision}, {"what", fault.what}}));
  }
  JsonValue object = JsonValue::Object();
  object.Set("ok", report.ok()).Set("revisions", report.revisions).Set("changes", report.changes);
  object.Set("facts", report.facts).Set("head", report.head);
  object.Set("faults", std::move(faults));
  return object;
}

}  // namespace portvakt::server
