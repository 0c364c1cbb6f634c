// What the language has to say to an author: findings as values, from a closed registry of kinds.
// Rendering is apart from finding (render.h for people; JSON is written by the server's JSON unit).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/source.h"

namespace portvakt::dsl {

enum class Severity { kError, kWarning };

// The registry: dsl/diagnostic_kinds.def lists (identifier, "PVnnnn", severity, summary).
enum class DiagnosticKind {
#define PORTVAKT_DIAGNOSTIC(identifier, code, severity, summary) identifier,
#include "dsl/diagnostic_kinds.def"
#undef PORTVAKT_DIAGNOSTIC
};

struct DiagnosticInfo {
  DiagnosticKind kind;
  std::string_view name;  // the identifier without its leading k
  std::string_view code;  // "PV0123", stable for ever
  Severity severity;
  std::string_view summary;  // one line, for lists of kinds
};

// All kinds in the order of the registry.
const std::vector<DiagnosticInfo>& AllDiagnosticKinds();
const DiagnosticInfo& InfoOf(DiagnosticKind kind);

// A second place that the reader should see, with what is to be said of it.
struct Label {
  Span span;
  std::string text;
};

// One finding. Wording: lower case, no final period, code in backticks; the message states the
// situation, `label` is read against the marked text, the way out stands in `help` only.
struct Diagnostic {
  DiagnosticKind kind;
  std::string message;
  Span span;  // the narrowest range that shows the problem
  std::string label;
  std::vector<Label> related;
  std::vector<std::string> help;
  std::vector<std::string> suggestions;  // names meant, best first, at most three

  Severity severity() const { return InfoOf(kind).severity; }
};

// Collects findings up to a limit; what comes after it is counted, not kept, and ends as one
// kTooManyFindings. A finding equal in kind and span to an earlier one is dropped.
class Diagnostics {
 public:
  // Readers stop long before a hundred; the rest would be follow-ups.
  static constexpr size_t kMaxFindings = 100;

  void Add(Diagnostic diagnostic);
  bool has_errors() const { return error_count_ > 0; }
  size_t dropped() const { return dropped_; }
  const std::vector<Diagnostic>& all() const { return findings_; }
  // By file, then by place.
  std::vector<Diagnostic> Sorted() const;

 private:
  std::vector<Diagnostic> findings_;
  size_t error_count_ = 0;
  size_t dropped_ = 0;
};

}  // namespace portvakt::dsl
