// A finding as people read it in a terminal:
//
//   error[PV0202]: no name `usr` in this rule
//     --> policies/byra/byra.vakt:14:9
//      |
//   14 |     if  usr.home is tenant
//      |         ^^^ not known here
//      |
//      = help: did you mean `user`?
//
// The place to mend is marked with ^, other places with -. Lines of one file stand in order, with
// `...` for those left out; a place in another file follows after `:::`.
#include "dsl/render.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/display.h"
#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

// Columns of source shown of one line; a longer one is cut around its marks.
constexpr size_t kMaxColumns = 100;
// Columns before the first mark that a cut line keeps.
constexpr size_t kColumnsBefore = 12;
// Bytes of one line that are looked at around its first mark: more than any window can show.
constexpr size_t kMaxLineBytes = 2048;
// Bytes of a message, label or help text that are shown: names in it may be of any length.
constexpr size_t kMaxMessageBytes = 1000;
constexpr std::string_view kCut = "...";

enum class Style { kPlain, kBold, kError, kWarning, kQuiet };

std::string_view AnsiCode(Style style) {
  switch (style) {
    case Style::kPlain: return "";
    case Style::kBold: return "\x1b[1m";
    case Style::kError: return "\x1b[1;31m";
    case Style::kWarning: return "\x1b[1;33m";
    case Style::kQuiet: return "\x1b[1;34m";
  }
  return "";
}

std::string Shown(std::string_view text) {
  if (text.size() <= kMaxMessageBytes) return Printable(text);
  size_t end = kMaxMessageBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  return Printable(text.substr(0, end)) + std::string(kCut);
}

// Output that knows its column, so that rows can be filled from left to right.
class Pen {
 public:
  explicit Pen(bool color) : color_(color) {}

  void Put(std::string_view text, Style style = Style::kPlain) {
    column_ += text.size();
    const bool painted = color_ && style != Style::kPlain && !text.empty();
    if (painted) text_ += AnsiCode(style);
    text_ += text;
    if (painted) text_ += "\x1b[0m";
  }
  // Blanks up to a column of the row that began at StartRow.
  void PadTo(size_t column) {
    if (column > column_) Put(std::string(column - column_, ' '));
  }
  void StartRow() { column_ = 0; }
  void EndLine() {
    while (text_.ends_with(' ')) text_.pop_back();
    text_ += '\n';
  }
  std::string Take() { return std::move(text_); }

 private:
  bool color_;
  size_t column_ = 0;
  std::string text_;
};

struct Annotation {
  Span span;
  std::string text;
  bool primary = false;
  // Columns of the row as shown, once the line has been laid out.
  size_t begin = 0;
  size_t end = 0;
};

// The part of a source line that is shown, and its annotations in columns of that part.
struct Row {
  std::string text;
  std::vector<Annotation> annotations;
};

// Bytes [begin, end) of a line that are worth measuring: around the first mark when it is huge.
std::pair<size_t, size_t> NearBytes(std::string_view line, size_t first_mark) {
  if (line.size() <= kMaxLineBytes) return {0, line.size()};
  const auto inside = [&](size_t at) {
    return at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0u) == 0x80u;
  };
  size_t begin = first_mark > kMaxLineBytes / 4 ? first_mark - kMaxLineBytes / 4 : 0;
  size_t end = std::min(begin + kMaxLineBytes, line.size());
  for (int step = 0; step < 3 && inside(begin); ++step) ++begin;
  for (int step = 0; step < 3 && inside(end); ++step) ++end;
  return {begin, end};
}

// First column shown of a line that is too wide: all marks if they fit, else the one to mend.
size_t WindowBegin(const std::vector<Annotation>& annotations) {
  size_t low = annotations.front().begin;
  size_t high = 0;
  size_t focus = low;
  for (const Annotation& annotation : annotations) {
    low = std::min(low, annotation.begin);
    high = std::max(high, std::min(annotation.end, annotation.begin + kMaxColumns / 2));
    if (annotation.primary) focus = annotation.begin;
  }
  if (high <= kMaxColumns) return 0;
  if (high - low + kColumnsBefore <= kMaxColumns) focus = low;
  return focus > kColumnsBefore ? focus - kColumnsBefore : 0;
}

