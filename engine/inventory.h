// What is stored: entities with their attributes, and facts with who made them last, when and why.
// Session::ListEntities and Session::ListFacts (engine/engine.h) answer, as of the moment that the
// session stands at. A name that nobody has, and one that the viewer does not see, lists nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/audit.h"
#include "engine/change.h"
#include "engine/decision.h"

namespace portvakt::engine {

// Entities or facts of one page at most: some megabytes of answer.
inline constexpr uint32_t kMaxInventoryPage = 10'000;

// What the error "budget" says.
inline constexpr const char* kViewerBudget =
    "finding what the viewer sees would take too long; this is not all";

// In the order of the store's numbers, which is that of their creation.
struct EntityQuery {
  std::string type;              // an entity type, or a union of them
  std::vector<std::string> ids;  // empty: all
  // Whose eyes, as of a search (engine/search.h).
  std::optional<EntityName> viewer;
  uint64_t after = 0;  // EntityPage::next of the page before
  uint32_t limit = kMaxInventoryPage;
};

struct ListedEntity {
  EntityName entity;
  // By name. Bools and whole numbers as such, sets as lists, all else as text: what a change that
  // sets the attribute takes.
  InputValues attributes;
};

struct EntityPage {
  std::vector<ListedEntity> entities;
  std::optional<uint64_t> next;  // there may be more
  // "", "bad_query", "no_policy", or "budget": telling what the viewer sees would take too long.
  // Then the entities are what was found so far.
  std::string error_code;
  std::string error;
};

// Facts of a subject, about an object, or both; at least one. In the order of the other end's
// number (facts about the subject alone first), then of relations and symbols.
struct FactQuery {
  std::optional<EntityName> subject;
  std::optional<EntityName> object;
  std::string relation;  // as in FactName; "": any
  std::optional<EntityName> viewer;
  // Leaves ListedFact::made out. To find it reads the revisions that touched the facts of a page,
  // whole: a large load takes some tenths of a second.
  bool with_made = true;
  uint64_t after = 0;  // FactPage::next: a position, which changes made meanwhile can shift
  uint32_t limit = kMaxInventoryPage;
};

struct ListedFact {
  FactName fact;
  std::string text;  // `david assigned_to alfa`
  Validity validity;
  bool holds = true;                  // at the session's moment, by its validity
  std::optional<RevisionStamp> made;  // the last change of it, not after the session's revision
};

struct FactPage {
  std::vector<ListedFact> facts;
  std::optional<uint64_t> next;
  std::string error_code;  // as of EntityPage
  std::string error;
};

}  // namespace portvakt::engine
