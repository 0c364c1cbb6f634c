// Counting characters is skipping the continuation bytes of UTF-8.
#include "cli/text.h"

#include <algorithm>

#include "dsl/display.h"

namespace portvakt::cli {

namespace {

bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }

}  // namespace

size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), BeginsCharacter));
}

std::string Padded(const std::string& text, size_t width) {
  const size_t own = Width(text);
  return own < width ? text + std::string(width - own, ' ') : text;
}

std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) {
      line.push_back(c);
    } else if (!line.empty() && line.back() != ' ') {
      line.push_back(' ');
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

std::string Shortened(const std::string& text, size_t width) {
  if (Width(text) <= width) return text;
  size_t end = 0;
  for (size_t characters = 0; end < text.size(); ++end) {
    if (BeginsCharacter(text[end]) && characters++ == width - 3) break;
  }
  return text.substr(0, end) + "...";
}

std::string Join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string Shown(const engine::EntityName& name, bool with_type) {
  return dsl::Printable(with_type ? name.type + ":" + name.id : name.id);
}

std::string NameList(const std::vector<engine::EntityName>& names, bool more) {
  const bool one_type = std::all_of(names.begin(), names.end(), [&](const auto& name) {
    return name.type == names.front().type;
  });
  std::string text;
  for (const engine::EntityName& name : names) {
    text += (text.empty() ? "" : ", ") + Shown(name, !one_type);
  }
  return more ? text + " and others" : text;
}

std::string Table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += i + 1 < row.size() ? Padded(row[i], widths[i]) + "  " : row[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace portvakt::cli
