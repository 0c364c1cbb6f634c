// A tree as indented text: everything that it says, and nothing of where it stood.
#include <string>

#include "dsl/dsl.h"
#include "dsl/words.h"

namespace portvakt::dsl {
namespace {

std::string Names(const std::vector<Name>& names) {
  std::string text;
  for (const Name& name : names) text += (text.empty() ? "" : ", ") + Spell(name);
  return text;
}

std::string BinderText(const Binder& binder) {
  return Spell(binder.type) + (binder.as.has_value() ? " as " + Spell(*binder.as) : "");
}

std::string BindersText(const std::vector<Binder>& binders) {
  std::string text;
  for (const Binder& binder : binders) text += (text.empty() ? "" : ", ") + BinderText(binder);
  return text;
}

std::string ShapeText(const Shape& shape) {
  std::string text;
  for (const ShapeElement& element : shape) {
    if (!text.empty()) text += ' ';
    text += Spell(element.name);
    if (element.as.has_value()) text += "(as " + Spell(*element.as) + ")";
  }
  return text;
}

std::string PartText(const Part& part) {
  switch (part.kind) {
    case Part::Kind::kName: return Spell(part.text, part.quoted);
    case Part::Kind::kString: return Quote(part.text);
    case Part::Kind::kNumber: return part.text;
    case Part::Kind::kMinus: return "-";
    case Part::Kind::kList: break;
  }
  std::string text;
  for (const Part& element : part.list) text += (text.empty() ? "" : ", ") + PartText(element);
  return "{" + text + "}";
}

std::string PartsText(const std::vector<Part>& parts) {
  std::string text;
  for (const Part& part : parts) text += (text.empty() ? "" : " | ") + PartText(part);
  return text;
}

std::string SetText(const SetExpression& set) {
  std::string text;
  if (set.all_of.has_value()) text = "all(" + set.all_of->text + ")";
  if (!set.items.empty()) text += (text.empty() ? "" : " ") + Names(set.items);
  if (!set.only.empty()) text += " only(" + Names(set.only) + ")";
  if (!set.except.empty()) text += " except(" + Names(set.except) + ")";
  return text;
}

std::string TypeText(const AttributeType& type) {
  std::string text = type.set_of ? "set of " : "";
  if (type.kind == AttributeType::Kind::kNamed) return text + Spell(type.name);
  text += type.ordered ? "ordered enum" : "enum";
  for (const Name& label : type.labels) text += " " + Spell(label);
  return text;
}

class Dumper {
 public:
  explicit Dumper(const Tree& tree) : tree_(tree) {}

  std::string Run() {
    for (const Declaration& declaration : tree_.declarations) {
      std::visit([this](const auto& each) { Dump(each); }, declaration.value);
    }
    return std::move(out_);
  }

 private:
  void Line(int depth, const std::string& text) {
    out_.append(static_cast<size_t>(depth) * 2, ' ');
    out_ += text + "\n";
  }

  void Head(const std::string& word, const Name& name, const std::optional<Text>& title) {
    Line(0, word + " " + Spell(name) + (title.has_value() ? " " + Quote(title->text) : ""));
  }

  void Clause(const std::string& word, const std::string& text, int depth = 1) {
    if (!text.empty()) Line(depth, word + ": " + text);
  }

  // Bounded: the parser keeps conditions within kMaxNesting.
  void DumpItem(ItemId id, int depth) {
    const Item& item = tree_.items[id];
    std::string text = item.bracketed ? "bracketed " : "";
    switch (item.kind) {
      case Item::Kind::kSentence: text += "sentence " + PartsText(item.parts); break;
      case Item::Kind::kNot: text += "not"; break;
      case Item::Kind::kSome: text += "some " + BindersText(item.binders); break;
      case Item::Kind::kAnd: text += "and"; break;
      case Item::Kind::kOr: text += "or"; break;
    }
    if (item.else_clause.has_value()) {
      text += " => " + Spell(item.else_clause->code);
      if (item.else_clause->sentence) text += " " + Quote(item.else_clause->sentence->text);
    }
    Line(depth, text);
    for (const ItemId child : item.children) DumpItem(child, depth + 1);
  }

  void DumpBody(const Body& body) {
    if (body.if_item.has_value()) {
      Line(1, "if");
      DumpItem(*body.if_item, 2);
    }
    if (body.unless_item.has_value()) {
      Line(1, "unless");
      DumpItem(*body.unless_item, 2);
    }
  }

  void DumpHead(const ::portvakt::dsl::Head& head) {
    if (const auto* act = std::get_if<ActHead>(&head)) {
      Line(1, "act " + BinderText(act->subject) + (act->negated ? " may not " : " may ") +
                  PartsText(act->permissions) + " " + act->preposition.text + " " +
                  BinderText(act->object));
      return;
    }
    const auto& change = std::get<ChangeHead>(head);
    const char* const operation = change.operation == ChangeHead::Operation::kAdd      ? "add "
                                  : change.operation == ChangeHead::Operation::kRemove ? "remove "
                                                                                       : "change ";
    Line(1, operation + ShapeText(change.target) + " by " + BinderText(change.actor));
  }

