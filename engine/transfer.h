// Bringing people in and out in one go: a list of changes made from what is stored, each governed.
// Engine::Onboard and Engine::Offboard (engine/engine.h) answer. What the actor may make is made in
// one revision (or shown, in a dry run); the rest comes back as a to-do with who can.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/change.h"

namespace portvakt::engine {

struct OnboardQuery {
  std::optional<EntityName> actor;
  EntityName like;     // whose facts are the model
  EntityName subject;  // who gets the same
  // Verbs whose facts are taken over; empty: all about two entities, and held licences. Facts about
  // one entity (`user removed`) only when named. Roles ("is") only when named.
  std::vector<std::string> relations;
  std::vector<EntityName> objects;  // only facts about these; empty: all
  InputValues context;
  std::string reason;
  std::string ticket;
  bool dry_run = false;
};

struct OffboardQuery {
  std::optional<EntityName> actor;
  EntityName subject;
  // Takes the roles that a limit would not let go: last administrators.
  std::optional<EntityName> successor;
  // Facts of these verbs are taken away; empty: all facts, roles and licences of the subject.
  std::vector<std::string> relations;
  std::vector<ChangeItem> closing;  // made last: `david removed`
  InputValues context;
  std::string reason;
  std::string ticket;
  bool dry_run = false;
};

struct ToDo {
  ChangeItem change;
  std::string text;  // `david granted lon.las in alfa`
  ChangeVerdict verdict;
  std::vector<EntityName> who;  // who can now, at most kMaxWho
  bool more_who = false;
};
inline constexpr size_t kMaxWho = 10;

struct TransferResult {
  ChangeResult result;              // of the changes that were made
  std::vector<ChangeItem> changes;  // these, in the order of result.verdicts
  std::vector<std::string> texts;   // of these
  std::vector<ToDo> todo;
};

}  // namespace portvakt::engine