Row LayOut(const SourceSet& sources, std::vector<Annotation> annotations) {
  const Span& any = annotations.front().span;
  const std::string_view line = sources.Line(any.file, any.begin);
  const std::string_view text = sources.file(any.file).text;
  const auto line_begin = static_cast<size_t>(line.data() - text.data());
  const auto in_line = [&](size_t offset) {
    return std::clamp(offset, line_begin, line_begin + line.size()) - line_begin;
  };
  size_t first_mark = line.size();
  for (const Annotation& annotation : annotations) {
    first_mark = std::min(first_mark, in_line(annotation.span.begin));
  }
  const auto [near_begin, near_end] = NearBytes(line, first_mark);
  const std::vector<Glyph> glyphs = Display(line.substr(near_begin, near_end - near_begin));
  const size_t width = glyphs.empty() ? 0 : glyphs.back().column + glyphs.back().width;

  // Named anew in the capture: clang 14 cannot capture a structured binding.
  const auto column_of = [&, first_byte = near_begin](size_t byte) {
    const size_t near_byte = std::max(byte, first_byte) - first_byte;
    const auto glyph = std::partition_point(
        glyphs.begin(), glyphs.end(), [&](const Glyph& other) { return other.byte < near_byte; });
    return glyph == glyphs.end() ? width : glyph->column;
  };
  for (Annotation& annotation : annotations) {
    annotation.begin = column_of(in_line(annotation.span.begin));
    annotation.end = column_of(in_line(annotation.span.end));
  }

  const bool too_wide = width > kMaxColumns;
  const size_t window_begin = too_wide ? WindowBegin(annotations) : 0;
  const bool cut_left = window_begin > 0 || near_begin > 0;
  const bool cut_right = width > window_begin + kMaxColumns || near_end < line.size();
  Row row;
  if (cut_left) row.text = kCut;
  for (const Glyph& glyph : glyphs) {
    if (glyph.column < window_begin) continue;
    if (glyph.column + glyph.width > window_begin + kMaxColumns) break;
    row.text += glyph.shown;
  }
  if (cut_right) row.text += kCut;
  const size_t left = cut_left ? kCut.size() : 0;
  const size_t window_end = window_begin + kMaxColumns;
  const auto shift = [&](size_t column) {
    return std::clamp(column, window_begin, window_end) - window_begin + left;
  };
  for (Annotation& annotation : annotations) {
    const bool is_left = cut_left && annotation.end <= window_begin;
    const bool is_right = cut_right && annotation.begin >= window_end;
    annotation.begin = is_left ? 0 : shift(annotation.begin);
    annotation.end = shift(annotation.end);
    // What lies outside marks the dots; what has no width (an end of text) still gets one mark.
    if (is_left || is_right) annotation.end = annotation.begin + kCut.size();
    annotation.end = std::max(annotation.end, annotation.begin + 1);
  }
  row.annotations = std::move(annotations);
  return row;
}

class Renderer {
 public:
  Renderer(const Notice& notice, const SourceSet& sources, const RenderOptions& options)
      : notice_(notice), sources_(sources), pen_(options.color) {}

  std::string Run() {
    Header();
    const bool has_place = notice_.span.file < sources_.size();
    if (has_place) {
      CollectAnnotations();
      for (size_t index = 0; index < file_order_.size(); ++index) {
        FileBlock(file_order_[index], index == 0);
      }
    }
    Help(has_place);
    return pen_.Take();
  }

 private:
  using Lines = std::map<uint32_t, std::vector<Annotation>>;  // by line number

  Style severity_style() const {
    return notice_.severity == Severity::kError ? Style::kError : Style::kWarning;
  }

  void Header() {
    const bool is_error = notice_.severity == Severity::kError;
    const std::string code = notice_.code.empty() ? "" : "[" + notice_.code + "]";
    pen_.Put((is_error ? "error" : "warning") + code, severity_style());
    pen_.Put(": " + Shown(notice_.message), Style::kBold);
    pen_.EndLine();
  }

  void CollectAnnotations() {
    const auto add = [&](const Span& span, const std::string& text, bool primary) {
      if (span.file >= sources_.size()) return;
      const uint32_t line = sources_.Locate(span.file, span.begin).line;
      if (!lines_.contains(span.file)) file_order_.push_back(span.file);
      lines_[span.file][line].push_back({span, text, primary});
      gutter_ = std::max(gutter_, std::to_string(line).size());
    };
    add(notice_.span, notice_.label, true);
    for (const Label& label : notice_.related) add(label.span, label.text, false);
  }

  // A row of the gutter: the line's number or nothing, then the rule.
  void Gutter(const std::string& number, std::string_view rule) {
    pen_.Put(std::string(gutter_ - number.size(), ' ') + number + " " + std::string(rule),
             Style::kQuiet);
  }

  void FileBlock(uint32_t file, bool first) {
    const Lines& lines = lines_.at(file);
    const Span& place = first ? notice_.span : lines.begin()->second.front().span;
    pen_.Put(std::string(gutter_, ' ') + (first ? "--> " : "::: "), Style::kQuiet);
    pen_.Put(Printable(sources_.Place(place)));
    pen_.EndLine();
    // A file that was not read has no text to show.
    if (sources_.file(file).text.empty()) return;
    Gutter("", "|");
    pen_.EndLine();
    uint32_t previous = 0;
    for (const auto& [number, annotations] : lines) {
      if (previous != 0 && number > previous + 1) {
        pen_.Put(kCut, Style::kQuiet);
        pen_.EndLine();
      }
      previous = number;
      SourceLine(number, annotations);
    }
    const bool last = file == file_order_.back();
    if (last && notice_.help.empty() && notice_.suggestions.empty()) return;
    Gutter("", "|");
    pen_.EndLine();
  }

