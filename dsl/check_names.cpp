// Names and what is said of those that do not resolve. An unknown name is told where it stands,
// unless all its uses agree and a declared name close to it is never used: then the slip is at the
// declaration, and is told there, once.
#include <algorithm>
#include <map>
#include <utility>

#include "dsl/checker.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

constexpr size_t kLinesOfOneLook = 20;

}  // namespace

uint32_t NameTable::Declare(const std::string& name, Span span) {
  const auto [place, fresh] = numbers_.try_emplace(name, static_cast<uint32_t>(entries_.size()));
  if (!fresh) return place->second;
  entries_.push_back({name, span, 0});
  return kNone;
}

uint32_t NameTable::Use(std::string_view name) {
  const uint32_t number = Find(name);
  if (number != kNone) ++entries_[number].uses;
  return number;
}

uint32_t NameTable::Find(std::string_view name) const {
  const auto place = numbers_.find(name);
  return place == numbers_.end() ? kNone : place->second;
}

std::vector<std::string> NameTable::Names() const {
  std::vector<std::string> names;
  names.reserve(entries_.size());
  for (const Entry& entry : entries_) names.push_back(entry.name);
  return names;
}

std::vector<std::string> SplitName(std::string_view name) {
  std::vector<std::string> segments;
  size_t begin = 0;
  while (true) {
    const size_t dot = name.find('.', begin);
    segments.emplace_back(name.substr(begin, dot - begin));
    if (dot == std::string_view::npos) return segments;
    begin = dot + 1;
  }
}

std::string_view KindWord(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::kPermission: return "permission";
    case SymbolKind::kRole: return "role";
    case SymbolKind::kLicence: return "licence";
    case SymbolKind::kProgram: return "program";
  }
  return "";
}

std::optional<SymbolKind> KindOfWord(std::string_view word) {
  for (SymbolKind kind :
       {SymbolKind::kPermission, SymbolKind::kRole, SymbolKind::kLicence, SymbolKind::kProgram}) {
    if (word == KindWord(kind)) return kind;
  }
  return std::nullopt;
}

std::string Quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

