// Turns a row of tokens with layout wishes into lines, and puts every comment of the file back
// where it stood: on a line of its own before the same token, or behind the same token.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/tree.h"

namespace portvakt::dsl {

inline constexpr size_t kLineWidth = 100;  // characters

// Characters of UTF-8 text.
size_t CharacterCount(std::string_view text);

struct LayoutToken {
  std::string text;
  // Comments that begin before this byte of the file come before the token; 0: it stays with the
  // token before it. It must be the token's own beginning, or that of the next token with a place
  // of its own; else a comment would move again when the result is formatted.
  uint32_t place = 0;
  size_t spaces = 1;          // before it, within a line
  bool breaks = false;        // begins a line
  bool blank_before = false;  // an empty line comes first; declarations only
  bool glued = false;         // never begins a line because of its width
  size_t indent = 0;          // where its line begins, if it begins one
  size_t comment_indent = 0;
};

// Comments are in the order of the text.
std::string PrintLines(const std::vector<LayoutToken>& tokens, const std::vector<Comment>& comments,
                       std::string_view text);

}  // namespace portvakt::dsl
