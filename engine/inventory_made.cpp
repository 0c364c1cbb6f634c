// Finding the revision that made each of many facts.
#include "engine/inventory_made.h"

#include <algorithm>
#include <tuple>

#include "engine/history.h"
#include "engine/history_turns.h"

namespace portvakt::engine {
namespace {

auto Order(const FactKey& fact) {
  return std::tie(fact.subject, fact.object, fact.relation, fact.symbol);
}

}  // namespace

void LastMade::Add(const FactKey& fact, size_t index) {
  const bool same_cell = !wanted_.empty() && wanted_.back().fact.subject == fact.subject &&
                         wanted_.back().fact.object == fact.object;
  if (!same_cell) {
    std::vector<uint64_t>& turns = turns_.emplace_back();
    AddCellTurns(tables_, fact.subject, fact.object, turns);
    std::sort(turns.begin(), turns.end());
    turns.erase(std::unique(turns.begin(), turns.end()), turns.end());
    turns.erase(std::upper_bound(turns.begin(), turns.end(), revision_), turns.end());
  }
  wanted_.push_back({fact, index, turns_.size() - 1});
}

void LastMade::Find(const std::function<void(size_t index, uint64_t revision)>& found) const {
  std::map<uint64_t, std::vector<const Wanted*>> waiting;
  for (const Wanted& wanted : wanted_) {
    const std::vector<uint64_t>& turns = turns_[wanted.turns];
    if (!turns.empty()) waiting[turns.back()].push_back(&wanted);
  }
  while (!waiting.empty()) {
    const auto newest = std::prev(waiting.end());
    const uint64_t revision = newest->first;
    std::vector<const Wanted*> here = std::move(newest->second);
    waiting.erase(newest);
    std::sort(here.begin(), here.end(),
              [](const Wanted* a, const Wanted* b) { return Order(a->fact) < Order(b->fact); });
    std::vector<bool> made(here.size());
    VisitChanges(tables_.transaction, revision, [&](const Change& change, uint32_t) {
      if (change.kind != Change::Kind::kAddFact) return true;
      const auto at = std::lower_bound(here.begin(), here.end(), change.fact,
                                       [](const Wanted* wanted, const FactKey& fact) {
                                         return Order(wanted->fact) < Order(fact);
                                       });
      if (at != here.end() && (*at)->fact == change.fact) {
        made[static_cast<size_t>(at - here.begin())] = true;
      }
      return true;
    });
    for (size_t i = 0; i < here.size(); ++i) {
      if (made[i]) {
        found(here[i]->index, revision);
        continue;
      }
      // What turned its cell here was another fact of it.
      const std::vector<uint64_t>& turns = turns_[here[i]->turns];
      const auto at = std::lower_bound(turns.begin(), turns.end(), revision);
      if (at != turns.begin()) waiting[*std::prev(at)].push_back(here[i]);
    }
  }
}

}  // namespace portvakt::engine
