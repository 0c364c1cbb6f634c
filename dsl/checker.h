// The checker's inside; strangers start at dsl/dsl.h. One class whose parts stand in check_*.cpp,
// split by construct: names, types, symbols, sets, shapes, terms, sentences, conditions, rules.
//
// Order of work: collect every declared name; resolve declarations; read conditions, each in a
// Scope of its own; then look at the whole (ties, recursion, codes). A term that cannot be resolved
// is kNone and silences whatever leans on it, so that one mistake gives one finding.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/limits.h"
#include "dsl/module.h"
#include "dsl/source.h"
#include "dsl/tree.h"

namespace portvakt::dsl {

// Names of one kind in the order of their declaration: a name's number is its id in the Module.
class NameTable {
 public:
  struct Entry {
    std::string name;
    Span span;
    uint32_t uses = 0;
  };

  // The earlier entry of that name, or kNone when the name is new (and now declared).
  uint32_t Declare(const std::string& name, Span span);
  // kNone when there is no such name. Counts a use.
  uint32_t Use(std::string_view name);
  uint32_t Find(std::string_view name) const;
  std::vector<std::string> Names() const;
  const Entry& operator[](uint32_t number) const { return entries_[number]; }
  size_t size() const { return entries_.size(); }

 private:
  std::vector<Entry> entries_;
  std::map<std::string, uint32_t, std::less<>> numbers_;
};

// A name that did not resolve. Kept until all uses are known, because the slip may stand at the
// declaration: then it is told there, once.
struct UnknownName {
  DiagnosticKind kind = DiagnosticKind::kUnknownName;
  std::string message;
  std::string name;
  std::string prefix;  // of a program, when the name may be short for one of its permissions
  Span span;
  const NameTable* table = nullptr;  // where its declaration would stand; may be null
  std::vector<std::string> candidates;
  std::vector<std::string> help;
};

struct Verb {
  bool is_define = false;
  uint32_t index = kNone;
};

// A declaration with the tree that its conditions stand in.
template <typename Decl>
struct Source {
  const Decl* decl = nullptr;
  const Tree* tree = nullptr;
  Span span;
  uint32_t program = kNone;  // permissions
};

// What a word like `client`, `permission` or `boxes` stands for where a name is bound.
struct Binding {
  bool failed = true;
  bool is_symbol = false;
  SymbolKind symbol_kind = SymbolKind::kPermission;
  std::vector<TypeId> types;
  std::vector<uint32_t> allowed;  // of a set
  bool is_set = false;
};

// One rule, definition, limit or promise while its condition is read.
struct Scope {
  enum class Owner { kDefine, kAct, kChange, kLimit };

  struct State {
    bool visible = true;
    bool failed = false;
    bool from_some = false;
    bool anonymous = false;
    uint32_t uses = 0;
    std::vector<std::string> aliases;  // of a failed binder: what its name was meant to be
  };

  Owner owner = Owner::kDefine;
  const Tree* tree = nullptr;
  std::vector<Variable> variables;
  std::vector<State> states;
  std::set<std::string> guards;  // paths that are known to be present here
  std::vector<UnknownName> unknown;
  bool failed = false;
  uint32_t actor = kNone;  // kChange: the variable after `by`
};

// Walks the parts of one sentence.
class Cursor {
 public:
  Cursor(const std::vector<Part>& parts, Span sentence) : parts_(&parts), sentence_(sentence) {}

  bool done() const { return at_ >= parts_->size(); }
  const Part* Peek(size_t ahead = 0) const {
    return at_ + ahead < parts_->size() ? &(*parts_)[at_ + ahead] : nullptr;
  }
  const Part* Next() { return done() ? nullptr : &(*parts_)[at_++]; }
  void Skip(size_t count) { at_ += count; }
  bool Is(std::string_view word, size_t ahead = 0) const;
  // Steps over the word when it stands here.
  bool Accept(std::string_view word);
  // The part here, or the end of the sentence.
  Span Here() const;
  Span sentence() const { return sentence_; }
  size_t at() const { return at_; }

