// Places in bytes from lines and columns, and the ends of scalars found again in the text.
#include "server/config_node.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/read_yaml.h"

namespace portvakt::server {
namespace {

// Bytes of a quoted scalar at the beginning of `text`, both quotes counted. In double quotes a
// backslash takes the next byte with it; in single ones two quotes are one.
size_t QuotedLength(std::string_view text) {
  const char quote = text.front();
  for (size_t at = 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 >= text.size() || text[at + 1] != quote) return at + 1;
      ++at;
    }
  }
  return 1;
}

size_t ScalarLength(std::string_view text, const std::string& value) {
  if (text.empty()) return 0;
  if (text.front() == '"' || text.front() == '\'') return QuotedLength(text);
  // A plain scalar over several lines is not what its text says; its first line is shown.
  if (text.starts_with(value)) return value.size();
  return std::min(text.find_first_of("\r\n"), text.size());
}

}  // namespace

ConfigText::ConfigText(std::string path, std::string text) : path_(std::move(path)) {
  sources_.Add(path_, std::move(text));
  const std::string& whole = sources_.file(0).text;
  line_starts_.push_back(0);
  for (size_t at = 0; at < whole.size(); ++at) {
    if (whole[at] == '\n') line_starts_.push_back(static_cast<uint32_t>(at + 1));
  }
  std::vector<engine::DataFinding> faults;
  engine::DataFindings sink(path_, faults);
  std::optional<ConfigNode> read = engine::ReadYaml(whole, sink);
  for (engine::DataFinding& fault : faults) {
    const uint32_t begin = OffsetOf({fault.line, fault.column});
    Add({.severity = dsl::Severity::kError,
         .code = "",
         .message = std::move(fault.message),
         .span = {0, begin, begin},
         .label = "",
         .related = {},
         .help = fault.help.empty() ? std::vector<std::string>{} : std::vector{fault.help},
         .suggestions = {}});
  }
  if (read) root_ = *std::move(read);
}

bool ConfigText::has_errors() const {
  return std::any_of(findings_.begin(), findings_.end(), [](const dsl::Notice& finding) {
    return finding.severity == dsl::Severity::kError;
  });
}

uint32_t ConfigText::OffsetOf(engine::DataPlace place) const {
  const size_t size = sources_.file(0).text.size();
  const size_t line = place.line == 0 ? 0 : place.line - 1;
  const size_t column = place.column == 0 ? 0 : place.column - 1;
  const size_t begin = line < line_starts_.size() ? line_starts_[line] : size;
  return static_cast<uint32_t>(std::min(begin + column, size));
}

dsl::Span ConfigText::SpanOf(const ConfigNode& node) const {
  if (node.kind == ConfigNode::Kind::kMap && !node.items.empty()) {
    const ConfigNode& first = node.items.front();
    if (first.place.line == node.place.line && first.place.column == node.place.column) {
      return SpanOf(first);
    }
  }
  const uint32_t begin = OffsetOf(node.place);
  const std::string_view rest = std::string_view(sources_.file(0).text).substr(begin);
  size_t length = 0;
  if (node.kind == ConfigNode::Kind::kScalar) {
    length = ScalarLength(rest, node.text);
  } else if (node.kind != ConfigNode::Kind::kNull && !rest.empty()) {
    length = 1;
  }
  return {0, begin, static_cast<uint32_t>(begin + length)};
}

void ConfigText::Sort() {
  std::stable_sort(findings_.begin(), findings_.end(),
                   [](const dsl::Notice& left, const dsl::Notice& right) {
                     return left.span.begin < right.span.begin;
                   });
}

}  // namespace portvakt::server
