// Values of tokens and clauses, and the stacks behind conditions.
#include "dsl/tree_builder.h"

#include <algorithm>
#include <charconv>

#include "dsl/limits.h"

namespace portvakt::dsl {
namespace {

// The text between the quotation marks, escapes resolved (the scan has checked them).
std::string Unescape(std::string_view quoted) {
  std::string text;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] != '\\') {
      text += quoted[i];
      continue;
    }
    ++i;
    text += quoted[i] == 'n' ? '\n' : quoted[i];
  }
  return text;
}

std::string WithoutBackticks(std::string_view name) {
  std::string text;
  for (const char byte : name) {
    if (byte != '`') text += byte;
  }
  return text;
}

}  // namespace

bool TreeBuilder::Finish(uint32_t begin) {
  if (broken_) {
    Drop();
    return false;
  }
  tree_.declarations.push_back({std::move(value), {file_, begin, end_}});
  return true;
}

void TreeBuilder::Drop() { tree_.items.resize(items_before_); }

Span TreeBuilder::At(const char* begin, const char* end) const {
  return {file_, static_cast<uint32_t>(begin - text_.data()),
          static_cast<uint32_t>(end - text_.data())};
}

void TreeBuilder::Report(DiagnosticKind kind, std::string message, const Span& span,
                         std::string label, std::vector<std::string> help) {
  findings_.Add({kind, std::move(message), span, std::move(label), {}, std::move(help), {}});
  broken_ = true;
}

void TreeBuilder::Once(bool& was_seen, const Span& span, std::string_view clause) {
  if (was_seen) {
    Report(DiagnosticKind::kSyntax, "`" + std::string(clause) + "` stands twice in one declaration",
           Until(span), "the second one",
           {"list everything after one `" + std::string(clause) + "`"});
  }
  was_seen = true;
}

// ---- tokens ------------------------------------------------------------------------------------

void TreeBuilder::NameToken(const Span& span) {
  last = span;
  const std::string_view spelt = text_.substr(span.begin, span.end - span.begin);
  Name name{WithoutBackticks(spelt), span, spelt.front() == '`'};
  if (name.text.size() > kMaxNameBytes) {
    Report(DiagnosticKind::kNameTooLong,
           "a name has " + std::to_string(name.text.size()) + " bytes, and may have " +
               std::to_string(kMaxNameBytes),
           span, "too long", {"use a shorter name, and tell the rest in a title or a comment"});
  }
  names_.push_back(std::move(name));
}

void TreeBuilder::TextToken(const Span& span) {
  last = span;
  text_token_ = Text{Unescape(text_.substr(span.begin, span.end - span.begin)), span};
}

void TreeBuilder::NumberToken(const Span& span) {
  last = span;
  number_ = text_.substr(span.begin, span.end - span.begin);
}

Name TreeBuilder::TakeName() {
  if (names_.empty()) return {};
  Name name = std::move(names_.back());
  names_.pop_back();
  return name;
}

Text TreeBuilder::TakeRequiredText() {
  Text text = std::move(text_token_).value_or(Text{});
  text_token_.reset();
  return text;
}

uint64_t TreeBuilder::TakeInteger() {
  const std::string digits = TakeNumber();
  uint64_t number = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (result.ec != std::errc()) {
    Report(DiagnosticKind::kBadNumber, "the number is too large", last, "too large");
  }
  return number;
}

// ---- pieces ------------------------------------------------------------------------------------

void TreeBuilder::AddBinder(const Span& span) {
  Binder binder;
  if (names_.size() >= 2) binder.as = TakeName();
  binder.type = TakeName();
  binder.span = Until(span);
  binders_.push_back(std::move(binder));
}

Binder TreeBuilder::TakeBinder() {
  if (binders_.empty()) return {};
  Binder binder = std::move(binders_.back());
  binders_.pop_back();
  return binder;
}

void TreeBuilder::AddShapeElement() { shape.push_back({TakeName(), std::nullopt}); }

void TreeBuilder::AddPart(Part::Kind kind, const Span& span, std::string text, bool quoted) {
  last = span;
  parts_.push_back({kind, span, std::move(text), quoted, {}});
}

void TreeBuilder::AddNamePart() {
  Name name = TakeName();
  AddPart(Part::Kind::kName, name.span, std::move(name.text), name.quoted);
}

void TreeBuilder::AddTextPart() {
  Text text = TakeRequiredText();
  AddPart(Part::Kind::kString, text.span, std::move(text.text));
}

void TreeBuilder::AddNumberPart() { AddPart(Part::Kind::kNumber, last, TakeNumber()); }

