// The store as it was right after a past revision, read from the present snapshot and the tables of
// what ended since (engine/past.h): nothing is copied or replayed, so it costs a look-up more where
// something changed since, whatever else is stored.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/store.h"

namespace portvakt::engine {

class PastView final : public View {
 public:
  // `present` outlives the view and is not renewed meanwhile; `revision` is not after its own.
  PastView(const Snapshot& present, uint64_t revision);
  ~PastView() override;

  // The policy that was active; 0: none.
  uint32_t active_policy() const;

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
  // Today's: numbers are never used twice.
  uint64_t NextIndex(uint16_t type) const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The last revision whose instant is not after the given one; 0 when all are.
uint64_t RevisionAt(const Snapshot& snapshot, int64_t instant_us);

}  // namespace portvakt::engine
