// The canonical form of a file: layout of declarations. Conditions are in format_conditions.cpp,
// filling of lines and comments in format_lines.cpp.
#include <algorithm>
#include <string>
#include <utility>

#include "dsl/dsl.h"
#include "dsl/format_tokens.h"
#include "dsl/words.h"

namespace portvakt::dsl {
namespace {

constexpr size_t kIndent = 4;
// Up to so many attributes stand on one line, if they fit.
constexpr size_t kAttributesOnOneLine = 2;

class Formatter {
 public:
  Formatter(const Tree& tree, std::string_view text) : tree_(tree), text_(text) {}

  std::string Run() {
    for (const Declaration& declaration : tree_.declarations) {
      begin_ = declaration.span.begin;
      end_ = declaration.span.end;
      const size_t first = row_.tokens().size();
      std::visit([this](const auto& each) { Lay(each); }, declaration.value);
      row_.tokens()[first].blank_before = BlankLineBefore(begin_);
    }
    return PrintLines(row_.tokens(), tree_.comments, text_);
  }

 private:
  bool BlankLineBefore(uint32_t offset) const {
    int line_breaks = 0;
    while (offset > 0) {
      const char byte = text_[--offset];
      if (byte == '\n') {
        ++line_breaks;
      } else if (byte != ' ' && byte != '\t' && byte != '\r') {
        break;
      }
    }
    return line_breaks >= 2;
  }

  void Begin(const std::string& word) { row_.Line(0, word, begin_, kIndent); }

  void Begin(const std::string& word, const Name& name, const std::optional<Text>& title) {
    Begin(word);
    row_.PutName(name);
    if (title.has_value()) row_.PutText(*title);
  }

  // ---- attributes ----------------------------------------------------------------------------

  void LayType(const AttributeType& type) {
    if (type.set_of) {
      row_.Put("set", type.span.begin);
      row_.Put("of");
    }
    if (type.kind == AttributeType::Kind::kNamed) {
      row_.PutName(type.name);
      return;
    }
    row_.Put("enum", type.set_of ? 0 : type.span.begin);
    row_.Put("{");
    for (const Name& label : type.labels) {
      if (&label != &type.labels.front() && type.ordered) row_.Put("<");
      row_.PutName(label);
      if (&label != &type.labels.back() && !type.ordered) row_.Glue(",");
    }
    row_.Glue("}", type.span.end - 1, 1);
  }

  void LayAttribute(const AttributeDecl& attribute, size_t name_width) {
    row_.PutName(attribute.name);
    const size_t width = CharacterCount(Spell(attribute.name));
    row_.Glue(":", 0, 1 + (name_width > width ? name_width - width : 0));
    LayType(attribute.type);
    if (attribute.optional) row_.Put("optional");
    if (attribute.from_request) {
      row_.Put("from");
      row_.Put("request");
    }
  }

  bool FitsOnOneLine(const std::vector<AttributeDecl>& attributes) {
    if (attributes.size() > kAttributesOnOneLine) return false;
    for (const Comment& comment : tree_.comments) {
      if (comment.span.begin > begin_ && comment.span.begin < end_) return false;
    }
    TokenRow outer = std::exchange(row_, TokenRow());
    for (const AttributeDecl& attribute : attributes) LayAttribute(attribute, 0);
    const size_t width = row_.column();
    row_ = std::move(outer);
    return row_.column() + width + std::string_view(" {, }").size() <= kLineWidth;
  }

  void LayAttributes(const std::vector<AttributeDecl>& attributes) {
    row_.Put("{");
    if (FitsOnOneLine(attributes)) {
      for (const AttributeDecl& attribute : attributes) {
        LayAttribute(attribute, 0);
        if (&attribute != &attributes.back()) row_.Glue(",");
      }
      row_.Put("}", end_ - 1);
      return;
    }
    size_t name_width = 0;
    for (const AttributeDecl& attribute : attributes) {
      name_width = std::max(name_width, CharacterCount(Spell(attribute.name)));
    }
    for (const AttributeDecl& attribute : attributes) {
      row_.Break(kIndent, 2 * kIndent);
      LayAttribute(attribute, name_width);
    }
    row_.Line(0, "}", end_ - 1, kIndent);
    row_.tokens().back().comment_indent = kIndent;
  }