 private:
  const std::vector<Part>* parts_;
  Span sentence_;
  size_t at_ = 0;
};

bool IsWord(const Part* part, std::string_view word);

// What stands in a slot: usually one term, several for `any of { a, b }` of entities or values.
struct Operand {
  std::vector<TermId> alternatives;
  bool failed() const { return alternatives.empty(); }
  TermId only() const { return alternatives.empty() ? kNone : alternatives.front(); }
};

// A condition with the paths that it shows to be present when it is true, or when it is false.
struct Reading {
  ConditionId condition = kNone;
  std::set<std::string> when_true;
  std::set<std::string> when_false;
};

class Checker {
 public:
  Checker(const std::vector<Tree>& trees, const SourceSet& sources, Diagnostics& findings);
  std::optional<Module> Run();

 private:
  // ---- findings and names: check_names.cpp
  Diagnostic& Report(DiagnosticKind kind, Span span, std::string message, std::string label = {});
  void Flush();
  void Unknown(UnknownName unknown);
  void FlushUnknown(std::vector<UnknownName>& pending, const NameTable* only_table);
  bool TellAtDeclaration(const std::vector<const UnknownName*>& group);
  void WarnOfDeclaration(const std::string& declared, Span span, const std::string& used, Span use);
  bool TellAtProgram(std::vector<UnknownName>& pending);
  void Duplicate(const std::string& what, const std::string& name, Span span, Span first);
  void Declare(NameTable& table, const std::string& what, const Name& name);
  NameTable& Table(SymbolKind kind);
  Span SegmentSpan(Span name, size_t segment) const;
  UnknownName UnknownSymbol(SymbolKind kind, const std::string& name, Span span);

  // ---- declarations: check_declarations.cpp
  void Collect();
  void CollectOne(const Tree& tree, const Declaration& declaration);
  void CollectProgram(const Tree& tree, const ProgramDecl& program);
  void CollectPermissions(const Tree& tree, const PermissionDecl& decl, uint32_t program);
  void CollectVerb(const Shape& shape, bool is_define, uint32_t index);
  void CheckPolicyAndZone();
  void CheckCounts();

  // ---- types: check_types.cpp
  void CheckTypes();
  void CheckUnions();
  bool FlattenUnion(TypeId type, std::vector<int>& state, size_t depth);
  std::vector<Attribute> CheckAttributes(const std::vector<AttributeDecl>& attributes,
                                         NameTable& table, bool request);
  ValueType CheckAttributeType(const AttributeType& type);
  void CheckRequestAttributes();
  void CheckOpenEntity(const EntityDecl& decl);
  void ShareUnionAttributes();
  void CheckReferenceCycles();
  std::vector<TypeId> EntityTypes(const Name& name);
  std::vector<TypeId> EntityTypes(const std::vector<Name>& names);
  std::string TypeWords(const std::vector<TypeId>& types) const;
  std::string ValueWords(const ValueType& type) const;

  // ---- permissions, roles, licences: check_symbols.cpp
  void CheckPermissions();
  uint32_t FindPermission(const Name& name, uint32_t program, bool report);
  void CloseInclusion(SymbolKind kind, std::vector<std::vector<uint32_t>>& includes);
  void CheckLicences();
  void CheckRoles();
  std::vector<TypeId> SubjectTypes();

  // ---- sets: check_sets.cpp
  void CheckSets();
  void EvaluateSet(uint32_t set, size_t depth);
  std::vector<uint32_t> Evaluate(const SetExpression& expression, SymbolKind kind, size_t depth,
                                 bool& failed);
  std::vector<uint32_t> EvaluateItems(const std::vector<Name>& items, SymbolKind kind, size_t depth,
                                      bool& failed);
  std::optional<std::vector<uint32_t>> EvaluateItem(const Name& item, SymbolKind kind,
                                                    size_t depth);
  std::vector<uint32_t> Matching(std::string_view pattern, SymbolKind kind);
  bool Resolves(const Name& item, SymbolKind kind, size_t depth);
  SymbolKind KindOf(const SetExpression& expression, size_t depth);
  void UnknownItem(const Name& item, SymbolKind kind);
  std::vector<uint32_t> All(SymbolKind kind) const;

  // ---- shapes: check_shapes.cpp
  void CheckFacts();
  void CheckDefineShapes();
  bool LooksLikeSlot(const Name& word);
  SentenceShape ReadShape(const Shape& shape, Span span, bool& failed);
  Binding ResolveBinding(const Name& name, bool symbols, bool sets);
  std::optional<Binding> FindBinding(const Name& name, bool symbols, bool sets);
  std::optional<int64_t> DurationUs(uint64_t count, const std::string& unit, Span unit_span);

