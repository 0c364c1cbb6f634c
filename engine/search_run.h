// The inside of searches: a question with a hole becomes candidates and a three-valued test of each
// (search_acts.cpp, search_defines.cpp, search_changes.cpp); search.cpp walks them in pages. One
// Evaluator::Start holds for a whole search, so what is remembered of one candidate serves the
// next.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/evaluator.h"
#include "engine/search.h"

namespace portvakt::engine {

// Whose eyes: asks the policy's definition `sees`.
class Viewer {
 public:
  // After the evaluator's Start. Without a name everything is seen.
  Viewer(Evaluator& evaluator, const std::optional<EntityName>& name);
  // False: the viewer is not stored, and sees nothing.
  bool exists() const { return everything_ || IsEntity(viewer_); }
  bool Sees(EntityId entity);

 private:
  Evaluator& evaluator_;
  bool everything_ = false;
  EntityId viewer_ = kNoEntity;
  uint32_t define_ = kNoIndex;
};

// What is searched for: entities or symbols, as numbers that ascend.
class SearchTarget {
 public:
  virtual ~SearchTarget() = default;
  virtual Tri Test(uint64_t candidate) = 0;
  // What a result says beside its verdict.
  virtual void Tell(uint64_t candidate, SearchResult& result) = 0;

  bool of_symbols = false;
  SymbolSpace space = kPermissionSpace;  // of_symbols
  std::vector<uint64_t> candidates;      // ascending, each once
  std::vector<EntityId> fixed;           // the entities that the question names
};

// A target, or none: the question names what nobody has. `error` says what cannot be understood.
std::unique_ptr<SearchTarget> SearchActs(Evaluator& evaluator, const SearchQuery& query);
std::unique_ptr<SearchTarget> SearchDefine(Evaluator& evaluator, const SearchQuery& query,
                                           std::string& error);
std::unique_ptr<SearchTarget> SearchChange(Evaluator& evaluator, const SearchQuery& query,
                                           std::string& error);

// The symbols of a kind, ascending: those of a mask, or all that the policy declares (kNoIndex).
void CollectSymbols(const Program& program, uint32_t space, uint32_t mask,
                    std::vector<uint64_t>& out);

// The entities of `type` for which one of the permits might not be false, ascending. `given` is the
// object when `subjects` are sought, else the subject; `permission` may be kAnySymbol.
void ActCandidates(Evaluator& evaluator, std::span<const uint32_t> permits, bool subjects,
                   EntityId given, uint32_t permission, uint16_t type, std::vector<EntityId>& out);

// A stored entity, or one of an open type for this request; kNowhereEntity when nobody has the
// name.
EntityId ResolveName(Evaluator& evaluator, const EntityName& name);
EntityName NameOfEntity(Evaluator& evaluator, EntityId entity);
// The index of the definition with a verb; kNoIndex when there is none.
uint32_t FindDefine(const Program& program, std::string_view verb);
// The store's number of a symbol; kNoIndex when nothing has the name.
uint32_t FindSymbol(const Program& program, uint32_t space, std::string_view name);

}  // namespace portvakt::engine
