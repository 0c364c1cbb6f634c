// The row of tokens that the formatter fills.
#include "dsl/format_tokens.h"

#include <utility>

#include "dsl/words.h"

namespace portvakt::dsl {

void TokenRow::Break(size_t indent, size_t wrap_indent) {
  breaks_ = true;
  indent_ = indent;
  wrap_indent_ = wrap_indent;
  column_ = 0;
}

void TokenRow::Line(size_t indent, std::string text, uint32_t place, size_t wrap_indent) {
  Break(indent, wrap_indent);
  Put(std::move(text), place);
}

void TokenRow::Put(std::string text, uint32_t place, size_t spaces) {
  column_ += (breaks_ ? indent_ : spaces) + CharacterCount(text);
  LayoutToken token;
  token.text = std::move(text);
  token.place = place;
  token.spaces = spaces;
  token.breaks = breaks_;
  token.indent = breaks_ ? indent_ : wrap_indent_;
  token.comment_indent = token.indent;
  breaks_ = false;
  tokens_.push_back(std::move(token));
}

void TokenRow::Glue(std::string text, uint32_t place, size_t spaces) {
  Put(std::move(text), place, spaces);
  tokens_.back().glued = true;
}

void TokenRow::PutName(const Name& name, std::string_view before) {
  if (!before.empty()) Put(std::string(before), name.span.begin);
  Put(Spell(name), name.span.begin);
}

void TokenRow::PutNames(const std::vector<Name>& names) {
  for (size_t i = 0; i < names.size(); ++i) {
    Put(Spell(names[i]) + (i + 1 < names.size() ? "," : ""), names[i].span.begin);
  }
}

void TokenRow::PutText(const Text& text) { Put(Quote(text.text), text.span.begin); }

}  // namespace portvakt::dsl