  // ---- names of a rule, terms: check_terms.cpp, check_literals.cpp
  uint32_t Bind(const Name& type, const std::optional<Name>& as, bool symbols, bool from_some);
  uint32_t AddVariable(Variable variable, bool from_some, bool failed);
  uint32_t AddAnonymous(const Binding& binding, const std::string& name, Span span);
  uint32_t FindVariable(std::string_view name) const;
  bool StartsPath(const Part& part) const;
  // guard: 0 no step may be an unguarded optional; 1 the last may; 2 any may (texts).
  TermId ReadPath(const Part& part, int guard = 0);
  bool ReadRoot(const Part& part, const std::vector<std::string>& segments, Term& term,
                std::vector<TypeId>& types, size_t& next);
  bool ReadStep(const Part& part, size_t segment, const std::string& name,
                const std::vector<TypeId>& types, Term& term);
  bool ReadRequestStep(const Part& part, const std::vector<std::string>& segments, Term& term);
  bool FindAttribute(const std::vector<TypeId>& types, const std::string& name, Span span,
                     Step& step);
  std::string PathKey(const Term& term, size_t steps) const;
  std::string PathText(const Term& term) const;
  TermId AddTerm(Term term);
  TermId EntityId(TypeId type, const Part& part);
  TermId ReadMoment(Cursor& cursor);
  TermId ReadSeats(Cursor& cursor);
  void UnknownVariable(const std::string& name, Span span, std::vector<std::string> more = {});
  Operand ReadValue(Cursor& cursor, const ValueType& wanted);
  Operand ReadValueList(const Part& list, const ValueType& wanted);
  TermId ReadLiteral(const Part& part, const ValueType& wanted);
  TermId ReadNumber(Cursor& cursor, const ValueType& wanted);
  TermId ReadLabel(const Part& part, const ValueType& wanted);
  bool Fits(const ValueType& found, const ValueType& wanted) const;
  void WrongValueType(Span span, const ValueType& found, const ValueType& wanted);

  // ---- sentences: check_sentences.cpp, check_is.cpp, check_symbol_sentences.cpp,
  // check_holders.cpp
  Reading ReadSentence(const Item& item);
  Reading ReadVerb(Cursor& cursor);
  Reading ReadFlag(Cursor& cursor);
  ConditionId ReadDeclared(Cursor& cursor, uint32_t verb, bool directly);
  bool ExpectWords(Cursor& cursor, const SentenceShape& shape,
                   const std::vector<std::string>& words);
  bool ExpectWord(Cursor& cursor, std::string_view word, const std::string& shape);
  bool ExpectEnd(Cursor& cursor, const std::string& shape);
  Operand ReadSlot(Cursor& cursor, const Slot& slot, const std::string& shape);
  Operand ReadEntity(Cursor& cursor, const std::vector<TypeId>& types, const std::string& where);
  Operand ReadEntityPart(const Part& part, const std::vector<TypeId>& types,
                         const std::string& where);
  Operand ReadAnonymous(Cursor& cursor, const std::vector<TypeId>& types, const std::string& where);
  Operand ReadSymbol(Cursor& cursor, SymbolKind kind, const std::vector<uint32_t>* allowed);
  Operand ReadSymbolName(const Part& part, SymbolKind kind, const std::vector<uint32_t>* allowed);
  // The members that `any of` names, after those two words; steps over them.
  std::vector<uint32_t> ReadMembers(Cursor& cursor, SymbolKind kind, bool& failed);
  bool Overlap(const std::vector<TypeId>& first, const std::vector<TypeId>& second) const;
  std::vector<TypeId> AllTypes() const;
  std::vector<std::vector<TermId>> Combine(const std::vector<Operand>& operands, Span span);
  std::vector<uint32_t> Candidates(TermId symbol) const;
  bool CheckEntityFits(TermId term, const std::vector<TypeId>& types, const std::string& where);
  ConditionId ReadMay(Cursor& cursor);
  ConditionId ReadHolds(Cursor& cursor);
  ConditionId ReadContains(Cursor& cursor);
  ConditionId ReadStatic(Cursor& cursor, Condition::Kind kind, SymbolKind left);
  size_t SubjectLength(const Cursor& cursor) const;

