// Encoding, declarations' first columns, comments and unfinished texts, in one pass over the lines.
#include "dsl/scan.h"

#include <algorithm>
#include <optional>
#include <string>

#include "dsl/limits.h"
#include "dsl/words.h"

namespace portvakt::dsl {
namespace {

// Bytes of the character at `text[0]`, and its code point; no value when it is not UTF-8.
struct Character {
  uint32_t code = 0;
  uint32_t size = 0;
};

std::optional<Character> Decode(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return Character{first, 1};
  const uint32_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return std::nullopt;
  uint32_t code = first & (0xFFu >> (size + 1));
  for (uint32_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return std::nullopt;
  return Character{code, size};
}

bool IsCombiningMark(uint32_t code) { return code >= 0x300 && code <= 0x36F; }

// U+00C0 .. U+024F without the signs for times and divided by: the letters of names.
bool IsNameLetter(uint32_t code) {
  return code >= 0xC0 && code <= 0x24F && code != 0xD7 && code != 0xF7;
}

class Scanner {
 public:
  Scanner(uint32_t file, std::string_view text, Diagnostics& findings)
      : file_(file), text_(text), findings_(findings) {}

  Scan Run() {
    size_t begin = text_.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
    while (begin < text_.size()) {
      const size_t line_break = std::min(text_.find('\n', begin), text_.size());
      size_t end = line_break;
      if (end > begin && text_[end - 1] == '\r') --end;
      ReadLine(begin, end);
      begin = line_break + 1;
    }
    return std::move(scan_);
  }

 private:
  void ReadLine(size_t begin, size_t end) {
    const size_t first = std::min(text_.find_first_not_of(" \t", begin), end);
    if (first >= end) {
      blank_before_ = true;
      return;
    }
    const bool comment = text_.substr(first, 2) == "//" && first + 2 <= end;
    // Brackets in the first column close what a declaration opened.
    const bool starts = first == begin && !comment && text_[begin] != '}' && text_[begin] != ')';
    if (starts || (scan_.chunks.empty() && !comment)) {
      scan_.chunks.push_back({static_cast<uint32_t>(first), 0, false});
    }
    ReadTokens(first, end);
    if (!comment && !scan_.chunks.empty()) scan_.chunks.back().end = static_cast<uint32_t>(end);
    blank_before_ = false;
  }

  void ReadTokens(size_t begin, size_t end) {
    size_t at = begin;
    while (at < end) {
      const char byte = text_[at];
      if (byte == '"') {
        at = ReadText(at, end);
      } else if (byte == '`') {
        at = ReadQuotedName(at, end);
      } else if (byte == '/' && at + 1 < end && text_[at + 1] == '/') {
        scan_.comments.push_back({{file_, static_cast<uint32_t>(at), static_cast<uint32_t>(end)},
                                  at == begin,
                                  blank_before_ && at == begin});
        CheckControls(at, end);
        at = end;
      } else {
        at = ReadCharacter(at, end);
      }
    }
  }

  size_t ReadText(size_t begin, size_t end) {
    for (size_t at = begin + 1; at < end; ++at) {
      if (text_[at] == '"') {
        CheckControls(begin, at);
        return at + 1;
      }
      if (text_[at] != '\\') continue;
      if (at + 1 >= end) break;
      const char escaped = text_[at + 1];
      if (escaped != '"' && escaped != '\\' && escaped != 'n') {
        const auto character = Decode(text_.substr(at + 1));
        const size_t size = character.has_value() ? character->size : 1;
        Report(DiagnosticKind::kSyntax, at, at + 1 + size, "no such escape in a text",
               "unknown escape",
               {"write `\\\"`, `\\\\` or `\\n`; other characters stand as they are"});
      }
      ++at;
    }
    Report(DiagnosticKind::kUnfinishedText, begin, end, "a text is not closed on its line",
           "begins here", {"close it with `\"`; a line break inside a text is written `\\n`"});
    return end;
  }

  size_t ReadQuotedName(size_t begin, size_t end) {
    const size_t close = text_.find('`', begin + 1);
    if (close < end) {
      CheckControls(begin, close);
      for (size_t at = begin + 1; at < close;) {
        const auto character = Decode(text_.substr(at));
        if (!character.has_value()) break;  // cannot be: the file was checked
        if (IsCombiningMark(character->code)) return ReportMark(at, character->size), close + 1;
        at += character->size;
      }
      return close + 1;
    }
    Report(DiagnosticKind::kUnfinishedText, begin, end, "a quoted name is not closed on its line",
           "begins here", {"close it with a backtick"});
    return end;
  }

  // A character outside texts, quoted names and comments.
  size_t ReadCharacter(size_t at, size_t end) {
    const auto byte = static_cast<unsigned char>(text_[at]);
    if (byte < 0x80) {
      CheckControls(at, at + 1);
      return at + 1;
    }
    const auto character = Decode(text_.substr(at, end - at));
    if (!character.has_value()) return end;  // cannot be: the file was checked
    if (IsCombiningMark(character->code)) {
      ReportMark(at, character->size);
    } else if (!IsNameLetter(character->code)) {
      ReportStranger(at, *character);
    }
    return at + character->size;
  }

  void ReportMark(size_t at, size_t size) {
    Report(DiagnosticKind::kBadEncoding, at, at + size, "a name has a separate accent",
           "this accent is a character of its own",
           {"write the letter and its accent as one character (normal form NFC)"});
  }

  void ReportStranger(size_t at, const Character& character) {
    const uint32_t code = character.code;
    std::string help =
        "names have letters of Latin script, digits and `_`; others stand in backticks";
    if ((code >= 0x2018 && code <= 0x201F) || code == 0xAB || code == 0xBB) {
      help = "texts stand between straight quotation marks, `\"`";
    } else if (code >= 0x2010 && code <= 0x2015) {
      help = "write the minus sign as `-`";
    } else if (code == 0xA0 || (code >= 0x2000 && code <= 0x200F) || code == 0xFEFF) {
      help = "this is a special space; write an ordinary one";
    }
    Report(DiagnosticKind::kSyntax, at, at + character.size,
           "`" + std::string(text_.substr(at, character.size)) + "` has no meaning outside texts",
           "not a character of the language", {help});
  }

  void CheckControls(size_t begin, size_t end) {
    for (size_t at = begin; at < end; ++at) {
      const auto byte = static_cast<unsigned char>(text_[at]);
      if ((byte >= 0x20 && byte != 0x7F) || byte == '\t') continue;
      Report(DiagnosticKind::kBadEncoding, at, at + 1, "the text has a control character",
             "control character here", {"remove it"});
      return;
    }
  }

  void Report(DiagnosticKind kind, size_t begin, size_t end, std::string message, std::string label,
              std::vector<std::string> help) {
    findings_.Add({kind,
                   std::move(message),
                   {file_, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)},
                   std::move(label),
                   {},
                   std::move(help),
                   {}});
    scan_.broken = true;
    if (!scan_.chunks.empty()) scan_.chunks.back().broken = true;
  }

  const uint32_t file_;
  const std::string_view text_;
  Diagnostics& findings_;
  Scan scan_;
  bool blank_before_ = false;
};

}  // namespace

Scan ScanFile(uint32_t file, std::string_view text, Diagnostics& findings) {
  if (text.size() > kMaxFileBytes) {
    findings.Add({DiagnosticKind::kFileTooLarge,
                  "the file has " + std::to_string(text.size()) + " bytes, and may have " +
                      std::to_string(kMaxFileBytes),
                  {file, 0, 0},
                  "in this file",
                  {},
                  {"split the policy into files that import each other"},
                  {}});
    return {{}, {}, true};
  }
  for (size_t at = 0; at < text.size();) {
    const auto character = Decode(text.substr(at));
    if (!character.has_value()) {
      const auto place = static_cast<uint32_t>(at);
      findings.Add({DiagnosticKind::kBadEncoding,
                    "the file is not UTF-8",
                    {file, place, place + 1},
                    "this byte is not part of a character",
                    {},
                    {"save the file as UTF-8"},
                    {}});
      return {{}, {}, true};
    }
    at += character->size;
  }
  return Scanner(file, text, findings).Run();
}

}  // namespace portvakt::dsl
