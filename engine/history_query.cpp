// Session::History: which revisions can hold what is asked for is read from the tables of the past
// and of actors, so that a fact's life costs what happened to its pair, not what is stored.
#include <algorithm>
#include <deque>
#include <functional>

#include "engine/history.h"
#include "engine/history_turns.h"
#include "engine/history_words.h"
#include "engine/past_view.h"
#include "engine/session_state.h"

namespace portvakt::engine {
namespace {

bool Has(const std::vector<EntityId>& all, EntityId one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// One question to the history.
class HistoryReader {
 public:
  HistoryReader(const Program& program, const Snapshot& snapshot, const HistoryQuery& query)
      : words_(program, snapshot), snapshot_(snapshot), tables_(snapshot), query_(query) {}

  HistoryPage Read() {
    page_.revision = snapshot_.revision();
    limit_ = std::clamp<size_t>(query_.limit, 1, kMaxHistoryPage);
    if (!Understand()) return std::move(page_);
    Bound();
    std::optional<uint64_t> revision = Next(query_.newest_first ? high_ : low_);
    while (revision && *revision >= low_ && *revision <= high_ && !page_.next) {
      ReadRevision(*revision);
      if (query_.newest_first && *revision == 1) break;
      revision = Next(query_.newest_first ? *revision - 1 : *revision + 1);
    }
    return std::move(page_);
  }

 private:
  // Names to numbers, and where candidates come from.
  bool Understand() {
    if (query_.actor) {
      actors_ = words_.Find(*query_.actor);
      if (actors_.empty()) return Unknown(*query_.actor);
    } else if (query_.by_operator) {
      actors_ = {kNoEntity};
    }
    if (query_.fact) {
      const Result<FactKey> key = words_.FindKey(*query_.fact);
      if (!key) {
        page_.error = key.error().message;
        return false;
      }
      key_ = key.value();
      subjects_ = words_.Find(query_.fact->subject);
      if (subjects_.empty()) return Unknown(query_.fact->subject);
      objects_ = query_.fact->object ? words_.Find(*query_.fact->object)
                                     : std::vector<EntityId>{kNoEntity};
      if (objects_.empty()) return Unknown(*query_.fact->object);
      for (const EntityId subject : subjects_) {
        for (const EntityId object : objects_) AddCellTurns(tables_, subject, object, turns_);
      }
    }
    if (query_.entity) {
      entities_ = words_.Find(*query_.entity);
      if (entities_.empty()) return Unknown(*query_.entity);
      if (!query_.fact) {
        for (const EntityId entity : entities_) AddEntityTurns(tables_, entity, turns_);
      }
    }
    std::sort(turns_.begin(), turns_.end());
    turns_.erase(std::unique(turns_.begin(), turns_.end()), turns_.end());
    return true;
  }
  bool Unknown(const EntityName& name) {
    page_.error = "there never was a " + name.type + " `" + name.id + "`";
    return false;
  }

  void Bound() {
    low_ = 1;
    high_ = snapshot_.revision();
    if (query_.from_us && *query_.from_us > INT64_MIN) {
      low_ = RevisionAt(snapshot_, *query_.from_us - 1) + 1;
    }
    if (query_.until_us && *query_.until_us > INT64_MIN) {
      high_ = RevisionAt(snapshot_, *query_.until_us - 1);
    }
    if (query_.newest_first) {
      if (query_.after_revision > 0) high_ = std::min(high_, query_.after_revision - 1);
    } else if (query_.after_revision < snapshot_.revision()) {
      low_ = std::max(low_, query_.after_revision + 1);
    } else {
      low_ = high_ + 1;
    }
  }

  // The next revision in the asked order that may hold something, from `from` on.
  std::optional<uint64_t> Next(uint64_t from) {
    if (query_.fact || query_.entity) {
      const auto after = query_.newest_first ? std::upper_bound(turns_.begin(), turns_.end(), from)
                                             : std::lower_bound(turns_.begin(), turns_.end(), from);
      if (after == (query_.newest_first ? turns_.begin() : turns_.end())) return std::nullopt;
      return query_.newest_first ? *std::prev(after) : *after;
    }
    if (actors_.empty()) return from;
    std::optional<uint64_t> best;
    for (const EntityId actor : actors_) {
      const Key key = ActorKey(actor, query_.newest_first ? from + 1 : from);
      Cursor cursor(tables_.transaction, StoreTable::kActors);
      const bool found = query_.newest_first ? cursor.SeekBefore(key) : cursor.Seek(key);
      if (!found || GetBig<EntityId>(cursor.key(), 0) != actor) continue;
      const auto revision = GetBig<uint64_t>(cursor.key(), sizeof(EntityId));
      if (!best || (query_.newest_first ? revision > *best : revision < *best)) best = revision;
    }
    return best;
  }

  bool Wanted(const Change& change) const {
    const bool is_fact =
        change.kind == Change::Kind::kAddFact || change.kind == Change::Kind::kRemoveFact;
    if (query_.fact) {
      if (!is_fact || change.fact.relation != key_.relation || change.fact.symbol != key_.symbol ||
          !Has(subjects_, change.fact.subject) || !Has(objects_, change.fact.object)) {
        return false;
      }
    }
    if (!query_.entity) return true;
    return is_fact ? Has(entities_, change.fact.subject) || Has(entities_, change.fact.object)
                   : Has(entities_, change.entity);
  }

  void ReadRevision(uint64_t revision) {
    const auto info = snapshot_.FindRevision(revision);
    if (!info || (!actors_.empty() && !Has(actors_, info->actor_entity))) return;
    // Where a page ended inside of this revision.
    uint32_t skip = 0;
    const bool first = query_.newest_first ? revision + 1 == query_.after_revision
                                           : revision == query_.after_revision + 1;
    if (first) skip = std::min(query_.after_index, info->change_count);
    const size_t room = limit_ + 1 - page_.entries.size();
    std::deque<std::pair<uint32_t, Change>> found;
    VisitChanges(tables_.transaction, revision, [&](const Change& change, uint32_t index) {
      if (query_.newest_first && index >= info->change_count - skip) return false;
      if ((!query_.newest_first && index < skip) || !Wanted(change)) return true;
      found.emplace_back(index, change);
      if (query_.newest_first && found.size() > room) found.pop_front();
      return query_.newest_first || found.size() < room;
    });
    if (query_.newest_first) std::reverse(found.begin(), found.end());
    for (const auto& [index, change] : found) {
      if (page_.entries.size() == limit_) {
        page_.next = query_.newest_first
                         ? HistoryPage::Position{revision + 1, info->change_count - 1 - index}
                         : HistoryPage::Position{revision - 1, index};
        return;
      }
      page_.entries.push_back({words_.StampOf(*info), index, words_.Describe(change)});
    }
  }

  HistoryWords words_;
  const Snapshot& snapshot_;
  SnapshotTables tables_;
  const HistoryQuery& query_;
  size_t limit_ = 0;
  uint64_t low_ = 1;  // revisions that are read
  uint64_t high_ = 0;
  FactKey key_;
  std::vector<EntityId> subjects_;
  std::vector<EntityId> objects_;
  std::vector<EntityId> entities_;
  std::vector<EntityId> actors_;
  std::vector<uint64_t> turns_;  // revisions that touched what is asked about, ascending
  HistoryPage page_;
};

}  // namespace

HistoryPage Session::History(const HistoryQuery& query) {
  return HistoryReader(state_->program, state_->snapshot, query).Read();
}

std::string Session::Describe(const ChangeItem& change) const {
  const HistoryWords words(state_->program, state_->snapshot);
  switch (change.kind) {
    case ChangeItem::Kind::kAdd:
    case ChangeItem::Kind::kRemove: return words.Sentence(change.fact);
    case ChangeItem::Kind::kSeats:
      return HistoryWords::SeatsSentence(change.licence, change.entity, change.seats);
    default: return change.entity.type + " " + change.entity.id;
  }
}

}  // namespace portvakt::engine
