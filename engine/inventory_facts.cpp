// Listing facts: cells of a subject, of an object, or the one that both share.
#include <algorithm>
#include <bit>

#include "engine/history_words.h"
#include "engine/inventory.h"
#include "engine/inventory_made.h"
#include "engine/search_run.h"
#include "engine/session_state.h"

namespace portvakt::engine {
namespace {

constexpr uint32_t kWordBits = 64;

struct Ends {
  EntityId subject = kNoEntity;
  EntityId object = kNoEntity;
};

std::optional<EntityId> FindNamed(const View& view, const EntityName& name) {
  const auto type = view.FindNumber(Space::kType, name.type);
  if (!type || name.id.empty() || name.id.size() > kMaxIdBytes) return std::nullopt;
  return view.FindEntity(static_cast<uint16_t>(*type), name.id);
}

// All that may share a cell with `entity` on the other side, ascending.
std::vector<EntityId> AllNeighbours(const View& view, Direction direction, EntityId entity) {
  std::vector<EntityId> others;
  for (uint32_t type = 0; type < kMaxNumbers; ++type) {
    if (view.NameOf(Space::kType, type).empty()) break;
    view.Neighbours(direction, entity, static_cast<uint16_t>(type), others);
  }
  return others;
}

std::vector<Ends> CellsOf(const View& view, const FactQuery& query, EntityId subject,
                          EntityId object) {
  if (query.subject && query.object) return {{subject, object}};
  std::vector<Ends> cells;
  if (query.subject) {
    cells.push_back({subject, kNoEntity});
    for (const EntityId other : AllNeighbours(view, Direction::kObjectsOf, subject)) {
      cells.push_back({subject, other});
    }
    return cells;
  }
  for (const EntityId other : AllNeighbours(view, Direction::kSubjectsOf, object)) {
    cells.push_back({other, object});
  }
  return cells;
}

// Fills one page.
class FactLister {
 public:
  FactLister(const HistoryWords& words, const Snapshot& snapshot, const View& view, int64_t now_us,
             const FactQuery& query, FactPage& page)
      : words_(words),
        snapshot_(snapshot),
        view_(view),
        now_us_(now_us),
        query_(query),
        page_(page),
        limit_(std::clamp(query.limit, uint32_t{1}, kMaxInventoryPage)),
        made_(snapshot, view.revision()) {}

  // False when the page is full.
  bool AddCell(const Ends& ends) {
    const Cell cell = view_.FindCell(ends.subject, ends.object);
    for (size_t i = 0; i < cell.size(); ++i) {
      const Cell::Row row = cell.at(i);
      if (!query_.relation.empty() && words_.RelationWord(row.relation) != query_.relation) {
        continue;
      }
      for (uint64_t bits = row.bits; bits != 0; bits &= bits - 1) {
        const uint64_t position = position_++;
        if (position < query_.after) continue;
        if (page_.facts.size() == limit_) {
          page_.next = position;
          return false;
        }
        const auto bit = static_cast<uint32_t>(std::countr_zero(bits));
        const auto symbol = static_cast<uint16_t>(row.word * kWordBits + bit);
        AddFact({row.relation, symbol, ends.subject, ends.object}, (row.timed >> bit & 1) != 0);
      }
    }
    return true;
  }
  // Where the next page begins if this one ends here.
  uint64_t position() const { return position_; }

  void TellMade() const {
    made_.Find([&](size_t index, uint64_t revision) {
      const auto info = snapshot_.FindRevision(revision);
      if (info) page_.facts[index].made = words_.StampOf(*info);
    });
  }

 private:
  void AddFact(const FactKey& key, bool timed) {
    ListedFact& fact = page_.facts.emplace_back();
    fact.fact = words_.NameOf(key);
    fact.text = words_.Sentence(fact.fact);
    if (timed) fact.validity = view_.FindValidity(key);
    fact.holds = fact.validity.At(now_us_);
    if (query_.with_made) made_.Add(key, page_.facts.size() - 1);
  }

  const HistoryWords& words_;
  const Snapshot& snapshot_;
  const View& view_;
  const int64_t now_us_;
  const FactQuery& query_;
  FactPage& page_;
  const size_t limit_;
  LastMade made_;
  uint64_t position_ = 0;
};

}  // namespace

FactPage Session::ListFacts(const FactQuery& query) {
  State& state = *state_;
  FactPage page;
  const auto fail = [&](const char* code, std::string message) {
    page.error_code = code;
    page.error = std::move(message);
    return page;
  };
  if (state.program.empty()) return fail("no_policy", "there is no policy");
  if (!query.subject && !query.object) {
    return fail("bad_query", "facts are listed of a subject, about an object, or both");
  }
  const HistoryWords words(state.program, state.snapshot);
  if (!query.relation.empty()) {
    FactName name;
    name.relation = query.relation;
    const Result<FactKey> known = words.FindKey(name);
    if (!known) return fail("bad_query", known.error().message);
  }
  const View& view = state.view();
  Evaluator& evaluator = state.evaluator;
  evaluator.Begin(state.program, view, *state.clock, nullptr, std::nullopt, kMaxSearchSteps);
  Viewer viewer(evaluator, query.viewer);
  if (!viewer.exists()) return page;
  EntityId fixed[2] = {kNoEntity, kNoEntity};
  const std::optional<EntityName>* named[2] = {&query.subject, &query.object};
  for (size_t end = 0; end < 2; ++end) {
    if (!*named[end]) continue;
    const auto found = FindNamed(view, **named[end]);
    if (!found || !viewer.Sees(*found)) return page;
    fixed[end] = *found;
  }

  FactLister lister(words, state.snapshot, view, now_us(), query, page);
  for (const Ends& ends : CellsOf(view, query, fixed[0], fixed[1])) {
    const EntityId other = query.subject ? ends.object : ends.subject;
    const bool seen = other == kNoEntity || viewer.Sees(other);
    if (evaluator.exhausted()) {
      if (lister.position() > query.after) page.next = lister.position();
      return fail("budget", kViewerBudget);
    }
    if (seen && !lister.AddCell(ends)) break;
  }
  lister.TellMade();
  return page;
}

}  // namespace portvakt::engine
