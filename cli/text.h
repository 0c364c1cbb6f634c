// Texts as people see them: widths in characters, columns that line up, names of entities. Ids and
// values come from whoever may store them, so nothing of them may steer a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/decision.h"

namespace portvakt::cli {

// Characters, not bytes: ids and names may have Swedish letters.
size_t Width(std::string_view text);
// With blanks up to `width`.
std::string Padded(const std::string& text, size_t width);
// What its author wrote over several lines, on one.
std::string OneLine(std::string_view text);
// At most so many characters, the last three then dots.
std::string Shortened(const std::string& text, size_t width);
// With commas between.
std::string Join(const std::vector<std::string>& parts);

// `david`, or `user:david`; printable.
std::string Shown(const engine::EntityName& name, bool with_type);
// `bo, anna and others`; with types where they differ.
std::string NameList(const std::vector<engine::EntityName>& names, bool more);

// Cells in columns of one width, two blanks between, one row a line; the last column is not padded.
std::string Table(const std::vector<std::vector<std::string>>& rows);

}  // namespace portvakt::cli
