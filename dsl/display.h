// Policy text as it may safely be shown: internal to rendering; others come in by Render() in
// dsl/dsl.h. Text is untrusted: nothing of it may steer a terminal or reorder what is read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace portvakt::dsl {

// One character of a source line and the columns that it takes on the screen.
struct Glyph {
  size_t byte = 0;    // where it begins in the line
  size_t column = 0;  // counted from 0
  size_t width = 0;
  std::string shown;
};

// Tabs become spaces; control, direction and invisible characters and broken UTF-8 become escapes
// that can be seen: `\u{202E}`, `\xFF`.
std::vector<Glyph> Display(std::string_view line);

// The same for a message or a name: one line of text without surprises.
std::string Printable(std::string_view text);

}  // namespace portvakt::dsl