void SortUnique(std::vector<uint32_t>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

bool Contains(const std::vector<uint32_t>& sorted, uint32_t number) {
  return std::binary_search(sorted.begin(), sorted.end(), number);
}

// The finding is kept until the next Report or Flush, so that callers can add to it.
Diagnostic& Checker::Report(DiagnosticKind kind, Span span, std::string message,
                            std::string label) {
  Flush();
  if (InfoOf(kind).severity == Severity::kError) {
    failed_ = true;
    if (scope_ != nullptr) scope_->failed = true;
  }
  Diagnostic diagnostic;
  diagnostic.kind = kind;
  diagnostic.span = span;
  diagnostic.message = std::move(message);
  diagnostic.label = std::move(label);
  held_.push_back(std::move(diagnostic));
  return held_.back();
}

void Checker::Flush() {
  for (Diagnostic& diagnostic : held_) findings_.Add(std::move(diagnostic));
  held_.clear();
}

void Checker::Unknown(UnknownName unknown) {
  failed_ = true;
  if (scope_ != nullptr) scope_->failed = true;
  const bool of_scope =
      scope_ != nullptr && unknown.table == nullptr && unknown.kind == DiagnosticKind::kUnknownName;
  (of_scope ? scope_->unknown : unknown_).push_back(std::move(unknown));
}

void Checker::FlushUnknown(std::vector<UnknownName>& pending, const NameTable* only_table) {
  std::map<std::pair<const NameTable*, std::string>, std::vector<const UnknownName*>> groups;
  if (only_table == nullptr) {
    while (TellAtProgram(pending)) {
    }
  }
  for (const UnknownName& unknown : pending) {
    if (unknown.table != nullptr)
      groups[{unknown.table, unknown.prefix + unknown.name}].push_back(&unknown);
  }
  std::map<std::pair<const NameTable*, std::string>, bool> told;
  for (const auto& [key, group] : groups) told[key] = TellAtDeclaration(group);
  for (const UnknownName& unknown : pending) {
    if (unknown.table != nullptr && told[{unknown.table, unknown.prefix + unknown.name}]) continue;
    std::vector<std::string> suggestions = Suggest(unknown.name, unknown.candidates);
    // After a syntax error a declaration may be missing; only likely slips are told then.
    if (syntax_errors_ && suggestions.empty()) continue;
    Diagnostic& diagnostic = Report(unknown.kind, unknown.span, unknown.message, "not known");
    uint32_t unused = kNone;
    for (const std::string& suggestion : suggestions) {
      uint32_t number = kNone;
      if (unknown.table != nullptr) number = unknown.table->Find(unknown.prefix + suggestion);
      if (unknown.table != nullptr && number == kNone) number = unknown.table->Find(suggestion);
      if (number == kNone || (*unknown.table)[number].uses > 0) continue;
      diagnostic.related.push_back(
          {(*unknown.table)[number].span, Quoted(suggestion) + " is declared here, never used"});
      if (unused == kNone) unused = number;
    }
    diagnostic.suggestions = std::move(suggestions);
    diagnostic.help = unknown.help;
    if (unused == kNone) continue;
    const NameTable::Entry& entry = (*unknown.table)[unused];
    const bool short_form = OneEditApart(entry.name, unknown.name);
    const std::string full = unknown.prefix + unknown.name;
    if (short_form || OneEditApart(entry.name, full)) {
      WarnOfDeclaration(entry.name, entry.span, unknown.name, unknown.span);
    }
  }
  pending.clear();
}

// Several uses agree on a name that nobody declared, and a close one is declared and never used.
bool Checker::TellAtDeclaration(const std::vector<const UnknownName*>& group) {
  if (group.size() < 2) return false;
  const UnknownName& first = *group.front();
  for (const std::string& name : Suggest(first.prefix + first.name, first.table->Names())) {
    const NameTable::Entry& entry = (*first.table)[first.table->Find(name)];
    if (entry.uses > 0) continue;
    Diagnostic& diagnostic =
        Report(first.kind, entry.span,
               Quoted(name) + " is never used, but " + Quoted(first.name) +
                   ", which is not declared, is used " + std::to_string(group.size()) + " times",
               "is it " + Quoted(first.name) + " that is meant?");
    diagnostic.related.push_back({first.span, "used here"});
    diagnostic.suggestions = {first.name};
    return true;
  }
  return false;
}

// One use against one declaration: nobody can see which of the two has the slip. Where they stand
// on one screen the finding at the use shows both; else the declaration is told too.
void Checker::WarnOfDeclaration(const std::string& declared, Span span, const std::string& used,
                                Span use) {
  const size_t line = sources_.Locate(span.file, span.begin).line;
  const size_t use_line = sources_.Locate(use.file, use.begin).line;
  const size_t apart = line < use_line ? use_line - line : line - use_line;
  if (span.file == use.file && apart <= kLinesOfOneLook) return;
  Report(DiagnosticKind::kUnusedName, span,
         Quoted(declared) + " is never used, and differs by one letter from " + Quoted(used) +
             ", which is not declared",
         "is it " + Quoted(used) + " that is meant?")
      .suggestions = {used};
}

// `lon.a.b` and `lon.c` are unknown, and there is a program `lonn` with both, of which no
// permission is used: then the program's name is the slip.
bool Checker::TellAtProgram(std::vector<UnknownName>& pending) {
  std::map<std::string, std::vector<const UnknownName*>> groups;
  for (const UnknownName& unknown : pending) {
    const std::string program = SplitName(unknown.name).front();
    if (unknown.table != &permissions_ && unknown.table != &programs_ && unknown.table != &sets_) {
      continue;
    }
    if (programs_.Find(program) == kNone) groups[program].push_back(&unknown);
  }
  for (const auto& [written, group] : groups) {
    if (group.size() < 2) continue;
    for (const std::string& name : Suggest(written, programs_.Names())) {
      const uint32_t program = programs_.Find(name);
      bool used = programs_[program].uses > 0;
      for (uint32_t permission = 0; permission < permissions_.size(); ++permission) {
        used = used || (permission_decls_[permission].program == program &&
                        permissions_[permission].uses > 0);
      }
      if (used) continue;
      Diagnostic& diagnostic =
          Report(DiagnosticKind::kUnknownProgram, programs_[program].span,
                 "nothing of " + Quoted(name) + " is used, but " + Quoted(written) +
                     ", which is not declared, is used " + std::to_string(group.size()) + " times",
                 "is it " + Quoted(written) + " that is meant?");
      diagnostic.related.push_back({group.front()->span, "used here"});
      diagnostic.suggestions = {written};
      const std::string gone = written;
      std::erase_if(pending, [&](const UnknownName& unknown) {
        return (unknown.table == &permissions_ || unknown.table == &programs_ ||
                unknown.table == &sets_) &&
               SplitName(unknown.name).front() == gone;
      });
      return true;
    }
  }
  return false;
}

void Checker::Duplicate(const std::string& what, const std::string& name, Span span, Span first) {
  Diagnostic& diagnostic =
      Report(DiagnosticKind::kDuplicateName, span, what + " " + Quoted(name) + " is declared twice",
             "declared again");
  diagnostic.related.push_back({first, "first declared here"});
  diagnostic.help.push_back("give one of the two another name");
}

void Checker::Declare(NameTable& table, const std::string& what, const Name& name) {
  const uint32_t earlier = table.Declare(name.text, name.span);
  if (earlier != kNone) Duplicate(what, name.text, name.span, table[earlier].span);
}

NameTable& Checker::Table(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::kRole: return roles_;
    case SymbolKind::kLicence: return licences_;
    case SymbolKind::kProgram: return programs_;
    default: return permissions_;
  }
}

// The place of one segment of a dotted name, by the dots that stand outside backticks.
Span Checker::SegmentSpan(Span name, size_t segment) const {
  const std::string_view raw = sources_.Text(name);
  bool quoted = false;
  size_t index = 0;
  size_t begin = 0;
  for (size_t at = 0; at <= raw.size(); ++at) {
    if (at < raw.size() && raw[at] == '`') quoted = !quoted;
    if (at < raw.size() && (raw[at] != '.' || quoted)) continue;
    if (index == segment) {
      return {name.file, name.begin + static_cast<uint32_t>(begin),
              name.begin + static_cast<uint32_t>(at)};
    }
    ++index;
    begin = at + 1;
  }
  return name;
}

UnknownName Checker::UnknownSymbol(SymbolKind kind, const std::string& name, Span span) {
  UnknownName unknown;
  switch (kind) {
    case SymbolKind::kPermission: unknown.kind = DiagnosticKind::kUnknownPermission; break;
    case SymbolKind::kRole: unknown.kind = DiagnosticKind::kUnknownRole; break;
    case SymbolKind::kLicence: unknown.kind = DiagnosticKind::kUnknownLicence; break;
    case SymbolKind::kProgram: unknown.kind = DiagnosticKind::kUnknownProgram; break;
  }
  unknown.message = "there is no " + std::string(KindWord(kind)) + " " + Quoted(name);
  unknown.name = name;
  unknown.span = span;
  unknown.table = &Table(kind);
  unknown.candidates = Table(kind).Names();
  return unknown;
}

}  // namespace portvakt::dsl
