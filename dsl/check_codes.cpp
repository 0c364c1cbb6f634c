// Reason codes are not declared, so a slip in one cannot be told from a new code; but two that
// differ by one letter are a slip more often than not.
#include <algorithm>
#include <map>
#include <utility>

#include "dsl/checker.h"

namespace portvakt::dsl {
namespace {

constexpr size_t kMinCodeBytes = 4;

bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

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

void Checker::CheckCodes() {
  struct Code {
    size_t uses = 0;
    size_t sentences = 0;
    Span first;
  };
  std::map<std::string, Code> codes;
  for (const CodeUse& use : codes_) {
    Code& code = codes[use.code];
    if (code.uses++ == 0) code.first = use.span;
    if (use.has_sentence) ++code.sentences;
  }
  // Two names one edit apart agree after taking away at most one byte of each.
  std::map<std::string, std::vector<const std::string*>> shorter;
  for (const auto& [name, code] : codes) {
    if (name.size() < kMinCodeBytes) continue;
    std::vector<std::string> keys = {name};
    for (size_t at = 0; at < name.size(); ++at) {
      keys.push_back(name.substr(0, at) + name.substr(at + 1));
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    for (const std::string& key : keys) shorter[key].push_back(&name);
  }
  std::map<std::string, std::string> meant;
  for (const auto& [key, names] : shorter) {
    for (const std::string* left : names) {
      for (const std::string* right : names) {
        if (!OneEditApart(*left, *right)) continue;
        const Code& a = codes[*left];
        const Code& b = codes[*right];
        const auto weight = [](const Code& code) { return std::pair(code.uses, code.sentences); };
        if (weight(a) < weight(b) || (weight(a) == weight(b) && *left > *right)) {
          meant[*left] = *right;
        }
      }
    }
  }
  for (const auto& [name, other] : meant) {
    Diagnostic& diagnostic =
        Report(DiagnosticKind::kLikeCodes, codes[name].first,
               "the code " + Quoted(name) + " differs by one letter from " + Quoted(other),
               "is it the same?");
    diagnostic.related.push_back({codes[other].first, "used here"});
    diagnostic.suggestions = {other};
  }
}

}  // namespace portvakt::dsl
