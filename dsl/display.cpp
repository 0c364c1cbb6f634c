// Characters made safe and measured, one by one.
#include "dsl/display.h"

#include <array>
#include <cstdio>

namespace portvakt::dsl {
namespace {

constexpr size_t kTabWidth = 4;
constexpr char32_t kInvalid = 0xffffffff;

struct Decoded {
  char32_t letter = kInvalid;  // kInvalid: the byte is not part of well-formed UTF-8
  size_t length = 1;           // bytes
};

Decoded Decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || length > text.size()) return {};
  char32_t letter = lead & (0x7Fu >> length);
  for (size_t next = 1; next < length; ++next) {
    const auto byte = static_cast<unsigned char>(text[next]);
    if ((byte & 0xC0u) != 0x80u) return {};
    letter = (letter << 6) | (byte & 0x3Fu);
  }
  // Overlong forms and surrogates.
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (letter < kLeast[length] || letter > 0x10FFFF || (letter >= 0xD800 && letter <= 0xDFFF)) {
    return {};
  }
  return {letter, length};
}

struct Range {
  char32_t first;
  char32_t last;
};

template <size_t kSize>
bool In(const std::array<Range, kSize>& ranges, char32_t letter) {
  for (const Range& range : ranges) {
    if (letter >= range.first && letter <= range.last) return true;
  }
  return false;
}

// Controls, marks of direction (which can make text read otherwise than it is), spaces without
// width, line separators, tags.
constexpr std::array<Range, 9> kNotShown = {{{0x00, 0x1F},
                                             {0x7F, 0x9F},
                                             {0xAD, 0xAD},
                                             {0x61C, 0x61C},
                                             {0x200B, 0x200F},
                                             {0x2028, 0x202E},
                                             {0x2060, 0x206F},
                                             {0xFEFF, 0xFEFF},
                                             {0xE0000, 0xE007F}}};

// Accents that stand on the letter before them.
constexpr std::array<Range, 4> kNoWidth = {
    {{0x300, 0x36F}, {0x1AB0, 0x1AFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};

// East Asian and pictorial characters, which terminals draw over two columns.
constexpr std::array<Range, 8> kTwoColumns = {{{0x1100, 0x115F},
                                               {0x2E80, 0xA4CF},
                                               {0xAC00, 0xD7A3},
                                               {0xF900, 0xFAFF},
                                               {0xFE30, 0xFE6F},
                                               {0xFF00, 0xFF60},
                                               {0x1F300, 0x1FAFF},
                                               {0x20000, 0x3FFFD}}};

std::string Escape(const char* format, char32_t value) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, static_cast<unsigned>(value));
  return buffer.data();
}

}  // namespace

std::vector<Glyph> Display(std::string_view line) {
  std::vector<Glyph> glyphs;
  size_t column = 0;
  for (size_t at = 0; at < line.size();) {
    const Decoded decoded = Decode(line.substr(at));
    Glyph glyph{at, column, 1, {}};
    if (decoded.letter == kInvalid) {
      glyph.shown = Escape("\\x%02X", static_cast<unsigned char>(line[at]));
      glyph.width = glyph.shown.size();
    } else if (decoded.letter == U'\t') {
      glyph.shown.assign(kTabWidth, ' ');
      glyph.width = kTabWidth;
    } else if (In(kNotShown, decoded.letter)) {
      glyph.shown = Escape("\\u{%X}", decoded.letter);
      glyph.width = glyph.shown.size();
    } else {
      glyph.shown = line.substr(at, decoded.length);
      if (In(kNoWidth, decoded.letter)) glyph.width = 0;
      if (In(kTwoColumns, decoded.letter)) glyph.width = 2;
    }
    column += glyph.width;
    at += decoded.length;
    glyphs.push_back(std::move(glyph));
  }
  return glyphs;
}

std::string Printable(std::string_view text) {
  std::string shown;
  for (const Glyph& glyph : Display(text)) shown += glyph.shown;
  return shown;
}

}  // namespace portvakt::dsl