  Reading ReadIs(Cursor& cursor);
  Reading ReadIsScalar(Cursor& cursor, TermId subject);
  Reading ReadIsPresence(Cursor& cursor, const Part& part, bool present);
  ConditionId ReadIsEntity(Cursor& cursor, TermId subject, bool negated);
  ConditionId ReadIsSymbol(Cursor& cursor, const Part& subject);
  ConditionId ReadIsType(Cursor& cursor, TermId subject, bool negated);
  ConditionId ReadSeatFree(Cursor& cursor);
  ConditionId ReadRole(Cursor& cursor, TermId subject, const Operand& role, bool negated);
  std::optional<Comparison> AcceptComparison(Cursor& cursor, bool& bad);
  ConditionId ReadComparison(Cursor& cursor, TermId subject, bool negated);
  ConditionId Compare(TermId left, Comparison comparison, const Operand& right, bool negated,
                      Span span);
  bool IsRoleValue(const Part& part) const;
  bool IsRoleList(const Part& part) const;
  bool CheckRoleFits(const Condition& condition, const std::vector<uint32_t>& meant);
  bool CheckHoldsFits(const Condition& condition, const std::vector<uint32_t>& meant);
  void UnknownIsWord(const Part& part, const Term& subject);
  ConditionId SymbolIs(TermId symbol, std::vector<uint32_t> members, Span span);

  // ---- conditions: check_conditions.cpp
  Reading ReadItem(ItemId item, size_t depth);
  Reading ReadGroup(const Item& item, size_t depth);
  Reading ReadSome(const Item& item, size_t depth);
  ConditionId ReadBody(const Body& body);
  ConditionId AddCondition(Condition condition);
  ConditionId Negate(ConditionId condition, Span span);
  ConditionId Join(Condition::Kind kind, std::vector<ConditionId> children, Span span);
  ConditionId Failed(Span span);
  ConditionId WrapAnonymous(ConditionId condition, Span span);
  void AttachReason(ConditionId& condition, const ElseClause& clause);
  std::vector<TextPiece> ReadText(const Text& text);
  TermId ReadTextTerm(std::string_view name, Span span);
  void BeginScope(Scope& scope, Scope::Owner owner, const Tree* tree);
  // Flushes unknown names, warns of unused ones. True when the scope had no error.
  bool EndScope(Scope& scope);
  void WarnUnused(const Scope& scope);

  // ---- rules: check_rules.cpp, check_changes.cpp, check_limits.cpp
  void CheckDefines();
  void CheckRules();
  void CheckActRule(const Source<RuleDecl>& source, const ActHead& head);
  void ReadActHead(const ActHead& head, ActRule& rule);
  std::vector<PermissionId> HeadPermissions(const ActHead& head, const std::vector<TypeId>& types,
                                            bool objects_known);
  void CheckChangeRule(const Source<RuleDecl>& source, const ChangeHead& head);
  // Gives conditions that the head implies (`user is owner on org`: the role is owner).
  std::vector<ConditionId> ReadChangeHead(const ChangeHead& head, ChangeRule& rule);
  void ReadTarget(const ChangeHead& head, ChangeTarget& target, std::vector<ConditionId>& implied);
  void ReadFactTarget(const Shape& shape, uint32_t fact, ChangeTarget& target,
                      std::vector<ConditionId>& implied);
  void ReadRoleTarget(const Shape& shape, ChangeTarget& target, std::vector<ConditionId>& implied);
  void ReadHoldsTarget(const Shape& shape, ChangeTarget& target, std::vector<ConditionId>& implied);
  void ReadSeatsTarget(const Shape& shape, ChangeTarget& target, std::vector<ConditionId>& implied);
  void ReadEntityTarget(const ShapeElement& element, const ChangeHead& head, ChangeTarget& target);
  uint32_t BindTargetEntity(const ShapeElement& element, const std::vector<TypeId>& types,
                            const std::string& where);
  uint32_t BindTargetSymbol(const ShapeElement& element, SymbolKind kind,
                            const std::vector<uint32_t>& allowed,
                            std::vector<ConditionId>& implied);
  void BadTarget(const ChangeHead& head);
  void CheckLimits();
  void CheckLimit(const Source<LimitDecl>& source);
  void CheckPromise(const Source<PromiseDecl>& source);

