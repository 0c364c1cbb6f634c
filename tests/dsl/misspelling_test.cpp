// One slip in one name of the agency's policy: the finding stands on the very place, and the right
// name is among what it suggests. Words that nothing leans on (rule names, reason codes, what is
// declared and never used) cannot be missed by anybody, and are left out.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/dsl.h"
#include "dsl/words.h"

namespace portvakt::dsl {
namespace {

constexpr size_t kSlips = 1500;
constexpr size_t kMinLetters = 4;

// A dotted name as it stands in a file, and one segment of it.
struct Token {
  uint32_t file = 0;
  size_t begin = 0;  // of the dotted name
  size_t end = 0;
  size_t segment_begin = 0;
  size_t segment_end = 0;
  bool declares_without_uses = false;
};

bool IsNameByte(char byte) { return IsWordByte(byte) || byte == '.'; }

class Policy {
 public:
  explicit Policy(const std::string& path) {
    Diagnostics findings;
    std::string error;
    EXPECT_TRUE(ReadPolicy(path, sources_, findings, error)) << error;
    for (uint32_t file = 0; file < sources_.size(); ++file) Scan(file);
    for (Token& token : tokens_) MarkDeclaration(token);
  }

  const SourceSet& sources() const { return sources_; }
  const std::vector<Token>& tokens() const { return tokens_; }
  const std::string& text(const Token& token) const { return sources_.file(token.file).text; }
  bool knows(const std::string& word) const { return words_.contains(word); }

 private:
  // Names outside comments and strings.
  void Scan(uint32_t file) {
    const std::string& text = sources_.file(file).text;
    for (size_t at = 0; at < text.size();) {
      if (text.compare(at, 2, "//") == 0) {
        at = std::min(text.find('\n', at), text.size());
      } else if (text[at] == '"') {
        at = text.find('"', at + 1) + 1;
      } else if (IsWordByte(text[at])) {
        size_t end = at;
        while (end < text.size() && IsNameByte(text[end])) ++end;
        AddName(file, at, end);
        at = end;
      } else {
        ++at;
      }
    }
  }

  void AddName(uint32_t file, size_t begin, size_t end) {
    const std::string& text = sources_.file(file).text;
    const std::string whole = text.substr(begin, end - begin);
    ++counts_[whole];
    words_.insert(whole);
    static const std::set<std::string> kBeforeValues = {"is", "not", "least", "most", "than"};
    if (kBeforeValues.contains(previous_)) values_.insert(whole);
    previous_ = whole;
    for (size_t from = begin; from < end;) {
      const size_t to = std::min(text.find('.', from), end);
      const std::string segment = text.substr(from, to - from);
      words_.insert(segment);
      const bool named = to - from >= kMinLetters && !IsLanguageWord(segment) &&
                         !IsReserved(segment) && !std::isdigit(segment.front());
      if (named) tokens_.push_back({file, begin, end, from, to, false});
      from = to + 1;
    }
  }

  // The word before the name on its line, and the program that a permission stands in.
  void MarkDeclaration(Token& token) {
    const std::string& text = sources_.file(token.file).text;
    const size_t line = text.rfind('\n', token.begin) + 1;
    std::string before = text.substr(line, token.begin - line);
    while (!before.empty() && before.back() == ' ') before.pop_back();
    const std::string word = before.substr(before.find_last_of(" (") + 1);
    const std::string name = text.substr(token.begin, token.end - token.begin);
    static const std::set<std::string> kRules = {"permit", "forbid",  "note",
                                                 "limit",  "promise", "policy"};
    const size_t end = std::min(text.find('\n', token.end), text.size());
    const std::string rest = text.substr(token.end, end - token.end);
    const bool code = before.ends_with("else");
    token.declares_without_uses = code || kRules.contains(word);
    static const std::set<std::string> kDeclares = {"entity", "fact",    "set",   "licence",
                                                    "role",   "program", "define"};
    // Declared and used nowhere else; attributes end in a colon.
    const bool once = counts_[name] == 1;
    const bool attribute = rest.find_first_not_of(' ') != std::string::npos &&
                           rest[rest.find_first_not_of(' ')] == ':';
    if (attribute) {
      const auto used = [&](const auto& entry) { return entry.first.ends_with("." + name); };
      if (std::none_of(counts_.begin(), counts_.end(), used)) token.declares_without_uses = true;
    } else if (word == "permission") {
      const size_t program = text.rfind("\nprogram ", token.begin);
      std::string full = name;
      if (before.find_first_not_of(' ') > 0 && program != std::string::npos) {
        const size_t from = program + 9;
        full = text.substr(from, text.find_first_of(" {\"", from) - from) + "." + name;
      }
      if (counts_[full] == 0 && counts_[name] <= 1) token.declares_without_uses = true;
    } else if (before.find("enum {") != std::string::npos && !values_.contains(name)) {
      token.declares_without_uses = true;  // a value that nothing is compared with
    } else if (once && (kDeclares.contains(word) || kDeclares.contains(FirstWord(before)))) {
      token.declares_without_uses = true;
    }
  }