  // ---- sets, permissions ---------------------------------------------------------------------

  // With the word before it; both stay behind the comments between them.
  void LaySet(std::string_view word, const SetExpression& set) {
    const Name& first = set.all_of.has_value() ? *set.all_of : set.items.front();
    row_.Put(std::string(word), first.span.begin);
    if (set.all_of.has_value()) {
      row_.PutName(*set.all_of, "all");
      if (!set.items.empty()) row_.Glue(",");
    }
    row_.PutNames(set.items);
    LayClause("only", set.only);
    LayClause("except", set.except);
  }

  void LayClause(std::string_view word, const std::vector<Name>& names) {
    if (names.empty()) return;
    // The word and its first name stay together when the line is filled.
    std::vector<Name> rest(names.begin() + 1, names.end());
    row_.Put(std::string(word) + " " + Spell(names.front()) + (rest.empty() ? "" : ","),
             names.front().span.begin);
    row_.PutNames(rest);
  }

  void LayPermission(const PermissionDecl& permission) {
    row_.PutNames(permission.names);
    if (permission.title.has_value()) row_.PutText(*permission.title);
    if (permission.preposition.has_value())
      LayClause(permission.preposition->text, permission.types);
    LayClause("includes", permission.includes);
    LayClause("requires", permission.requires_names);
  }

  // ---- rules ---------------------------------------------------------------------------------

  void LayShape(const Shape& shape) {
    for (const ShapeElement& element : shape) {
      row_.PutName(element.name);
      if (element.as.has_value()) row_.PutName(*element.as, "as");
    }
  }

  void LayBody(const Body& body) {
    if (body.if_item) LayConditionLines(row_, tree_, "if", *body.if_item, kIndent);
    if (body.unless_item) LayConditionLines(row_, tree_, "unless", *body.unless_item, kIndent);
  }

  // On the line that has begun.
  void LayActHead(const ActHead& act) {
    LayBinder(row_, act.subject);
    row_.Put("may");
    if (act.negated) row_.Put("not");
    LayParts(row_, act.permissions);
    row_.PutName(act.preposition);
    LayBinder(row_, act.object);
  }

  void LayChange(const ChangeHead& change) {
    const char* const word = change.operation == ChangeHead::Operation::kAdd      ? "add"
                             : change.operation == ChangeHead::Operation::kRemove ? "remove"
                                                                                  : "change";
    row_.Put(word, change.target_span.begin);
    LayShape(change.target);
  }

  void LayHeadLines(const Head& head) {
    row_.Break(kIndent, 3 * kIndent);
    if (const auto* act = std::get_if<ActHead>(&head)) {
      LayActHead(*act);
      return;
    }
    const auto& change = std::get<ChangeHead>(head);
    LayChange(change);
    row_.Line(kIndent, "by ", change.actor.span.begin, 3 * kIndent);
    LayBinder(row_, change.actor);
  }

  // ---- declarations --------------------------------------------------------------------------

