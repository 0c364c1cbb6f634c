// One change of a request, from names to numbers: what the policy is asked about, and what is done
// when it agrees. Read against the module of the policy and the state that the change is made in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/change.h"
#include "engine/data_findings.h"
#include "engine/data_names.h"
#include "engine/judge.h"
#include "engine/overlay.h"
#include "engine/store.h"

namespace portvakt::engine {

// What an overlay and a writer can do.
struct Operation {
  enum class Kind : uint8_t {
    kAddFact,        // fact, validity
    kRemoveFact,     // fact
    kSetSeats,       // entity, licence, seats
    kCreate,         // entity, id, attributes
    kSetAttributes,  // entity, attributes
    kRemoveEntity,   // entity
  };
  Kind kind = Kind::kAddFact;
  FactKey fact;
  Validity validity;
  EntityId entity = kNoEntity;
  uint16_t licence = 0;
  uint32_t seats = 0;
  std::string id;
  std::vector<StoredAttribute> attributes;
};

struct ChangePlan {
  std::vector<ProposedChange> asked;    // each is put to the rules
  std::vector<ProposedChange> touched;  // all that is changed: limits look at these as one step
  std::vector<Operation> operations;
  // The first operations, which create entities: rules are asked with these there.
  size_t created = 0;
  // Why it cannot be made even where the rules agree: still_referred.
  std::optional<ReasonText> refusal;
};

// False with the outcome kInvalid and a reason in `verdict`.
bool PlanChange(const DataNames& names, const View& view, int64_t now_us, const ChangeItem& item,
                ChangePlan& plan, ChangeVerdict& verdict);

// Makes the first `count` operations (engine/change_operations.cpp).
void MakeOperations(const ChangePlan& plan, size_t count, Overlay& overlay);

// ---- parts of it, by file ---------------------------------------------------------------------

// Who a name means: a stored entity, of a type that there is. The error's message says what is
// wrong, `code` which kind: unknown_type, unknown_entity.
Result<EntityId> FindNamed(const DataNames& names, const View& view, const EntityName& name,
                           std::string& code);

// A fact that is stored, as what the policy calls it. False when the policy has no such fact.
bool DescribeFact(const DataNames& names, const View& view, const FactKey& fact,
                  ProposedChange& out);

// Everything that goes with an entity (engine/change_delete.cpp).
void PlanDeletion(const DataNames& names, const View& view, EntityId entity, ChangePlan& plan);

// Attributes by name into `attributes`, which holds those that the entity has (engine/
// change_attributes.cpp). `creates`: all required ones must be there. Open entities that a value
// names are created. Adds what is asked and touched.
bool PlanAttributes(const DataNames& names, const View& view, dsl::TypeId type, EntityId entity,
                    const InputValues& values, bool creates, ChangePlan& plan,
                    std::vector<StoredAttribute>& attributes, ChangeVerdict& verdict);

// Where open entities that are not stored yet get their numbers (engine/change_operations.cpp).
EntityId PlanEntity(const View& view, uint16_t type, std::string_view id, ChangePlan& plan);

// Sets outcome kInvalid with one reason; always false.
bool Invalid(ChangeVerdict& verdict, const char* code, std::string text);

}  // namespace portvakt::engine