  static std::string FirstWord(const std::string& line) {
    const size_t begin = std::min(line.find_first_not_of(' '), line.size());
    return line.substr(begin, line.find(' ', begin) - begin);
  }

  SourceSet sources_;
  std::vector<Token> tokens_;
  std::map<std::string, size_t> counts_;
  std::set<std::string> words_;
  std::set<std::string> values_;  // what stands after `is` and its like
  std::string previous_;
};

std::string Slip(const std::string& name, std::mt19937_64& random) {
  std::string slipped = name;
  const auto pick = [&](size_t below) { return static_cast<size_t>(random() % below); };
  const auto letter = [&] { return static_cast<char>('a' + pick(26)); };
  const size_t at = pick(name.size());
  switch (pick(4)) {
    case 0: slipped.erase(at, 1); break;
    case 1: slipped.insert(at, 1, letter()); break;
    case 2: slipped[at] = letter(); break;
    default:
      if (at + 1 < name.size()) std::swap(slipped[at], slipped[at + 1]);
  }
  return slipped;
}

bool Overlaps(const Span& span, const Token& token, size_t end) {
  return span.file == token.file && span.begin < end && token.segment_begin < span.end;
}

// On the place itself; or, when one use stands against one declaration, on the use, with the
// declaration beside it.
bool Tells(const Diagnostic& finding, const Token& token, size_t end, const std::string& right,
           const std::string& wrong) {
  const auto suggests = [&](const std::string& name) {
    return std::any_of(finding.suggestions.begin(), finding.suggestions.end(),
                       [&](const std::string& each) {
                         return each == name || each.find(name) != std::string::npos;
                       });
  };
  if (Overlaps(finding.span, token, end)) return suggests(right);
  return suggests(wrong) &&
         std::any_of(finding.related.begin(), finding.related.end(),
                     [&](const Label& label) { return Overlaps(label.span, token, end); });
}

TEST(Misspelling, EverySlipInTheAgencysPolicyIsFoundWhereItStands) {
  const std::filesystem::path folder = std::filesystem::path(PORTVAKT_SOURCE_DIR) / "policies/byra";
  ASSERT_TRUE(std::filesystem::exists(folder));
  const Policy policy(folder.string());
  const char* given = std::getenv("PORTVAKT_SEED");
  const uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937_64 random(seed);
  size_t slips = 0;
  size_t missed = 0;
  while (slips < kSlips) {
    const Token& token = policy.tokens()[random() % policy.tokens().size()];
    if (token.declares_without_uses) continue;
    const std::string right =
        policy.text(token).substr(token.segment_begin, token.segment_end - token.segment_begin);
    const std::string wrong = Slip(right, random);
    const bool plain = IsWordByte(wrong.front()) && !std::isdigit(wrong.front());
    if (wrong == right || policy.knows(wrong) || IsLanguageWord(wrong) || !plain) continue;
    ++slips;
    SourceSet sources;
    for (uint32_t file = 0; file < policy.sources().size(); ++file) {
      std::string text = policy.sources().file(file).text;
      if (file == token.file) text.replace(token.segment_begin, right.size(), wrong);
      sources.Add(policy.sources().file(file).name, std::move(text));
    }
    Diagnostics findings;
    Compile(sources, findings);
    const size_t end = token.segment_begin + wrong.size();
    const bool told = std::any_of(
        findings.all().begin(), findings.all().end(),
        [&](const Diagnostic& finding) { return Tells(finding, token, end, right, wrong); });
    if (told || ++missed > 20) continue;
    std::string all;
    for (const Diagnostic& finding : findings.Sorted()) all += Render(finding, sources);
    const Span place{token.file, static_cast<uint32_t>(token.segment_begin),
                     static_cast<uint32_t>(end)};
    ADD_FAILURE() << "`" << wrong << "` for `" << right << "` at " << sources.Place(place) << ": "
                  << sources.Line(token.file, place.begin) << "\n"
                  << (all.empty() ? "nothing is told" : all.substr(0, 1500));
  }
  EXPECT_EQ(missed, 0u) << "of " << slips << ", seed " << seed;
}

}  // namespace
}  // namespace portvakt::dsl
