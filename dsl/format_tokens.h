// Collects layout tokens for the formatter: keeps the column that the author of a layout rule
// needs in order to decide whether something still fits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dsl/format_lines.h"
#include "dsl/tree.h"

namespace portvakt::dsl {

class TokenRow {
 public:
  // The next token begins a line at `indent`; later ones that must wrap go to `wrap_indent`.
  void Break(size_t indent, size_t wrap_indent);
  // Break, and the token.
  void Line(size_t indent, std::string text, uint32_t place, size_t wrap_indent);
  void Put(std::string text, uint32_t place = 0, size_t spaces = 1);
  // Belongs to the token before it: `,` `:` `)`.
  void Glue(std::string text, uint32_t place = 0, size_t spaces = 0);

  void PutName(const Name& name, std::string_view before = {});
  void PutNames(const std::vector<Name>& names);
  void PutText(const Text& text);

  // The column behind the last token, as if nothing had wrapped and there were no comments.
  size_t column() const { return column_; }
  bool breaking() const { return breaks_; }
  std::vector<LayoutToken>& tokens() { return tokens_; }

 private:
  std::vector<LayoutToken> tokens_;
  size_t column_ = 0;
  size_t wrap_indent_ = 0;
  bool breaks_ = false;
  size_t indent_ = 0;
};

// format_conditions.cpp: `keyword item`, top-level `and` and `or` one a line under the keyword.
void LayConditionLines(TokenRow& row, const Tree& tree, std::string_view keyword, ItemId id,
                       size_t indent);
// One item on the line that has begun. Its `else` begins at `else_column` if that lies further on.
void LayItem(TokenRow& row, const Tree& tree, ItemId id, size_t indent, size_t else_column = 0);
void LayParts(TokenRow& row, const std::vector<Part>& parts);
void LayBinder(TokenRow& row, const Binder& binder);
void LayBinders(TokenRow& row, const std::vector<Binder>& binders);

}  // namespace portvakt::dsl
