// What a condition is before any fact is known: for a permission and the types of subject and
// object alone. Static relations (includes, covers, gives, sets of symbols, is a TYPE) are decided,
// and sentences whose slots do not admit a type are false; everything else is open.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "dsl/module.h"

namespace portvakt::engine {

enum class StaticValue : uint8_t { kFalse, kOpen, kTrue };

class StaticTruth {
 public:
  explicit StaticTruth(const dsl::Module& module) : module_(module) {}

  StaticValue Of(const dsl::ActRule& rule, dsl::PermissionId permission, dsl::TypeId subject,
                 dsl::TypeId object);
  // Of a change: its symbol (dsl::kNone: it has none) and the types of its entities (object kNone:
  // it has none).
  StaticValue Of(const dsl::ChangeRule& rule, uint32_t symbol, dsl::TypeId subject,
                 dsl::TypeId object);

 private:
  // What is known of a variable: its symbol, or the types that it may have.
  struct Binding {
    bool is_symbol = false;
    uint32_t symbol = dsl::kNone;  // kNone: not known
    std::vector<dsl::TypeId> types;
    friend auto operator<=>(const Binding&, const Binding&) = default;
  };
  using Frame = std::vector<Binding>;

  StaticValue Value(dsl::ConditionId id, Frame& frame);
  StaticValue OfChildren(const dsl::Condition& condition, Frame& frame);
  StaticValue OfSome(const dsl::Condition& condition, Frame& frame);
  StaticValue OfSentence(const dsl::Condition& condition, const Frame& frame);
  StaticValue OfCall(const dsl::Condition& condition, const Frame& frame);
  StaticValue OfRelation(const dsl::Condition& condition, const Frame& frame) const;
  bool MentionsSymbol(dsl::ConditionId id, uint32_t variable) const;
  size_t SymbolCount(dsl::SymbolKind kind) const;
  uint32_t SymbolOf(dsl::TermId term, const Frame& frame) const;
  std::vector<dsl::TypeId> TypesOf(dsl::TermId term, const Frame& frame) const;

  const dsl::Module& module_;
  std::map<std::pair<dsl::DefineId, Frame>, StaticValue> calls_;
  const std::vector<dsl::Variable>* variables_ = nullptr;
};

}  // namespace portvakt::engine
