// The tree: what one policy file says, before any name has been looked up. It keeps the author's
// order, spans and comments, so that the formatter can print it and the checker can point at it.
//
// Sentences stay flat rows of parts here ("user", "granted", "tick", "in", "tenant"): which words
// are names and which are verbs depends on declarations, so the checker reads them, not the parser.
// Conditions nest by ItemId into Tree::items; children come before their parents.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dsl/source.h"

namespace portvakt::dsl {

// A name as written, dots included: `user`, `lon.lonekorning.attestera`, `*.las`. `text` has no
// backticks; `quoted` says that the first segment stood in backticks (it is then no keyword).
struct Name {
  std::string text;
  Span span;
  bool quoted = false;
};

struct Text {
  std::string text;  // unescaped
  Span span;         // with the quotation marks
};

// One piece of a sentence.
struct Part {
  enum class Kind : uint8_t {
    kName,    // a word or a dotted name; also `some`, `any`, `of`, `is`, `not`, `may` ..
    kString,  // "text"
    kNumber,  // 100, 10.50
    kMinus,   // as in `now - 30 days`, or before a number
    kList,    // { a, b } in `any of { a, b }`; each element is one Part
  };
  Kind kind = Kind::kName;
  Span span;
  std::string text;  // of a name (no backticks), a string (unescaped) or a number (digits)
  bool quoted = false;
  std::vector<Part> list;
};

// TYPE [as NAME]
struct Binder {
  Name type;
  std::optional<Name> as;
  Span span;
};

struct ElseClause {
  Name code;
  std::optional<Text> sentence;
  Span span;
};

using ItemId = uint32_t;

// A condition or a part of one.
struct Item {
  enum class Kind : uint8_t { kSentence, kNot, kSome, kAnd, kOr };
  Kind kind = Kind::kSentence;
  Span span;
  std::vector<Part> parts;       // kSentence
  std::vector<Binder> binders;   // kSome
  std::vector<ItemId> children;  // kNot, kSome: one; kAnd, kOr: two or more
  bool bracketed = false;        // stood in ( ); kAnd and kOr inside others always do
  std::optional<ElseClause> else_clause;
};

// items [only items] [except items], or `all permissions` and its like as the first item.
struct SetExpression {
  std::optional<Name> all_of;  // the word after `all`: permissions, roles, licences, programs
  std::vector<Name> items;
  std::vector<Name> only;
  std::vector<Name> except;
  Span span;
};

struct AttributeType {
  enum class Kind : uint8_t { kNamed, kEnum };
  Kind kind = Kind::kNamed;
  // kNamed: bool int decimal string date instant duration ip, or an entity type
  Name name;
  std::vector<Name> labels;  // kEnum
  bool ordered = false;      // kEnum written with <
  bool set_of = false;       // `set of ..`
  Span span;
};

struct AttributeDecl {
  Name name;
  AttributeType type;
  bool optional = false;
  bool from_request = false;
  Span span;
};

// An element of a shape or of a change's target: a word, a slot, or a slot under another name.
struct ShapeElement {
  Name name;
  std::optional<Name> as;
};
using Shape = std::vector<ShapeElement>;

// Duration as written: `30 days`. Units: seconds, minutes, hours, days, weeks (and their
// singulars).
struct DurationText {
  uint64_t count = 0;
  Name unit;
  Span span;
};

struct Body {
  std::optional<ItemId> if_item;
  std::optional<ItemId> unless_item;
};

// binder may [not] permissions (in|on) binder
struct ActHead {
  Binder subject;
  bool negated = false;           // notes only
  std::vector<Part> permissions;  // one kName, or `any` `of` NAME, or `any` `of` kList
  Name preposition;               // in, on
  Binder object;
};

// (add | remove | change) target by binder
struct ChangeHead {
  enum class Operation : uint8_t { kAdd, kRemove, kChange };
  Operation operation = Operation::kChange;
  Shape target;
  Span target_span;
  Binder actor;
};

using Head = std::variant<ActHead, ChangeHead>;

struct PolicyDecl {
  Name name;
  std::optional<Text> title;
};
struct TimeZoneDecl {
  Text zone;
};
struct ImportDecl {
  Text path;
};
struct EntityDecl {
  Name name;
  bool open = false;
  std::vector<Name> members;  // a union when not empty
  bool has_braces = false;
  std::vector<AttributeDecl> attributes;
};
// context { .. } or action { .. }
struct RequestAttributesDecl {
  bool is_action = false;
  std::vector<AttributeDecl> attributes;
  Span keyword;
};
struct PermissionDecl {
  std::vector<Name> names;
  std::optional<Text> title;
  std::optional<Name> preposition;
  std::vector<Name> types;
  std::vector<Name> includes;
  std::vector<Name> requires_names;
  Span span;
};
struct ProgramDecl {
  Name name;
  std::optional<Text> title;
  std::vector<Name> types;
  std::vector<PermissionDecl> permissions;
};
struct SetDecl {
  Name name;
  SetExpression value;
};
struct LicenceDecl {
  Name name;
  std::optional<Text> title;
  Name held_by;
  std::optional<Name> from;
  std::optional<SetExpression> covers;
};
struct RoleDecl {
  Name name;
  std::optional<Text> title;
  std::vector<Name> on;
  bool for_program = false;
  std::optional<Name> held_by;
  std::vector<Name> includes;
  std::optional<SetExpression> gives;
};
struct FactDecl {
  Shape shape;
  Span shape_span;
  bool transitive = false;
  std::optional<DurationText> lasting;
  bool lasting_at_most = false;
};
struct DefineDecl {
  Shape shape;
  Span shape_span;
  Body body;
};
struct RuleDecl {
  enum class Effect : uint8_t { kPermit, kForbid, kNote };
  Effect effect = Effect::kPermit;
  Name name;
  std::optional<Text> title;
  Head head;
  Body body;
};
struct LimitDecl {
  enum class Count : uint8_t { kUncounted, kAtLeast, kAtMost };
  Name name;
  std::optional<Text> title;
  std::vector<Binder> for_every;
  Count count = Count::kUncounted;
  // With a count, one of the two: a number, or `seats of LICENCE in TENANT`.
  std::optional<uint64_t> number;
  std::optional<Name> seats_of;
  std::optional<Name> seats_in;
  std::optional<Binder> counted;
  ItemId condition = 0;
};
struct PromiseDecl {
  Name name;
  std::optional<Text> title;
  Head head;
  bool without = true;  // `with` otherwise
  ItemId condition = 0;
};

struct Declaration {
  std::variant<PolicyDecl, TimeZoneDecl, ImportDecl, EntityDecl, RequestAttributesDecl,
               PermissionDecl, ProgramDecl, SetDecl, LicenceDecl, RoleDecl, FactDecl, DefineDecl,
               RuleDecl, LimitDecl, PromiseDecl>
      value;
  Span span;
};

struct Comment {
  Span span;                  // from `//` to the end of the line, without the line break
  bool own_line = false;      // nothing but spaces stands before it
  bool blank_before = false;  // an empty line stands before it
};

// One parsed file. Declarations that could not be read are absent and have a diagnostic.
struct Tree {
  uint32_t file = 0;
  std::vector<Declaration> declarations;
  std::vector<Item> items;
  std::vector<Comment> comments;  // in the order of the text
  bool has_errors = false;        // something in the file could not be read
};

}  // namespace portvakt::dsl