void TreeBuilder::AddListElement(Part::Kind kind) {
  if (kind == Part::Kind::kName) {
    Name name = TakeName();
    list_.push_back({kind, name.span, std::move(name.text), name.quoted, {}});
  } else if (kind == Part::Kind::kString) {
    Text text = TakeRequiredText();
    list_.push_back({kind, text.span, std::move(text.text), false, {}});
  } else {
    list_.push_back({kind, last, TakeNumber(), false, {}});
  }
}

void TreeBuilder::EndList() {
  Part part;
  part.kind = Part::Kind::kList;
  part.span = Until(list_span_);
  part.list = std::exchange(list_, {});
  parts_.push_back(std::move(part));
}

Name TreeBuilder::WordName(const Span& span) const {
  const Span word = Until(span);
  return {std::string(text_.substr(word.begin, word.end - word.begin)), word, false};
}

void TreeBuilder::BeginPermission() {
  permission = {};
  title.reset();
  for (bool& clause : seen) clause = false;
}

void TreeBuilder::EndPermission(const Span& span) {
  permission.title = std::exchange(title, std::nullopt);
  permission.span = Until(span);
  permissions.push_back(std::exchange(permission, {}));
}

// ---- conditions --------------------------------------------------------------------------------

void TreeBuilder::Enter(uint32_t place) {
  if (++depth_ <= kMaxNesting) return;
  const auto end = static_cast<uint32_t>(text_.size());
  throw NestedTooDeep{{file_, std::min(place, end - 1), std::min(place + 1, end)}};
}

ItemId TreeBuilder::AddItem(Item item) {
  tree_.items.push_back(std::move(item));
  return static_cast<ItemId>(tree_.items.size() - 1);
}

ItemId TreeBuilder::TakeItem() {
  const ItemId item = items_.back();
  items_.pop_back();
  return item;
}

void TreeBuilder::EndSentence(const Span& span) {
  Item item;
  item.span = Until(span);
  item.parts = TakeParts();
  items_.push_back(AddItem(std::move(item)));
}

void TreeBuilder::EndNot(const Span& span) {
  Item item;
  item.kind = Item::Kind::kNot;
  item.span = Until(span);
  item.children = {TakeItem()};
  items_.push_back(AddItem(std::move(item)));
}

void TreeBuilder::EndSome(const Span& span) {
  Item item;
  item.kind = Item::Kind::kSome;
  item.span = Until(span);
  item.binders = std::move(some_binders_.back());
  some_binders_.pop_back();
  item.children = {TakeItem()};
  items_.push_back(AddItem(std::move(item)));
}

void TreeBuilder::EndGroup(const Span& span) {
  Item& item = tree_.items[items_.back()];
  item.bracketed = true;
  item.span = Until(span);
}

void TreeBuilder::EndElse(const Span& span) {
  Item& item = tree_.items[items_.back()];
  ElseClause clause;
  clause.sentence = TakeText();
  clause.code = TakeName();
  clause.span = Until(span);
  if (item.else_clause.has_value()) {
    Report(DiagnosticKind::kSyntax, "one item has two codes", clause.span, "the second code",
           {"leave one of them out; brackets around a single item add nothing"});
    return;
  }
  item.else_clause = std::move(clause);
}

void TreeBuilder::Joint(bool is_and, const Span& span) {
  Condition& condition = conditions_.back();
  std::optional<Span>& first = is_and ? condition.first_and : condition.first_or;
  if (!first.has_value()) first = span;
}

void TreeBuilder::EndItem() { conditions_.back().items.push_back(TakeItem()); }

void TreeBuilder::EndCondition(const Span& span) {
  const Condition condition = std::move(conditions_.back());
  conditions_.pop_back();
  if (condition.first_and.has_value() && condition.first_or.has_value()) {
    findings_.Add({DiagnosticKind::kMixedAndOr,
                   "`and` and `or` stand side by side without brackets",
                   *condition.first_or,
                   "`or` here",
                   {{*condition.first_and, "`and` here"}},
                   {"put brackets around what belongs together: `a and ( b or c )`"},
                   {}});
    broken_ = true;
  }
  if (condition.items.size() == 1) {
    items_.push_back(condition.items.front());
    return;
  }
  Item item;
  item.kind = condition.first_and.has_value() ? Item::Kind::kAnd : Item::Kind::kOr;
  item.span = Until(span);
  item.children = condition.items;
  items_.push_back(AddItem(std::move(item)));
}

}  // namespace portvakt::dsl
