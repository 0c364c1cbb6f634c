#include "engine/former_view.h"

#include <algorithm>
#include <bit>

#include "engine/records.h"

namespace portvakt::engine {
namespace {

void SortFrom(std::vector<EntityId>& list, size_t first) {
  const auto begin = list.begin() + static_cast<std::ptrdiff_t>(first);
  std::sort(begin, list.end());
  list.erase(std::unique(begin, list.end()), list.end());
}

}  // namespace

void FormerView::KeepCell(const View& before, EntityId subject, EntityId object) {
  const auto [at, fresh] = cells_.try_emplace({subject, object});
  if (!fresh) return;
  turned_.insert({object, subject});
  const Cell cell = before.FindCell(subject, object);
  for (size_t i = 0; i < cell.size(); ++i) {
    const Cell::Row row = cell.at(i);
    at->second.bytes.append(reinterpret_cast<const char*>(&row), sizeof(row));
    for (uint64_t bits = row.bits & row.timed; bits != 0; bits &= bits - 1) {
      const auto bit = static_cast<uint32_t>(std::countr_zero(bits));
      const FactKey fact{row.relation, static_cast<uint16_t>(row.word * 64 + bit), subject, object};
      at->second.timed.emplace_back(fact, before.FindValidity(fact));
    }
  }
}

void FormerView::Keep(const View& before, std::span<const ProposedChange> changes) {
  cells_.clear();
  turned_.clear();
  records_.clear();
  seats_.clear();
  using Target = ProposedChange::Target;
  for (const ProposedChange& change : changes) {
    switch (change.target) {
      case Target::kFact:
      case Target::kRole:
      case Target::kHolds: KeepCell(before, change.subject, change.object); break;
      case Target::kSeats: {
        const auto licence = static_cast<uint16_t>(change.symbol);
        seats_[{change.subject, licence}] = before.FindSeats(change.subject, licence);
        break;
      }
      case Target::kEntity:
      case Target::kAttribute:
        records_[change.subject] = std::string(before.FindRecord(change.subject).bytes());
        break;
    }
  }
}

std::optional<EntityId> FormerView::FindEntity(uint16_t type, std::string_view id) const {
  for (const auto& [entity, bytes] : records_) {
    if (TypeOf(entity) == type && !bytes.empty() && Record(bytes).id() == id) return entity;
  }
  const std::optional<EntityId> found = later_->FindEntity(type, id);
  if (found && !FindRecord(*found).exists()) return std::nullopt;
  return found;
}

Record FormerView::FindRecord(EntityId entity) const {
  const auto kept = records_.find(entity);
  return kept == records_.end() ? later_->FindRecord(entity) : Record(kept->second);
}

Cell FormerView::FindCell(EntityId subject, EntityId object) const {
  const auto kept = cells_.find({subject, object});
  return kept == cells_.end() ? later_->FindCell(subject, object) : Cell(kept->second.bytes);
}

Validity FormerView::FindValidity(const FactKey& fact) const {
  const auto kept = cells_.find({fact.subject, fact.object});
  if (kept == cells_.end()) return later_->FindValidity(fact);
  for (const auto& [timed, validity] : kept->second.timed) {
    if (timed == fact) return validity;
  }
  return {};
}

uint32_t FormerView::FindSeats(EntityId tenant, uint16_t licence) const {
  const auto kept = seats_.find({tenant, licence});
  return kept == seats_.end() ? later_->FindSeats(tenant, licence) : kept->second;
}

void FormerView::Neighbours(Direction direction, EntityId entity, uint16_t type,
                            std::vector<EntityId>& out) const {
  const size_t first = out.size();
  later_->Neighbours(direction, entity, type, out);
  // Those whose cell was empty do no harm: a cell says whether it has facts.
  const auto add = [&](EntityId far) {
    if (far != kNoEntity && TypeOf(far) == type) out.push_back(far);
  };
  if (direction == Direction::kObjectsOf) {
    for (auto at = cells_.lower_bound({entity, 0}); at != cells_.end(); ++at) {
      if (at->first.first != entity) break;
      add(at->first.second);
    }
  } else {
    for (auto at = turned_.lower_bound({entity, 0}); at != turned_.end(); ++at) {
      if (at->first != entity) break;
      add(at->second);
    }
  }
  SortFrom(out, first);
}

void FormerView::Referrers(uint16_t attribute, EntityId target, std::vector<EntityId>& out) const {
  const size_t first = out.size();
  later_->Referrers(attribute, target, out);
  for (const auto& [entity, bytes] : records_) {
    if (bytes.empty()) continue;
    std::vector<RecordReference> references;
    CollectReferences(bytes, references);
    for (const RecordReference& reference : references) {
      if (reference.attribute == attribute && reference.target == target) out.push_back(entity);
    }
  }
  SortFrom(out, first);
}

void FormerView::Entities(uint16_t type, std::vector<EntityId>& out) const {
  const size_t first = out.size();
  later_->Entities(type, out);
  for (const auto& [entity, bytes] : records_) {
    if (TypeOf(entity) == type && !bytes.empty()) out.push_back(entity);
  }
  out.erase(std::remove_if(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                           [&](EntityId entity) {
                             const auto kept = records_.find(entity);
                             return kept != records_.end() && kept->second.empty();
                           }),
            out.end());
  SortFrom(out, first);
}

}  // namespace portvakt::engine
