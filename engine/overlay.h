// A view with changes on top that are not written: what a change is judged in, and what "as if"
// questions (dry runs, missing) read. In memory; costs nothing but what is touched. Overlays stand
// on each other. The base must not change while the overlay lives.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/store.h"

namespace portvakt::engine {

class Overlay final : public View {
 public:
  explicit Overlay(const View& base);
  ~Overlay() override;

  // Each says whether anything changed, and notes what did in changes().
  bool AddFact(const FactKey& fact, Validity validity);
  bool RemoveFact(const FactKey& fact);
  // Gives a new entity the number that a Writer at the base's state would give.
  EntityId Create(uint16_t type, std::string_view id, std::vector<StoredAttribute> attributes);
  bool SetAttributes(EntityId entity, std::vector<StoredAttribute> attributes);
  // The record alone: the caller removes its facts first.
  bool RemoveEntity(EntityId entity);
  bool SetSeats(EntityId tenant, uint16_t licence, uint32_t seats);

  // In the order in which they were made, with what each took away.
  const std::vector<Change>& changes() const;
  // Takes the last ones back until `count` are left.
  void Undo(size_t count);

  uint64_t revision() const override;
  std::optional<uint32_t> FindNumber(Space space, std::string_view name) const override;
  std::string_view NameOf(Space space, uint32_t number) const override;
  std::optional<EntityId> FindEntity(uint16_t type, std::string_view id) const override;
  Record FindRecord(EntityId entity) const override;
  Cell FindCell(EntityId subject, EntityId object) const override;
  Validity FindValidity(const FactKey& fact) const override;
  uint32_t FindSeats(EntityId tenant, uint16_t licence) const override;
  void Neighbours(Direction direction, EntityId entity, uint16_t type,
                  std::vector<EntityId>& out) const override;
  void Referrers(uint16_t attribute, EntityId target, std::vector<EntityId>& out) const override;
  void Entities(uint16_t type, std::vector<EntityId>& out) const override;
  uint64_t NextIndex(uint16_t type) const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace portvakt::engine
