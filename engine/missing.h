// What is missing: the smallest sets of changes that turn a deny into a permit, who can make each,
// and in which order. Session::Missing (engine/engine.h) answers.
//
// A set is minimal: no part of it would do. Only facts, roles, licences and seats are changed, and
// only among entities that exist; attributes and new entities are nobody's small step. Sets come
// cheapest first. Applying the steps in their order, each by one of those named (or the operator
// where nobody is), ends in a permit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/change.h"
#include "engine/decision.h"

namespace portvakt::engine {

struct MissingQuery {
  Request request;
  std::optional<EntityName> actor;  // whose steps are marked as his own
  uint32_t max_plans = 3;
  uint32_t max_who = 5;  // names a step; the whole list is a search through the change
  int64_t budget_us = 50'000;
};

struct MissingStep {
  enum class Kind : uint8_t {
    kOrderSeat,  // one more seat of a licence
    kHoldLicence,
    kAssign,    // a fact without a symbol, about two entities
    kActivate,  // a fact about one entity
    kGrant,     // a fact with a symbol
    kAppoint,   // a role
    kWithdraw,  // a fact, role or licence that stands in the way is taken away
    kContext,   // something that the request must bring, such as a stronger login
  };
  Kind kind = Kind::kAssign;
  ChangeItem change;               // not of kContext
  std::string context;             // kContext: "login"
  std::string wanted;              // kContext: "at least bankid"
  std::string text;                // `david assigned_to alfa`
  std::vector<std::string> rules;  // permits of the policy about this change, by name

  bool actor_may = false;                 // the query's actor, when this step's turn comes
  std::vector<ReasonText> actor_reasons;  // why not
  std::vector<EntityName> who;            // who can, when its turn comes
  bool more_who = false;                  // there are more than max_who
  bool operator_only = false;             // nobody can
};

struct MissingPlan {
  std::vector<MissingStep> steps;
  uint32_t cost = 0;
};

// A forbid (or a whole condition) that no change mends.
struct Unmendable {
  std::string rule;
  std::string place;
  std::vector<ReasonText> reasons;
};

struct MissingAnswer {
  bool permitted = false;           // nothing is missing
  std::vector<ReasonText> reasons;  // of the deny, as Explain tells them
  std::vector<MissingPlan> plans;
  std::vector<Unmendable> unmendable;
  bool complete = true;     // every smallest set is among the plans
  bool more_plans = false;  // max_plans ended the search: there are further ways, or may be
  uint64_t revision = 0;
  uint32_t policy_version = 0;
};

}  // namespace portvakt::engine
