// Greedy filling of lines, with comments in between.
#include "dsl/format_lines.h"

namespace portvakt::dsl {
namespace {

class LinePrinter {
 public:
  LinePrinter(const std::vector<Comment>& comments, std::string_view text)
      : comments_(comments), text_(text) {}

  void Print(const LayoutToken& token) {
    if (token.breaks) must_break_ = column_ > 0;
    PrintCommentsBefore(token);
    const size_t width = CharacterCount(token.text);
    const bool too_wide = !token.glued && column_ + token.spaces + width > kLineWidth;
    if (must_break_ || (column_ > 0 && too_wide)) EndLine();
    if (token.blank_before && !out_.empty()) BlankLine();
    if (column_ == 0) {
      Fill(token.indent);
    } else {
      Fill(token.spaces);
    }
    out_ += token.text;
    column_ += width;
  }

  std::string Finish() {
    while (next_ < comments_.size()) PrintComment(0, true);
    if (column_ > 0) EndLine();
    return std::move(out_);
  }

 private:
  void PrintCommentsBefore(const LayoutToken& token) {
    while (next_ < comments_.size() && comments_[next_].span.begin < token.place) {
      PrintComment(token.comment_indent, token.breaks && token.comment_indent == 0);
    }
  }

  void PrintComment(size_t indent, bool between_declarations) {
    const Comment& comment = comments_[next_++];
    std::string_view words =
        text_.substr(comment.span.begin, comment.span.end - comment.span.begin);
    while (!words.empty() && (words.back() == ' ' || words.back() == '\t')) words.remove_suffix(1);
    if (!comment.own_line && column_ > 0 && !has_comment_) {
      out_ += "  ";
    } else {
      if (column_ > 0) EndLine();
      if (between_declarations && comment.blank_before && !out_.empty()) BlankLine();
      Fill(indent);
    }
    out_ += words;
    column_ += 1;
    has_comment_ = true;
    must_break_ = true;
  }

  void Fill(size_t spaces) {
    out_.append(spaces, ' ');
    column_ += spaces;
  }

  void EndLine() {
    out_ += '\n';
    column_ = 0;
    has_comment_ = false;
    must_break_ = false;
  }

  void BlankLine() {
    if (out_.size() >= 2 && out_[out_.size() - 2] == '\n') return;
    out_ += '\n';
  }

  const std::vector<Comment>& comments_;
  const std::string_view text_;
  size_t next_ = 0;
  std::string out_;
  size_t column_ = 0;
  bool has_comment_ = false;
  bool must_break_ = false;
};

}  // namespace

size_t CharacterCount(std::string_view text) {
  size_t count = 0;
  for (const char byte : text) {
    if ((static_cast<unsigned char>(byte) & 0xC0) != 0x80) ++count;
  }
  return count;
}

std::string PrintLines(const std::vector<LayoutToken>& tokens, const std::vector<Comment>& comments,
                       std::string_view text) {
  LinePrinter printer(comments, text);
  for (const LayoutToken& token : tokens) printer.Print(token);
  return printer.Finish();
}

}  // namespace portvakt::dsl
