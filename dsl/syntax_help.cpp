// What stands where the grammar stopped, and the mistakes that people make there.
#include "dsl/syntax_help.h"

#include <algorithm>
#include <string>
#include <vector>

#include "dsl/dsl.h"
#include "dsl/words.h"

namespace portvakt::dsl {
namespace {

std::string Ticked(std::string_view text) { return "`" + std::string(text) + "`"; }

// The text of one declaration around the place where the grammar stopped.
class Place {
 public:
  Place(std::string_view text, const Chunk& chunk, uint32_t place, const Scan& scan)
      : text_(text), chunk_(chunk), scan_(scan), begin_(std::min(place, chunk.end)) {
    while (begin_ > chunk.begin && begin_ < chunk.end && IsWordByte(text[begin_]) &&
           IsWordByte(text[begin_ - 1])) {
      --begin_;
    }
    if (begin_ > chunk.begin && begin_ < chunk.end && text[begin_] != '\n' && text[begin_] == '&' &&
        text[begin_ - 1] == '&') {
      --begin_;
    }
    token_ = TokenAt(begin_);
  }

  uint32_t begin() const { return begin_; }
  // The word or sign there; empty at the end of the declaration.
  std::string_view token() const { return token_; }
  bool at_end() const { return token_.empty(); }

  // The end of the last token before the place, over blanks and comments.
  uint32_t EndBefore() const {
    uint32_t end = begin_;
    for (;;) {
      while (end > chunk_.begin && IsBlank(text_[end - 1])) --end;
      // The last comment that begins before `end`; comments are in the order of the text.
      const auto after =
          std::partition_point(scan_.comments.begin(), scan_.comments.end(),
                               [&](const Comment& each) { return each.span.begin < end; });
      if (after == scan_.comments.begin()) return end;
      const auto comment = after - 1;
      if (comment->span.end < end || comment->span.begin < chunk_.begin) return end;
      end = comment->span.begin;
    }
  }

  // The word right before the place.
  std::string_view WordBefore() const {
    const uint32_t end = EndBefore();
    uint32_t begin = end;
    while (begin > chunk_.begin && (IsWordByte(text_[begin - 1]) || text_[begin - 1] == '.')) {
      --begin;
    }
    return text_.substr(begin, end - begin);
  }

  // The word stands earlier in the declaration.
  bool Follows(std::string_view word) const {
    const std::string_view before = text_.substr(chunk_.begin, begin_ - chunk_.begin);
    for (size_t at = before.find(word); at != std::string_view::npos;
         at = before.find(word, at + 1)) {
      const size_t end = at + word.size();
      const auto place = static_cast<uint32_t>(chunk_.begin + at);
      const bool in_comment = std::any_of(
          scan_.comments.begin(), scan_.comments.end(),
          [&](const Comment& each) { return each.span.begin <= place && place < each.span.end; });
      if (in_comment) continue;
      const bool begins = at == 0 || !IsWordByte(before[at - 1]);
      if (begins && (end == before.size() || !IsWordByte(before[end]))) return true;
    }
    return false;
  }

  // The item before the place begins with `some` and has no colon yet.
  bool AfterSomeWithoutColon() const {
    const std::string_view before = text_.substr(chunk_.begin, EndBefore() - chunk_.begin);
    const size_t some = before.rfind("some ");
    return some != std::string_view::npos &&
           before.find_first_of(":({}\")", some) == std::string_view::npos;
  }

  bool IndentedFirstWord() const {
    uint32_t at = begin_;
    while (at > chunk_.begin && (text_[at - 1] == ' ' || text_[at - 1] == '\t')) --at;
    return at > chunk_.begin && text_[at - 1] == '\n';
  }

  std::string_view FirstWord() const { return TokenAt(chunk_.begin); }

 private:
  static bool IsBlank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
  }

  std::string_view TokenAt(uint32_t at) const {
    if (at >= chunk_.end) return {};
    if (text_.substr(at, 2) == "//") return {};  // a comment ends the declaration
    uint32_t end = at;
    while (end < chunk_.end && IsWordByte(text_[end])) ++end;
    if (end > at) return text_.substr(at, end - at);
    for (const std::string_view sign : {"&&", "||", "==", "!=", "<=", ">=", "=>", "->"}) {
      if (text_.substr(at, 2) == sign) return text_.substr(at, 2);
    }
    if (text_[at] == '"' || text_[at] == '`') {
      const size_t close = text_.find(text_[at], at + 1);
      if (close < chunk_.end) return text_.substr(at, close + 1 - at);
    }
    return text_.substr(at, 1);
  }