  // ---- the whole: check_codes.cpp, check_ties.cpp, check_recursion.cpp
  void CheckCodes();
  void CheckPermissionWords();
  void CheckTies();
  void CheckTies(const std::vector<Variable>& variables, ConditionId id, std::set<uint32_t> known);
  ConditionId TieChain(const std::vector<Variable>& variables, ConditionId first,
                       std::set<uint32_t>& known);
  void WarnUnanchored();
  bool SpeaksOf(ConditionId id, uint32_t variable) const;
  bool Ties(ConditionId condition, uint32_t variable, const std::set<uint32_t>& known);
  bool TiesCall(const Condition& call, uint32_t variable, const std::set<uint32_t>& known);
  bool TiesPair(TermId first, TermId second, uint32_t variable,
                const std::set<uint32_t>& known) const;
  bool Known(TermId term, const std::set<uint32_t>& known) const;
  void CheckDefineRecursion();
  void OrderDefines(const std::vector<DefineId>& order);
  void CheckMayRecursion();

  // `user may P in x` in a condition: which permissions it asks about, on which types.
  struct MayUse {
    bool same = false;  // the rule's own permission
    bool all = true;    // else (or of the rule's own) only these:
    std::vector<PermissionId> permissions;
    std::vector<TypeId> types;
    Span span;
  };
  struct MayWalk;
  struct MayFrame;
  struct SymbolSource;
  void CollectMay(ConditionId id, const MayFrame& frame, std::vector<MayUse>& uses);
  size_t MayHeight(PermissionId permission, TypeId type, Span span, MayWalk& walk);

  const std::vector<Tree>& trees_;
  const SourceSet& sources_;
  Diagnostics& findings_;
  bool syntax_errors_ = false;
  bool failed_ = false;
  Module module_;

  NameTable types_, permissions_, roles_, licences_, programs_, sets_, verbs_;
  NameTable rules_, limits_, promises_, context_, action_;
  std::map<TypeId, NameTable> attributes_;
  std::map<uint32_t, NameTable> labels_;  // by enum type
  std::vector<Verb> verb_targets_;
  std::vector<UnknownName> unknown_;
  std::vector<Diagnostic> held_;  // of the scope or declaration being checked

  std::vector<Source<EntityDecl>> type_decls_;
  std::vector<Source<RequestAttributesDecl>> request_decls_;
  std::vector<Source<PermissionDecl>> permission_decls_;
  std::vector<Source<ProgramDecl>> program_decls_;
  std::vector<Source<SetDecl>> set_decls_;
  std::vector<Source<LicenceDecl>> licence_decls_;
  std::vector<Source<RoleDecl>> role_decls_;
  std::vector<Source<FactDecl>> fact_decls_;
  std::vector<Source<DefineDecl>> define_decls_;
  std::vector<Source<RuleDecl>> rule_decls_;
  std::vector<Source<LimitDecl>> limit_decls_;
  std::vector<Source<PromiseDecl>> promise_decls_;

  enum class SetState : uint8_t { kNew, kOpen, kDone, kFailed };
  std::vector<SetState> set_states_;
  std::vector<bool> fact_failed_, define_failed_;
  std::vector<bool> type_failed_;

  Scope* scope_ = nullptr;
  // `some x` and `any of x` of the sentence being read, outermost first.
  struct Anonymous {
    uint32_t variable = kNone;
    bool restricted = false;
    std::vector<uint32_t> members;
  };
  std::vector<Anonymous> anonymous_;
  struct CodeUse {
    std::string code;
    Span span;
  };
  std::vector<CodeUse> codes_;
  std::map<std::string, bool> tie_memo_;
  std::vector<bool> asks_may_;  // by definition: its condition asks `may`
};

// ---- helpers of several parts

std::vector<std::string> SplitName(std::string_view name);
std::string_view KindWord(SymbolKind kind);
std::optional<SymbolKind> KindOfWord(std::string_view word);
std::string Quoted(std::string_view text);  // in backticks
void SortUnique(std::vector<uint32_t>& numbers);
bool Contains(const std::vector<uint32_t>& sorted, uint32_t number);
// One letter more, less, other or misplaced; a digit for a digit does not count.
bool OneEditApart(std::string_view left, std::string_view right);
// Words of the text forms of the values; empty when the text is none.
std::optional<int64_t> ParseDate(std::string_view text);
std::optional<int64_t> ParseInstant(std::string_view text);
std::optional<std::string> ParseIp(std::string_view text);
std::optional<int64_t> ParseDecimal(std::string_view digits);
const std::vector<std::string>& ZoneNames();

}  // namespace portvakt::dsl
