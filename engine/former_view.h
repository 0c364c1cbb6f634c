// The state before a few changes, seen from the state after them: what the changes touched is kept
// here, everything else is read from the later state. So that limits can be compared without
// copying a store.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/judge.h"
#include "engine/store.h"

namespace portvakt::engine {

class FormerView final : public View {
 public:
  // Keeps what the changes are about to touch in `before`, and forgets what was kept.
  void Keep(const View& before, std::span<const ProposedChange> changes);
  // The state that is read through; it lives as long as this is read.
  void SetLater(const View& later) { later_ = &later; }

  uint64_t revision() const override { return later_->revision(); }
  std::optional<uint32_t> FindNumber(Space space, std::string_view name) const override {
    return later_->FindNumber(space, name);
  }
  std::string_view NameOf(Space space, uint32_t number) const override {
    return later_->NameOf(space, number);
  }
  std::optional<EntityId> FindEntity(uint16_t type, std::string_view id) const override;
  Record FindRecord(EntityId entity) const override;
  Cell FindCell(EntityId subject, EntityId object) const override;
  Validity FindValidity(const FactKey& fact) const override;
  uint32_t FindSeats(EntityId tenant, uint16_t licence) const override;
  void Neighbours(Direction direction, EntityId entity, uint16_t type,
                  std::vector<EntityId>& out) const override;
  void Referrers(uint16_t attribute, EntityId target, std::vector<EntityId>& out) const override;
  void Entities(uint16_t type, std::vector<EntityId>& out) const override;
  uint64_t NextIndex(uint16_t type) const override { return later_->NextIndex(type); }

 private:
  using Pair = std::pair<EntityId, EntityId>;
  struct KeptCell {
    std::string bytes;
    std::vector<std::pair<FactKey, Validity>> timed;
  };
  void KeepCell(const View& before, EntityId subject, EntityId object);

  const View* later_ = nullptr;
  std::map<Pair, KeptCell> cells_;
  std::set<Pair> turned_;                    // the same pairs, objects first
  std::map<EntityId, std::string> records_;  // "": there was none
  std::map<std::pair<EntityId, uint16_t>, uint32_t> seats_;
};

}  // namespace portvakt::engine