  void SourceLine(uint32_t number, const std::vector<Annotation>& annotations) {
    Row row = LayOut(sources_, annotations);
    Gutter(std::to_string(number), "| ");
    pen_.Put(row.text);
    pen_.EndLine();
    // Marks that overlap stand in rows of their own; the one to mend comes first.
    std::stable_sort(row.annotations.begin(), row.annotations.end(),
                     [](const Annotation& left, const Annotation& right) {
                       return left.primary > right.primary;
                     });
    std::vector<std::vector<Annotation>> mark_rows;
    for (const Annotation& annotation : row.annotations) {
      const auto fits = [&](const std::vector<Annotation>& others) {
        return std::none_of(others.begin(), others.end(), [&](const Annotation& other) {
          return annotation.begin < other.end && other.begin < annotation.end;
        });
      };
      const auto free = std::find_if(mark_rows.begin(), mark_rows.end(), fits);
      if (free == mark_rows.end()) {
        mark_rows.push_back({annotation});
      } else {
        free->push_back(annotation);
      }
    }
    for (std::vector<Annotation>& marks : mark_rows) {
      std::sort(marks.begin(), marks.end(), [](const Annotation& left, const Annotation& right) {
        return left.begin < right.begin;
      });
      MarkRow(marks);
    }
  }

  Style StyleOf(const Annotation& annotation) const {
    return annotation.primary ? severity_style() : Style::kQuiet;
  }

  void StartMarks() {
    Gutter("", "| ");
    pen_.StartRow();
  }

  // The marks, the last one's text behind it, the others' texts below, hung from right to left.
  void MarkRow(const std::vector<Annotation>& marks) {
    StartMarks();
    for (const Annotation& mark : marks) {
      pen_.PadTo(mark.begin);
      pen_.Put(std::string(mark.end - mark.begin, mark.primary ? '^' : '-'), StyleOf(mark));
    }
    if (!marks.back().text.empty()) pen_.Put(" " + Shown(marks.back().text), StyleOf(marks.back()));
    pen_.EndLine();

    std::vector<Annotation> hanging;
    for (size_t index = 0; index + 1 < marks.size(); ++index) {
      if (!marks[index].text.empty()) hanging.push_back(marks[index]);
    }
    if (hanging.empty()) return;
    Hangers(hanging, hanging.size());
    pen_.EndLine();
    for (size_t index = hanging.size(); index-- > 0;) {
      Hangers(hanging, index);
      pen_.PadTo(hanging[index].begin);
      pen_.Put(Shown(hanging[index].text), StyleOf(hanging[index]));
      pen_.EndLine();
    }
  }

  // The strokes that lead down from the first `count` marks.
  void Hangers(const std::vector<Annotation>& hanging, size_t count) {
    StartMarks();
    for (size_t index = 0; index < count; ++index) {
      pen_.PadTo(hanging[index].begin);
      pen_.Put("|", StyleOf(hanging[index]));
    }
  }

  void Help(bool has_place) {
    const auto put = [&](const std::string& text) {
      if (has_place) {
        Gutter("", "= ");
      } else {
        pen_.Put("= ", Style::kQuiet);
      }
      pen_.Put("help", Style::kBold);
      pen_.Put(": " + Shown(text));
      pen_.EndLine();
    };
    if (!notice_.suggestions.empty()) put(DidYouMean());
    for (const std::string& help : notice_.help) put(help);
  }

  std::string DidYouMean() const {
    const std::vector<std::string>& names = notice_.suggestions;
    std::string text = "did you mean ";
    for (size_t index = 0; index < names.size(); ++index) {
      if (index > 0) text += index + 1 == names.size() ? " or " : ", ";
      text += "`" + names[index] + "`";
    }
    return text + "?";
  }

  const Notice& notice_;
  const SourceSet& sources_;
  Pen pen_;
  std::map<uint32_t, Lines> lines_;   // by file
  std::vector<uint32_t> file_order_;  // the file to mend first
  size_t gutter_ = 1;                 // digits of the greatest line number
};

}  // namespace

std::string Render(const Notice& notice, const SourceSet& sources, const RenderOptions& options) {
  return Renderer(notice, sources, options).Run();
}

std::string Render(const Diagnostic& diagnostic, const SourceSet& sources,
                   const RenderOptions& options) {
  const Notice notice{.severity = diagnostic.severity(),
                      .code = std::string(InfoOf(diagnostic.kind).code),
                      .message = diagnostic.message,
                      .span = diagnostic.span,
                      .label = diagnostic.label,
                      .related = diagnostic.related,
                      .help = diagnostic.help,
                      .suggestions = diagnostic.suggestions};
  return Render(notice, sources, options);
}

}  // namespace portvakt::dsl
