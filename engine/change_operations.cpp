// The operations of a plan: creating entities among them, and making them in an overlay.
#include "engine/change_plan.h"

namespace portvakt::engine {

EntityId PlanEntity(const View& view, uint16_t type, std::string_view id, ChangePlan& plan) {
  if (const auto stored = view.FindEntity(type, id)) return *stored;
  uint64_t index = view.NextIndex(type);
  for (size_t i = 0; i < plan.created; ++i) {
    const Operation& made = plan.operations[i];
    if (TypeOf(made.entity) != type) continue;
    if (made.id == id) return made.entity;
    ++index;
  }
  Operation operation;
  operation.kind = Operation::Kind::kCreate;
  operation.entity = MakeEntity(type, index);
  operation.id = id;
  plan.operations.insert(plan.operations.begin() + static_cast<std::ptrdiff_t>(plan.created),
                         std::move(operation));
  ++plan.created;
  return MakeEntity(type, index);
}

void MakeOperations(const ChangePlan& plan, size_t count, Overlay& overlay) {
  for (size_t i = 0; i < count; ++i) {
    const Operation& operation = plan.operations[i];
    switch (operation.kind) {
      case Operation::Kind::kAddFact: overlay.AddFact(operation.fact, operation.validity); break;
      case Operation::Kind::kRemoveFact: overlay.RemoveFact(operation.fact); break;
      case Operation::Kind::kSetSeats:
        overlay.SetSeats(operation.entity, operation.licence, operation.seats);
        break;
      case Operation::Kind::kCreate:
        overlay.Create(TypeOf(operation.entity), operation.id, operation.attributes);
        break;
      case Operation::Kind::kSetAttributes:
        overlay.SetAttributes(operation.entity, operation.attributes);
        break;
      case Operation::Kind::kRemoveEntity: overlay.RemoveEntity(operation.entity); break;
    }
  }
}

}  // namespace portvakt::engine
