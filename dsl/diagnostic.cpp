// The registry of findings as a table, and the list that findings are collected in.
#include "dsl/diagnostic.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace portvakt::dsl {

const std::vector<DiagnosticInfo>& AllDiagnosticKinds() {
  static const std::vector<DiagnosticInfo> kinds = {
#define PORTVAKT_DIAGNOSTIC(identifier, code, severity, summary) \
  {DiagnosticKind::identifier, std::string_view(#identifier).substr(1), code, severity, summary},
#include "dsl/diagnostic_kinds.def"
#undef PORTVAKT_DIAGNOSTIC
  };
  return kinds;
}

const DiagnosticInfo& InfoOf(DiagnosticKind kind) {
  return AllDiagnosticKinds().at(static_cast<size_t>(kind));
}

void Diagnostics::Add(Diagnostic diagnostic) {
  const auto same = [&](const Diagnostic& other) {
    return other.kind == diagnostic.kind && other.span == diagnostic.span;
  };
  if (std::any_of(findings_.begin(), findings_.end(), same)) return;

  const bool is_error = diagnostic.severity() == Severity::kError;
  if (is_error) ++error_count_;
  if (findings_.size() < kMaxFindings) {
    findings_.push_back(std::move(diagnostic));
    return;
  }
  ++dropped_;
  if (!is_error) return;

  // The list is full. Warnings give way to errors, so that none of them hides why a policy fails.
  const bool has_notice = findings_.back().kind == DiagnosticKind::kTooManyFindings;
  const auto notice = has_notice ? std::prev(findings_.end()) : findings_.end();
  const auto is_warning = [](const Diagnostic& other) {
    return other.severity() == Severity::kWarning;
  };
  const auto last_warning =
      std::find_if(std::make_reverse_iterator(notice), findings_.rend(), is_warning);
  if (last_warning != findings_.rend()) {
    *last_warning = std::move(diagnostic);
    return;
  }
  if (!has_notice) {
    Diagnostic too_many;
    too_many.kind = DiagnosticKind::kTooManyFindings;
    too_many.span = diagnostic.span;
    too_many.label = "the first one left out";
    too_many.help = {"mend the findings above first; many of the others may follow from them"};
    findings_.push_back(std::move(too_many));
  }
  findings_.back().message = "more than " + std::to_string(kMaxFindings) +
                             " findings; the others are left out: " + std::to_string(dropped_);
}

std::vector<Diagnostic> Diagnostics::Sorted() const {
  std::vector<Diagnostic> sorted = findings_;
  const auto place = [](const Diagnostic& finding) {
    const bool is_notice = finding.kind == DiagnosticKind::kTooManyFindings;
    return std::tuple(is_notice, finding.span.file, finding.span.begin);
  };
  std::stable_sort(
      sorted.begin(), sorted.end(),
      [&](const Diagnostic& left, const Diagnostic& right) { return place(left) < place(right); });
  return sorted;
}

}  // namespace portvakt::dsl