  void Lay(const PolicyDecl& decl) { Begin("policy", decl.name, decl.title); }
  void Lay(const TimeZoneDecl& decl) {
    Begin("time");
    row_.Put("zone");
    row_.PutText(decl.zone);
  }
  void Lay(const ImportDecl& decl) {
    Begin("import");
    row_.PutText(decl.path);
  }
  void Lay(const EntityDecl& decl) {
    Begin(decl.open ? "open" : "entity");
    if (decl.open) row_.Put("entity");
    row_.PutName(decl.name);
    for (const Name& member : decl.members) {
      row_.PutName(member, &member == &decl.members.front() ? "is" : "or");
    }
    if (decl.has_braces) LayAttributes(decl.attributes);
  }
  void Lay(const RequestAttributesDecl& decl) {
    Begin(decl.is_action ? "action" : "context");
    LayAttributes(decl.attributes);
  }
  void Lay(const PermissionDecl& decl) {
    Begin("permission");
    LayPermission(decl);
  }
  void Lay(const ProgramDecl& decl) {
    Begin("program", decl.name, decl.title);
    LayClause("in", decl.types);
    for (const PermissionDecl& permission : decl.permissions) {
      row_.Line(kIndent, "permission", permission.span.begin, 2 * kIndent);
      LayPermission(permission);
    }
  }
  void Lay(const SetDecl& decl) {
    Begin("set", decl.name, std::nullopt);
    LaySet("=", decl.value);
  }
  void Lay(const LicenceDecl& decl) {
    Begin("licence", decl.name, decl.title);
    row_.Put("held", decl.held_by.span.begin);
    row_.PutName(decl.held_by, "by");
    if (decl.from.has_value()) row_.PutName(*decl.from, "from");
    if (decl.covers.has_value()) LaySet("covers", *decl.covers);
  }
  void Lay(const RoleDecl& decl) {
    Begin("role", decl.name, decl.title);
    LayClause("on", decl.on);
    if (decl.for_program) {
      row_.Put("for");
      row_.Put("program");
    }
    if (decl.held_by.has_value()) {
      row_.Put("held", decl.held_by->span.begin);
      row_.PutName(*decl.held_by, "by");
    }
    LayClause("includes", decl.includes);
    if (decl.gives.has_value()) LaySet("gives", *decl.gives);
  }
  void Lay(const FactDecl& decl) {
    Begin("fact");
    LayShape(decl.shape);
    if (decl.transitive) row_.Put("transitive");
    if (!decl.lasting.has_value()) return;
    row_.Put("lasting");
    if (decl.lasting_at_most) {
      row_.Put("at");
      row_.Put("most");
    }
    row_.Put(std::to_string(decl.lasting->count), decl.lasting->span.begin);
    row_.PutName(decl.lasting->unit);
  }
  void Lay(const DefineDecl& decl) {
    Begin("define");
    LayShape(decl.shape);
    LayBody(decl.body);
  }
  void Lay(const RuleDecl& decl) {
    const char* const word = decl.effect == RuleDecl::Effect::kPermit   ? "permit"
                             : decl.effect == RuleDecl::Effect::kForbid ? "forbid"
                                                                        : "note";
    Begin(word, decl.name, decl.title);
    LayHeadLines(decl.head);
    LayBody(decl.body);
  }
  void Lay(const LimitDecl& decl) {
    Begin("limit", decl.name, decl.title);
    row_.Line(kIndent, "for every", decl.for_every.front().span.begin, 3 * kIndent);
    LayBinders(row_, decl.for_every);
    row_.Break(kIndent, 3 * kIndent);
    if (decl.count != LimitDecl::Count::kUncounted) {
      const uint32_t place = decl.seats_of ? decl.seats_of->span.begin : decl.counted->span.begin;
      row_.Put(decl.count == LimitDecl::Count::kAtLeast ? "at least" : "at most", place);
      if (decl.number.has_value()) {
        row_.Put(std::to_string(*decl.number));
      } else {
        row_.Put("seats of", decl.seats_of->span.begin);
        row_.PutName(*decl.seats_of);
        row_.PutName(*decl.seats_in, "in");
      }
      LayBinder(row_, *decl.counted);
      row_.Glue(":");
    }
    LayItem(row_, tree_, decl.condition, kIndent);
  }
  void Lay(const PromiseDecl& decl) {
    Begin("promise", decl.name, decl.title);
    row_.Break(kIndent, 3 * kIndent);
    if (const auto* act = std::get_if<ActHead>(&decl.head)) {
      row_.Put("no", act->subject.span.begin);
      LayActHead(*act);
    } else {
      const auto& change = std::get<ChangeHead>(decl.head);
      row_.Put("no", change.target_span.begin);
      LayChange(change);
      row_.Put("by", change.actor.span.begin);
      LayBinder(row_, change.actor);
    }
    LayConditionLines(row_, tree_, decl.without ? "without" : "with", decl.condition, kIndent);
  }

  const Tree& tree_;
  const std::string_view text_;
  TokenRow row_;
  uint32_t begin_ = 0;  // of the declaration being laid
  uint32_t end_ = 0;
};

}  // namespace

std::optional<std::string> Format(const SourceSet& sources, const Tree& tree) {
  if (tree.has_errors) return std::nullopt;
  return Formatter(tree, sources.file(tree.file).text).Run();
}

}  // namespace portvakt::dsl
