// Word lists and the spelling of names.
#include "dsl/words.h"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace portvakt::dsl {
namespace {

using WordSet = std::unordered_set<std::string_view>;

const WordSet& SentenceEnds() {
  static const WordSet words = {"and", "or", "else", "if", "unless", "by", "without"};
  return words;
}

const WordSet& Reserved() {
  static const WordSet words = {
      "and", "or",    "else",   "if",       "unless",     "by",     "with",  "without", "not",
      "any", "of",    "as",     "is",       "may",        "in",     "on",    "for",     "from",
      "all", "no",    "some",   "includes", "requires",   "covers", "gives", "held",    "only",
      "set", "every", "except", "optional", "transitive", "lasting"};
  return words;
}

const WordSet& Others() {
  static const WordSet words = {
      "a",           "absent", "action",   "add",     "after",   "at",      "before",   "change",
      "context",     "date",   "day",      "days",    "decimal", "define",  "directly", "entity",
      "enum",        "equal",  "fact",     "false",   "forbid",  "free",    "holds",    "hour",
      "hours",       "import", "instant",  "int",     "ip",      "least",   "less",     "licence",
      "limit",       "minute", "minutes",  "more",    "most",    "note",    "now",      "open",
      "permission",  "permit", "policy",   "present", "program", "promise", "remove",   "request",
      "role",        "seats",  "second",   "seconds", "string",  "than",    "time",     "to",
      "today",       "true",   "week",     "weeks",   "within",  "zone",    "bool",     "duration",
      "permissions", "roles",  "licences", "programs"};
  return words;
}

bool IsPlainSegment(std::string_view segment, bool first) {
  if (segment.empty()) return false;
  if (segment == "*") return true;
  if (first && segment.front() >= '0' && segment.front() <= '9') return false;
  for (size_t i = 0; i < segment.size(); ++i) {
    const auto byte = static_cast<unsigned char>(segment[i]);
    if (byte < 0x80) {
      if (!IsWordByte(segment[i])) return false;
      continue;
    }
    // U+00C0 .. U+024F without the signs for times and divided by.
    if (i + 1 >= segment.size()) return false;
    const auto next = static_cast<unsigned char>(segment[i + 1]);
    const bool letter = (byte == 0xC3 && next != 0x97 && next != 0xB7) ||
                        (byte >= 0xC4 && byte <= 0xC8) || (byte == 0xC9 && next <= 0x8F);
    if (!letter) return false;
    ++i;
  }
  return true;
}

}  // namespace

bool EndsSentence(std::string_view word) { return SentenceEnds().count(word) > 0; }

bool EndsShape(std::string_view word) {
  return EndsSentence(word) || word == "as" || word == "transitive" || word == "lasting";
}

bool IsReserved(std::string_view word) { return Reserved().count(word) > 0; }

bool IsLanguageWord(std::string_view word) { return IsReserved(word) || Others().count(word) > 0; }

bool IsSymbolKind(std::string_view word) {
  return word == "permissions" || word == "roles" || word == "licences" || word == "programs";
}

bool IsDurationUnit(std::string_view word) {
  static constexpr std::array<std::string_view, 10> kUnits = {
      "second", "seconds", "minute", "minutes", "hour", "hours", "day", "days", "week", "weeks"};
  return std::find(kUnits.begin(), kUnits.end(), word) != kUnits.end();
}

const std::vector<std::string>& DeclarationWords() {
  static const std::vector<std::string> words = {
      "policy",  "time zone",  "import", "open",    "entity", "context", "action",
      "program", "permission", "set",    "licence", "role",   "fact",    "define",
      "permit",  "forbid",     "note",   "limit",   "promise"};
  return words;
}

bool IsWordByte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_' || static_cast<unsigned char>(byte) >= 0x80;
}

std::string Spell(std::string_view text, bool quoted) {
  std::string spelt;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find('.', begin), text.size());
    const std::string_view segment = text.substr(begin, end - begin);
    const bool first = begin == 0;
    if (!first) spelt += '.';
    const bool plain = IsPlainSegment(segment, first);
    if (!plain || (first && quoted && IsLanguageWord(segment))) {
      spelt += '`';
      spelt += segment;
      spelt += '`';
    } else {
      spelt += segment;
    }
    begin = end + 1;
  }
  return spelt;
}

std::string Spell(const Name& name) { return Spell(name.text, name.quoted); }

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char byte : text) {
    if (byte == '\n') {
      quoted += "\\n";
    } else {
      if (byte == '"' || byte == '\\') quoted += '\\';
      quoted += byte;
    }
  }
  return quoted + "\"";
}

}  // namespace portvakt::dsl
