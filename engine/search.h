// Searches: who may, what may he, where may he; also through a definition, or a change with one
// hole. Complete, and in the order of the store's numbers, which never change. Session::Search
// (engine/engine.h) answers; each page reads the session's state of the store. A name that nobody
// has makes an empty result.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/change.h"
#include "engine/decision.h"

namespace portvakt::engine {

// Steps of the evaluator (conditions tested, entities walked over) that one page of a search or one
// matrix may take: some seconds, then it ends with what was found.
inline constexpr int64_t kMaxSearchSteps = 50'000'000;
// The definition that says who sees whom: ENTITY sees ENTITY.
inline constexpr const char* kSeesVerb = "sees";

// One place of a definition or a change. With `hole` the one that is searched for.
struct Place {
  bool hole = false;
  EntityName entity;   // of an entity place; a hole has only its type
  std::string symbol;  // of a symbol place: permission, role, licence or program
};

struct SearchQuery {
  enum class Through : uint8_t {
    kSubjects,   // request without subject.id: who may
    kActions,    // request without action: what may he
    kResources,  // request without resource.id: where may he
    kDefine,     // verb and places
    kChange,     // change and actor place, one of them a hole
  };
  Through through = Through::kSubjects;
  Request request;  // kSubjects, kActions, kResources; the others use its context and now_us

  std::string verb;           // kDefine: of the definition
  std::vector<Place> places;  // kDefine: in the order of its sentence

  // kChange. Places that the change's target has not stay empty. Whether a fact is already there
  // does not matter.
  ChangeItem::Kind change = ChangeItem::Kind::kAdd;  // not kSet
  std::string relation;                              // as in FactName
  Place subject;  // kSeats: the pool; kCreate, kDelete: the entity
  Place symbol;   // kSeats: the licence
  Place program;
  Place object;
  Place actor;

  // Whose eyes: only what the policy's definition `sees` lets him see is shown, and nothing when
  // the fixed entities are not seen either (docs/language.md). Absent: everything.
  std::optional<EntityName> viewer;
  bool with_depends = true;  // results that hang on context that was not given
  uint64_t after = 0;        // SearchPage::next of the page before
  uint32_t limit = 0;        // results at most; 0: all
};

struct SearchResult {
  EntityName entity;                         // of an entity hole
  std::string symbol;                        // of a symbol hole, and of kActions
  Tri verdict = Tri::kTrue;                  // kTrue, or kUnknown: depends
  std::vector<std::string> missing_context;  // kUnknown: what it depends on, as in Explanation
  std::vector<ReasonText> obligations;       // kSubjects, kActions, kResources; kTrue alone
};

struct SearchPage {
  std::vector<SearchResult> results;
  std::optional<uint64_t> next;  // there may be more: SearchQuery::after of the next page
  uint64_t revision = 0;
  uint32_t policy_version = 0;
  // The query cannot be understood (two holes, an unknown definition, a wrong number of places), or
  // the budget ran out: then the results are what was found, never presented as complete.
  std::string error_code;  // "", "bad_query", "budget", "no_policy"
  std::string error;
};

}  // namespace portvakt::engine
