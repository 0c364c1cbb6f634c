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

JsonValue TextsJson(const std::vector<std::string>& texts) {
  JsonValue array = JsonValue::Array();
  for (const std::string& text : texts) array.Append(text);
  return array;
}

}  // namespace

JsonValue DiagnosticJson(const dsl::Diagnostic& diagnostic, const dsl::SourceSet& sources) {
  const dsl::DiagnosticInfo& info = dsl::InfoOf(diagnostic.kind);
  JsonValue finding = JsonValue::Object();
  finding.Set("code", info.code).Set("name", info.name);
  finding.Set("severity", info.severity == dsl::Severity::kError ? "error" : "warning");
  finding.Set("message", diagnostic.message);
  SetPlace(finding, diagnostic.span, sources);
  finding.Set("label", diagnostic.label);
  JsonValue related = JsonValue::Array();
  for (const dsl::Label& label : diagnostic.related) {
    JsonValue place = JsonValue::Object();
    SetPlace(place, label.span, sources);
    related.Append(std::move(place.Set("text", label.text)));
  }
  finding.Set("related", std::move(related));
  finding.Set("help", TextsJson(diagnostic.help));
  finding.Set("suggestions", TextsJson(diagnostic.suggestions));
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
