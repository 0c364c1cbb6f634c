// Lines and columns of policy text, found by a table of line beginnings that is made once a file.
#include "dsl/source.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace portvakt::dsl {
namespace {

// A continuation byte of UTF-8 begins no character.
bool BeginsCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0u) != 0x80u; }

// Offset 0 and the offset after each line feed. A carriage return belongs to the break after it.
std::vector<uint32_t> LineStarts(std::string_view text) {
  std::vector<uint32_t> starts = {0};
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    starts.push_back(static_cast<uint32_t>(at + 1));
  }
  return starts;
}

}  // namespace

Span Cover(const Span& first, const Span& second) {
  assert(first.file == second.file);
  return {first.file, std::min(first.begin, second.begin), std::max(first.end, second.end)};
}

uint32_t SourceSet::Add(std::string name, std::string text) {
  line_starts_.push_back(LineStarts(text));
  files_.push_back({std::move(name), std::move(text)});
  return static_cast<uint32_t>(files_.size() - 1);
}

std::string_view SourceSet::Text(const Span& span) const {
  const std::string_view text = file(span.file).text;
  const size_t begin = std::min<size_t>(span.begin, text.size());
  const size_t end = std::clamp<size_t>(span.end, begin, text.size());
  return text.substr(begin, end - begin);
}

Position SourceSet::Locate(uint32_t file_number, uint32_t offset) const {
  const std::string_view text = file(file_number).text;
  const std::vector<uint32_t>& starts = line_starts_.at(file_number);
  const size_t end = std::min<size_t>(offset, text.size());
  const auto next = std::upper_bound(starts.begin(), starts.end(), static_cast<uint32_t>(end));
  const size_t line_start = *std::prev(next);
  const auto before = text.substr(line_start, end - line_start);
  const auto characters = std::count_if(before.begin(), before.end(), BeginsCharacter);
  return {static_cast<uint32_t>(next - starts.begin()), static_cast<uint32_t>(characters + 1)};
}

std::string_view SourceSet::Line(uint32_t file_number, uint32_t offset) const {
  const std::string_view text = file(file_number).text;
  const std::vector<uint32_t>& starts = line_starts_.at(file_number);
  const auto end = static_cast<uint32_t>(std::min<size_t>(offset, text.size()));
  const size_t line_start = *std::prev(std::upper_bound(starts.begin(), starts.end(), end));
  std::string_view line = text.substr(line_start);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string SourceSet::Place(const Span& span) const {
  const Position position = Locate(span.file, span.begin);
  return file(span.file).name + ":" + std::to_string(position.line) + ":" +
         std::to_string(position.column);
}

}  // namespace portvakt::dsl
