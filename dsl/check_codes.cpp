// Words that nobody declares apart: reason codes, and the segments of permissions. A slip in one
// cannot be told from a new one; but two that differ by one letter are a slip more often than not.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dsl/checker.h"

namespace portvakt::dsl {
namespace {

constexpr size_t kMinWordBytes = 4;

struct Word {
  size_t uses = 0;
  Span first;
};

bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

// Pairs of words one edit apart, each pair once: two such agree after taking away at most one byte
// of each.
std::set<std::pair<std::string, std::string>> LikeWords(const std::map<std::string, Word>& words) {
  std::map<std::string, std::set<std::string>> shorter;
  for (const auto& [name, word] : words) {
    if (name.size() < kMinWordBytes) continue;
    shorter[name].insert(name);
    for (size_t at = 0; at < name.size(); ++at) {
      shorter[name.substr(0, at) + name.substr(at + 1)].insert(name);
    }
  }
  std::set<std::pair<std::string, std::string>> pairs;
  for (const auto& [key, names] : shorter) {
    for (const std::string& left : names) {
      for (const std::string& right : names) {
        if (left < right && OneEditApart(left, right)) pairs.emplace(left, right);
      }
    }
  }
  return pairs;
}

}  // namespace

// One letter more, less or other, or two neighbours that changed places; digits count otherwise,
// as in `step_1` and `step_2`.
bool OneEditApart(std::string_view left, std::string_view right) {
  if (left.size() > right.size()) std::swap(left, right);
  if (right.size() - left.size() > 1 || left == right) return false;
  size_t front = 0;
  while (front < left.size() && left[front] == right[front]) ++front;
  size_t back = 0;
  while (back < left.size() - front &&
         left[left.size() - 1 - back] == right[right.size() - 1 - back]) {
    ++back;
  }
  const std::string_view a = left.substr(front, left.size() - front - back);
  const std::string_view b = right.substr(front, right.size() - front - back);
  if (std::any_of(a.begin(), a.end(), IsDigit) || std::any_of(b.begin(), b.end(), IsDigit)) {
    return false;
  }
  if (a.size() <= 1 && b.size() <= 1) return true;
  return a.size() == 2 && b.size() == 2 && a[0] == b[1] && a[1] == b[0];
}

// The names of forbids and notes are codes too. The rarer of the two is told; both, when neither
// is.
void Checker::CheckCodes() {
  std::map<std::string, Word> codes;
  const auto use = [&](const std::string& name, Span span) {
    Word& code = codes[name];
    if (code.uses++ == 0) code.first = span;
  };
  for (const CodeUse& each : codes_) use(each.code, each.span);
  for (const Source<RuleDecl>& source : rule_decls_) {
    if (source.decl->effect != RuleDecl::Effect::kPermit) {
      use(source.decl->name.text, source.decl->name.span);
    }
  }
  const auto tell = [&](const std::string& name, const std::string& other) {
    Diagnostic& diagnostic =
        Report(DiagnosticKind::kLikeCodes, codes[name].first,
               "the code " + Quoted(name) + " differs by one letter from " + Quoted(other),
               "is it the same?");
    diagnostic.related.push_back({codes[other].first, "used here"});
    diagnostic.suggestions = {other};
  };
  for (const auto& [left, right] : LikeWords(codes)) {
    if (codes[left].uses <= codes[right].uses) tell(left, right);
    if (codes[right].uses <= codes[left].uses) tell(right, left);
  }
}

// `levfaktua.skapa` beside `levfaktura.las` and `levfaktura.bokfor`. A word that stands once is
// told when several permissions have the other, and when nothing else uses its permission: a use
// shows that it is meant.
void Checker::CheckPermissionWords() {
  std::map<std::string, Word> words;
  std::map<std::string, bool> used;
  for (uint32_t id = 0; id < permissions_.size(); ++id) {
    const NameTable::Entry& permission = permissions_[id];
    const std::vector<std::string> segments = SplitName(permission.name);
    const size_t first = permission_decls_[id].program == kNone ? 0 : 1;
    for (size_t index = first; index < segments.size(); ++index) {
      Word& word = words[segments[index]];
      if (word.uses++ == 0) word.first = SegmentSpan(permission.span, index - first);
      used[segments[index]] = used[segments[index]] || permission.uses > 0;
    }
  }
  const auto tell = [&](const std::string& name, const std::string& other) {
    if (words[name].uses > 1 || words[other].uses < 2 || used[name]) return;
    Diagnostic& diagnostic =
        Report(DiagnosticKind::kLikeWords, words[name].first,
               Quoted(name) + " differs by one letter from " + Quoted(other) + ", which " +
                   std::to_string(words[other].uses) + " permissions have in their names",
               "is it the same?");
    diagnostic.related.push_back({words[other].first, "used here"});
    diagnostic.suggestions = {other};
  };
  for (const auto& [left, right] : LikeWords(words)) {
    tell(left, right);
    tell(right, left);
  }
}

}  // namespace portvakt::dsl
