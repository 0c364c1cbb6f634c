// Layout of conditions: on one line where they fit, else brackets open over indented lines.
#include <algorithm>
#include <string>

#include "dsl/format_tokens.h"
#include "dsl/words.h"

namespace portvakt::dsl {
namespace {

// Further in than a bracket's own line: its `and` lines, whose items stand one word further in.
constexpr size_t kStep = 4;

const char* JointOf(const Item& item) { return item.kind == Item::Kind::kAnd ? "and" : "or"; }

bool IsJoint(const Item& item) {
  return item.kind == Item::Kind::kAnd || item.kind == Item::Kind::kOr;
}

std::string Padded(std::string_view word, size_t width) {
  std::string text(word);
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

void LayElse(TokenRow& row, const ElseClause& clause, size_t spaces = 2) {
  row.Put("else", clause.span.begin, spaces);
  row.PutName(clause.code);
  if (clause.sentence.has_value()) row.PutText(*clause.sentence);
}

void LayPrefix(TokenRow& row, const Item& item) {
  const uint32_t place = item.bracketed ? 0 : item.span.begin;
  if (item.kind == Item::Kind::kNot) {
    row.Put("not", place);
    return;
  }
  row.Put("some", place);
  LayBinders(row, item.binders);
  row.Glue(":");
}

// On one line, whatever its width, and without its `else`. Bounded recursion, as all here:
// kMaxNesting.
void LayFlat(TokenRow& row, const Tree& tree, const Item& item) {
  const auto lay_child = [&](ItemId id) {
    const Item& child = tree.items[id];
    LayFlat(row, tree, child);
    if (child.else_clause.has_value()) LayElse(row, *child.else_clause);
  };
  if (item.bracketed) row.Put("(", item.span.begin);
  if (item.kind == Item::Kind::kSentence) {
    LayParts(row, item.parts);
  } else if (IsJoint(item)) {
    for (const ItemId child : item.children) {
      if (child != item.children.front()) row.Put(JointOf(item), tree.items[child].span.begin);
      lay_child(child);
    }
  } else {
    LayPrefix(row, item);
    lay_child(item.children.front());
  }
  if (item.bracketed) row.Glue(")", item.span.end - 1, 1);
}

size_t FlatWidth(const Tree& tree, const Item& item) {
  TokenRow row;
  LayFlat(row, tree, item);
  return row.column();
}

size_t ElseWidth(const ElseClause& clause) {
  TokenRow row;
  LayElse(row, clause);
  return row.column();
}

// Where the `else` clauses of lines that begin at `column` stand under each other; 0 when that
// would push one over the edge.
size_t ElseColumn(const Tree& tree, const std::vector<ItemId>& items, size_t column) {
  size_t end = 0;
  size_t widest = 0;
  for (const ItemId id : items) {
    const Item& item = tree.items[id];
    if (!item.else_clause.has_value()) continue;
    const size_t item_end = column + FlatWidth(tree, item);
    const size_t else_width = ElseWidth(*item.else_clause);
    if (item_end + else_width > kLineWidth) continue;
    end = std::max(end, item_end);
    widest = std::max(widest, else_width);
  }
  return end + widest > kLineWidth ? 0 : end + 2;
}

// Over several lines: the items of a bracketed `and` or `or` one a line, `)` behind the last.
void LayBroken(TokenRow& row, const Tree& tree, const Item& item, size_t indent) {
  if (item.bracketed) row.Put("(", item.span.begin);
  if (item.kind == Item::Kind::kSentence) {
    LayParts(row, item.parts);
  } else if (IsJoint(item)) {
    const size_t joint_at = indent + kStep;
    const size_t item_at = joint_at + kStep;
    for (const ItemId child : item.children) {
      if (child == item.children.front()) {
        row.Break(item_at, item_at + kStep);
      } else {
        row.Line(joint_at, Padded(JointOf(item), 3), tree.items[child].span.begin, item_at + kStep);
      }
      LayItem(row, tree, child, item_at);
    }
  } else {
    LayPrefix(row, item);
    LayItem(row, tree, item.children.front(), indent);
  }
  if (item.bracketed) row.Glue(")", item.span.end - 1, 1);
}

}  // namespace

void LayBinder(TokenRow& row, const Binder& binder) {
  row.PutName(binder.type);
  if (binder.as.has_value()) row.PutName(*binder.as, "as");
}

void LayBinders(TokenRow& row, const std::vector<Binder>& binders) {
  for (size_t i = 0; i < binders.size(); ++i) {
    LayBinder(row, binders[i]);
    if (i + 1 < binders.size()) row.Glue(",");
  }
}

void LayParts(TokenRow& row, const std::vector<Part>& parts) {
  for (const Part& part : parts) {
    switch (part.kind) {
      case Part::Kind::kName: row.Put(Spell(part.text, part.quoted), part.span.begin); break;
      case Part::Kind::kString: row.Put(Quote(part.text), part.span.begin); break;
      case Part::Kind::kNumber: row.Put(part.text, part.span.begin); break;
      case Part::Kind::kMinus: row.Put("-", part.span.begin); break;
      case Part::Kind::kList:
        row.Put("{", part.span.begin);
        for (const Part& element : part.list) {
          LayParts(row, {element});
          if (&element != &part.list.back()) row.Glue(",");
        }
        row.Glue("}", part.span.end - 1, 1);
        break;
    }
  }
}

void LayItem(TokenRow& row, const Tree& tree, ItemId id, size_t indent, size_t else_column) {
  const Item& item = tree.items[id];
  if (row.column() + FlatWidth(tree, item) > kLineWidth) {
    LayBroken(row, tree, item, indent);
  } else {
    LayFlat(row, tree, item);
  }
  if (!item.else_clause.has_value()) return;
  if (row.column() + ElseWidth(*item.else_clause) > kLineWidth) {
    row.Break(indent + 2 * kStep, indent + 3 * kStep);
  }
  const size_t spaces = else_column > row.column() + 2 ? else_column - row.column() : 2;
  LayElse(row, *item.else_clause, row.breaking() ? 2 : spaces);
}

void LayConditionLines(TokenRow& row, const Tree& tree, std::string_view keyword, ItemId id,
                       size_t indent) {
  const Item& item = tree.items[id];
  const size_t width = std::max<size_t>(keyword.size(), 3);
  const size_t wrap = indent + width + 1 + kStep;
  row.Line(indent, Padded(keyword, width), item.span.begin, wrap);
  if (!IsJoint(item) || item.bracketed) {
    LayItem(row, tree, id, indent);
    return;
  }
  const size_t else_column = ElseColumn(tree, item.children, indent + width);
  for (const ItemId child : item.children) {
    if (child != item.children.front()) {
      row.Line(indent, Padded(JointOf(item), width), tree.items[child].span.begin, wrap);
    }
    LayItem(row, tree, child, indent, else_column);
  }
}

}  // namespace portvakt::dsl