  const std::string_view text_;
  const Chunk& chunk_;
  const Scan& scan_;
  uint32_t begin_;
  std::string_view token_;
};

// Signs of other languages, and what is written here instead.
std::string HelpForSign(const Place& place) {
  const std::string_view token = place.token();
  if (token == "&&" || token == "&") return "write `and`";
  if (token == "||" || token == "|") return "write `or`";
  if (token == "==" || token == "=") return "write `is` to compare: `user.home is tenant`";
  if (token == "!=") return "write `is not`: `user.home is not tenant`";
  if (token == "!") return "write `not` before the sentence";
  if (token == "<") return "write `is less than`, or `is before` of times";
  if (token == ">") return "write `is more than`, or `is after` of times";
  if (token == "<=") return "write `is at most`";
  if (token == ">=") return "write `is at least`";
  if (token == ";") return "a declaration ends where the next one begins; leave `;` out";
  if (token == "#") return "a comment begins with `//`";
  if (token == "'") return "texts stand between `\"` and `\"`";
  if (token == "[") return "lists stand in braces: `any of { view, edit }`";
  if (token == "/") return "a comment begins with `//`, also at its other lines";
  return {};
}

std::string HelpForWord(const Place& place) {
  const std::string_view token = place.token();
  const std::string_view before = place.WordBefore();
  if (token == "when" || token == "where") return "a condition begins with `if` or `unless`";
  if (token == "then") return "there is no `then`; conditions are joined by `and` and `or`";
  if (token == "can") return "the word is `may`: `user may view on document`";
  if (token == "if" && place.Follows("if"))
    return "a rule has one `if`; join its conditions with `and` or `or`";
  if (token == "unless") return "a rule has one `unless`, after its `if`";
  if (token == "and" || token == "or") {
    return "conditions are joined after `if`: `if user.home is tenant and user consults for "
           "client`";
  }
  if (token == "months" || token == "month" || token == "years" || token == "year") {
    return "months and years differ in length; count days: `30 days`";
  }
  if (before == "only") return "an `only` and an `except` may stand once each, in this order";
  return {};
}

bool IsDeclarationWord(std::string_view word) {
  const std::vector<std::string>& words = DeclarationWords();
  return word == "time" || std::find(words.begin(), words.end(), word) != words.end();
}

void AddHelp(Diagnostic& finding, const Place& place) {
  const std::string_view token = place.token();
  if (place.at_end()) return;
  if (token == "(" || token == ",") {
    if (place.AfterSomeWithoutColon()) {
      finding.help.push_back(
          "`some` with a condition of its own needs `:` after its types: "
          "`some person: ( .. )`");
      return;
    }
  }
  if (token == "{") {
    finding.help.push_back(
        "values in braces stand after `any of`: `role is any of { admin, editor }`");
    return;
  }
  if (token == ",") {
    finding.help.push_back(
        "a comma separates names in lists; conditions are joined by `and` or `or`");
    return;
  }
  std::string help = HelpForSign(place);
  if (help.empty()) help = HelpForWord(place);
  if (!help.empty()) finding.help.push_back(std::move(help));
  if (place.IndentedFirstWord() && IsDeclarationWord(token)) {
    finding.help.push_back("if this is a new declaration, let it begin in the first column");
  }
}

// At the beginning of a declaration: a word that begins none.
void ExplainBeginning(Diagnostic& finding, const Place& place) {
  const std::string_view word = place.token();
  finding.message = Ticked(word) + " begins no declaration";
  finding.label = "not a declaration";
  if (word == "allow") {
    finding.suggestions = {"permit"};
  } else if (word == "deny") {
    finding.suggestions = {"forbid"};
  } else if (word == "license") {
    finding.suggestions = {"licence"};
  } else {
    finding.suggestions = Suggest(word, DeclarationWords());
  }
  if (finding.suggestions.empty()) {
    finding.help = {
        "a declaration begins in the first column with entity, permission, role, fact, "
        "define, permit, forbid or their like; its other lines are indented"};
  }
}

std::string WithFirstWord(std::string_view expected, std::string_view first_word) {
  std::string message;
  for (const char byte : expected) {
    if (byte == '%') {
      const bool vowel =
          std::string_view("aeiou").find(first_word.substr(0, 1)) != std::string_view::npos;
      if (vowel && (message == "a " || message.ends_with(" a ")))
        message.insert(message.size() - 1, "n");
      message += first_word;
    } else {
      message += byte;
    }
  }
  return message;
}

}  // namespace

Diagnostic ExplainSyntax(uint32_t file, std::string_view text, const Chunk& chunk,
                         std::string_view expected, uint32_t place_offset, const Scan& scan) {
  const Place place(text, chunk, place_offset, scan);
  const std::string_view sentence = expected.substr(0, expected.find('\n'));
  Diagnostic finding;
  finding.kind = DiagnosticKind::kSyntax;
  finding.message = WithFirstWord(sentence, place.FirstWord());
  if (place.at_end()) {
    const uint32_t end = place.EndBefore();
    finding.span = {file, end > chunk.begin ? end - 1 : end, end};
    finding.label = "the declaration ends here";
  } else {
    const auto size = static_cast<uint32_t>(place.token().size());
    finding.span = {file, place.begin(), place.begin() + size};
    finding.label = "not expected here";
  }
  if (place.begin() == chunk.begin) {
    ExplainBeginning(finding, place);
    return finding;
  }
  const bool wants_name = sentence.find("needs a name") != std::string_view::npos ||
                          sentence.find("name is needed") != std::string_view::npos ||
                          sentence.find("type is needed") != std::string_view::npos ||
                          sentence.find("name must follow") != std::string_view::npos;
  const std::string_view token = place.token();
  if (!token.empty() && token.front() >= '0' && token.front() <= '9') {
    size_t digits = 0;
    while (digits < token.size() && token[digits] >= '0' && token[digits] <= '9') ++digits;
    if (digits < token.size()) {
      finding.kind = DiagnosticKind::kBadNumber;
      finding.message = Ticked(token) + " is neither a number nor a name";
      finding.help.push_back(
          "names begin with a letter, and a number stands apart from its unit: "
          "`30 days`");
      return finding;
    }
  }
  if (wants_name && IsReserved(token)) {
    finding.kind = DiagnosticKind::kReservedName;
    finding.label = "a word of the language";
    finding.help.push_back("as a name it stands in backticks: `" + std::string(token) + "`");
  }
  AddHelp(finding, place);
  const size_t example = expected.find('\n');
  if (example != std::string_view::npos) {
    const std::string_view code = expected.substr(example + 1);
    const bool has_ticks = code.find('`') != std::string_view::npos;
    finding.help.push_back("for example: " + (has_ticks ? std::string(code) : Ticked(code)));
  }
  return finding;
}

}  // namespace portvakt::dsl
