// Findings as JSON values. Places are computed here, from spans, as the last step before printing.
#include "server/diagnostics_json.h"

#include <string>

namespace portvakt::server {
namespace {

void SetPlace(JsonValue& object, const dsl::Span& span, const dsl::SourceSet& sources) {
  const dsl::Position begin = sources.Locate(span.file, span.begin);
  const dsl::Position end = sources.Locate(span.file, span.end);
  object.Set("file", sources.file(span.file).name);
  object.Set("line", begin.line).Set("column", begin.column);
  object.Set("end_line", end.line).Set("end_column", end.column);
}

const char* SeverityName(dsl::Severity severity) {
  return severity == dsl::Severity::kError ? "error" : "warning";
}

JsonValue TextsJson(const std::vector<std::string>& texts) {
  JsonValue array = JsonValue::Array();
  for (const std::string& text : texts) array.Append(text);
  return array;
}

JsonValue RelatedJson(const std::vector<dsl::Label>& labels, const dsl::SourceSet& sources) {
  JsonValue related = JsonValue::Array();
  for (const dsl::Label& label : labels) {
    JsonValue place = JsonValue::Object();
    SetPlace(place, label.span, sources);
    related.Append(std::move(place.Set("text", label.text)));
  }
  return related;
}

}  // namespace

JsonValue DiagnosticJson(const dsl::Diagnostic& diagnostic, const dsl::SourceSet& sources) {
  const dsl::DiagnosticInfo& info = dsl::InfoOf(diagnostic.kind);
  JsonValue finding = JsonValue::Object();
  finding.Set("code", info.code).Set("name", info.name);
  finding.Set("severity", SeverityName(info.severity));
  finding.Set("message", diagnostic.message);
  SetPlace(finding, diagnostic.span, sources);
  finding.Set("label", diagnostic.label);
  finding.Set("related", RelatedJson(diagnostic.related, sources));
  finding.Set("help", TextsJson(diagnostic.help));
  finding.Set("suggestions", TextsJson(diagnostic.suggestions));
  return finding;
}

JsonValue NoticeJson(const dsl::Notice& notice, const dsl::SourceSet& sources) {
  JsonValue finding = JsonValue::Object();
  finding.Set("severity", SeverityName(notice.severity));
  finding.Set("message", notice.message);
  if (notice.span.file < sources.size()) SetPlace(finding, notice.span, sources);
  finding.Set("label", notice.label);
  finding.Set("related", RelatedJson(notice.related, sources));
  finding.Set("help", TextsJson(notice.help));
  finding.Set("suggestions", TextsJson(notice.suggestions));
  return finding;
}

JsonValue DiagnosticsJson(const dsl::Diagnostics& diagnostics, const dsl::SourceSet& sources) {
  size_t errors = 0;
  size_t warnings = 0;
  JsonValue findings = JsonValue::Array();
  for (const dsl::Diagnostic& diagnostic : diagnostics.Sorted()) {
    ++(diagnostic.severity() == dsl::Severity::kError ? errors : warnings);
    findings.Append(DiagnosticJson(diagnostic, sources));
  }
  JsonValue all = JsonValue::Object();
  all.Set("findings", std::move(findings));
  all.Set("errors", errors).Set("warnings", warnings).Set("dropped", diagnostics.dropped());
  return all;
}

}  // namespace portvakt::server
