// Builds a Tree while the grammar reads: each token and clause leaves its value here, the clause
// around it takes it. Knows nothing of the parser library. A builder lives for one declaration.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/tree.h"

namespace portvakt::dsl {

// Thrown inside the parser when conditions nest deeper than kMaxNesting.
struct NestedTooDeep {
  Span span;
};

class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, Tree& tree, Diagnostics& findings)
      : file_(tree.file),
        text_(text),
        tree_(tree),
        findings_(findings),
        items_before_(tree.items.size()) {}

  // Adds the declaration, unless something was wrong with it; Drop forgets it.
  bool Finish(uint32_t begin);
  void Drop();

  // A place in the file, from a pointer into its text.
  Span At(const char* begin, const char* end) const;
  // From where `span` begins to the end of the last token.
  Span Until(const Span& span) const { return {file_, span.begin, end_}; }

  // Tokens.
  void TokenEnd(uint32_t offset) { end_ = offset; }
  void NameToken(const Span& span);
  void TextToken(const Span& span);
  void NumberToken(const Span& span);

  Name TakeName();
  std::vector<Name> TakeNames() { return std::exchange(names_, {}); }
  std::optional<Text> TakeText() { return std::exchange(text_token_, std::nullopt); }
  Text TakeRequiredText();
  std::string TakeNumber() { return std::exchange(number_, {}); }
  uint64_t TakeInteger();
  SetExpression TakeSet() { return std::exchange(set, {}); }
  Body TakeBody() { return std::exchange(body, {}); }
  Shape TakeShape() { return std::exchange(shape, {}); }
  Binder TakeBinder();
  std::vector<Binder> TakeBinders() { return std::exchange(binders_, {}); }
  ItemId TakeItem();

  // Pieces.
  void AddBinder(const Span& span);
  void AddPart(Part::Kind kind, const Span& span, std::string text, bool quoted = false);
  void AddShapeElement();
  void NameShapeElement() { shape.back().as = TakeName(); }
  void AddNamePart();
  void AddTextPart();
  void AddNumberPart();
  void BeginList(const Span& span) { list_span_ = span; }
  void AddListElement(Part::Kind kind);
  void EndList();
  Name WordName(const Span& span) const;
  void BeginPermission();
  void EndPermission(const Span& span);
  std::vector<Part> TakeParts() { return std::exchange(parts_, {}); }

  // Conditions.
  void Enter(uint32_t place);
  void Leave() { --depth_; }
  void EndSentence(const Span& span);
  void EndNot(const Span& span);
  void SomeHead() { some_binders_.push_back(TakeBinders()); }
  void EndSome(const Span& span);
  void EndGroup(const Span& span);
  void EndElse(const Span& span);
  void BeginCondition() { conditions_.emplace_back(); }
  void Joint(bool is_and, const Span& span);
  void EndItem();
  void EndCondition(const Span& span);

  // A clause that may stand once; the second one is a finding.
  void Once(bool& seen, const Span& span, std::string_view clause);

  void Report(DiagnosticKind kind, std::string message, const Span& span, std::string label,
              std::vector<std::string> help = {});

  // What the declaration being read has so far.
  decltype(Declaration::value) value;
  Name decl_name;
  std::optional<Text> title;
  Shape shape;
  Span shape_span;
  SetExpression set;
  Body body;
  Head head;
  ActHead act;
  ChangeHead change;
  AttributeType attribute_type;
  AttributeDecl attribute;
  std::vector<AttributeDecl> attributes;
  PermissionDecl permission;
  std::vector<PermissionDecl> permissions;
  ProgramDecl program;
  EntityDecl entity;
  LicenceDecl licence;
  RoleDecl role;
  FactDecl fact;
  DurationText duration;
  RuleDecl rule;
  LimitDecl limit;
  PromiseDecl promise;
  RequestAttributesDecl request;
  bool seen[5] = {};  // clauses of a role or permission that have stood already
  Span last;          // of the last name, text or number

 private:
  struct Condition {
    std::vector<ItemId> items;
    std::optional<Span> first_and;
    std::optional<Span> first_or;
  };

  ItemId AddItem(Item item);

  const uint32_t file_;
  const std::string_view text_;
  Tree& tree_;
  Diagnostics& findings_;

  bool broken_ = false;
  uint32_t end_ = 0;  // of the last token
  std::vector<Name> names_;
  std::optional<Text> text_token_;
  std::string number_;
  std::vector<Binder> binders_;
  std::vector<Part> parts_;
  std::vector<Part> list_;
  Span list_span_;
  std::vector<ItemId> items_;
  std::vector<Condition> conditions_;
  std::vector<std::vector<Binder>> some_binders_;
  size_t depth_ = 0;
  const size_t items_before_;
};

}  // namespace portvakt::dsl