  void DumpAttributes(const std::vector<AttributeDecl>& attributes) {
    for (const AttributeDecl& attribute : attributes) {
      Line(1, "attribute " + Spell(attribute.name) + " : " + TypeText(attribute.type) +
                  (attribute.optional ? " optional" : "") +
                  (attribute.from_request ? " from request" : ""));
    }
  }

  void DumpPermission(const PermissionDecl& permission, int depth) {
    Line(depth, "permission " + Names(permission.names) +
                    (permission.title ? " " + Quote(permission.title->text) : ""));
    if (permission.preposition)
      Clause(permission.preposition->text, Names(permission.types), depth + 1);
    Clause("includes", Names(permission.includes), depth + 1);
    Clause("requires", Names(permission.requires_names), depth + 1);
  }

  void Dump(const PolicyDecl& decl) { Head("policy", decl.name, decl.title); }
  void Dump(const TimeZoneDecl& decl) { Line(0, "time zone " + Quote(decl.zone.text)); }
  void Dump(const ImportDecl& decl) { Line(0, "import " + Quote(decl.path.text)); }
  void Dump(const EntityDecl& decl) {
    Head(decl.open ? "open entity" : "entity", decl.name, std::nullopt);
    if (decl.has_braces && decl.attributes.empty()) Line(1, "{ }");
    Clause("is", Names(decl.members));
    DumpAttributes(decl.attributes);
  }
  void Dump(const RequestAttributesDecl& decl) {
    Line(0, decl.is_action ? "action" : "context");
    DumpAttributes(decl.attributes);
  }
  void Dump(const PermissionDecl& decl) { DumpPermission(decl, 0); }
  void Dump(const ProgramDecl& decl) {
    Head("program", decl.name, decl.title);
    Clause("in", Names(decl.types));
    for (const PermissionDecl& permission : decl.permissions) DumpPermission(permission, 1);
  }
  void Dump(const SetDecl& decl) {
    Head("set", decl.name, std::nullopt);
    Line(1, SetText(decl.value));
  }
  void Dump(const LicenceDecl& decl) {
    Head("licence", decl.name, decl.title);
    Clause("held by", Spell(decl.held_by));
    if (decl.from) Clause("from", Spell(*decl.from));
    if (decl.covers) Clause("covers", SetText(*decl.covers));
  }
  void Dump(const RoleDecl& decl) {
    Head("role", decl.name, decl.title);
    Clause("on", Names(decl.on));
    if (decl.for_program) Line(1, "for program");
    if (decl.held_by) Clause("held by", Spell(*decl.held_by));
    Clause("includes", Names(decl.includes));
    if (decl.gives) Clause("gives", SetText(*decl.gives));
  }
  void Dump(const FactDecl& decl) {
    Line(0, "fact " + ShapeText(decl.shape));
    if (decl.transitive) Line(1, "transitive");
    if (decl.lasting) {
      Line(1, (decl.lasting_at_most ? "lasting at most " : "lasting ") +
                  std::to_string(decl.lasting->count) + " " + decl.lasting->unit.text);
    }
  }
  void Dump(const DefineDecl& decl) {
    Line(0, "define " + ShapeText(decl.shape));
    DumpBody(decl.body);
  }
  void Dump(const RuleDecl& decl) {
    const char* const word = decl.effect == RuleDecl::Effect::kPermit   ? "permit"
                             : decl.effect == RuleDecl::Effect::kForbid ? "forbid"
                                                                        : "note";
    Head(word, decl.name, decl.title);
    DumpHead(decl.head);
    DumpBody(decl.body);
  }
  void Dump(const LimitDecl& decl) {
    Head("limit", decl.name, decl.title);
    Clause("for every", BindersText(decl.for_every));
    if (decl.count != LimitDecl::Count::kUncounted) {
      const std::string amount =
          decl.number ? std::to_string(*decl.number)
                      : "seats of " + Spell(*decl.seats_of) + " in " + Spell(*decl.seats_in);
      Line(1, (decl.count == LimitDecl::Count::kAtLeast ? "at least " : "at most ") + amount + " " +
                  BinderText(*decl.counted));
    }
    DumpItem(decl.condition, 1);
  }
  void Dump(const PromiseDecl& decl) {
    Head("promise", decl.name, decl.title);
    DumpHead(decl.head);
    Line(1, decl.without ? "without" : "with");
    DumpItem(decl.condition, 2);
  }

  const Tree& tree_;
  std::string out_;
};

}  // namespace

std::string DumpTree(const Tree& tree) { return Dumper(tree).Run(); }

}  // namespace portvakt::dsl
