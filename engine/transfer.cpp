// Trying the changes of a transfer one by one on the present state; what can be made is then asked
// for as one request, which is judged again where it is written.
#include "engine/transfer.h"

#include <algorithm>
#include <set>

#include "engine/change_plan.h"
#include "engine/engine_state.h"
#include "engine/transfer_items.h"

namespace portvakt::engine {
namespace {

using Outcome = ChangeVerdict::Outcome;

// Plans made anew when the store moved on between planning and writing.
constexpr int kMaxTries = 3;
// Steps of a to-do list that are searched for who can make them; of those behind, nobody is named.
constexpr size_t kMaxSearchedToDos = 500;

class Trial {
 public:
  Trial(const ChangeScene& scene, const Acting& acting, std::optional<EntityName> successor)
      : scene_(scene), acting_(acting), successor_(std::move(successor)) {}

  // In order, again and again: one change may open the way for another.
  void TryAll(std::vector<ChangeItem> items) {
    std::vector<ToDo> left;
    for (bool more = true; more && !items.empty();) {
      more = false;
      left.clear();
      for (ChangeItem& item : items) {
        ChangeVerdict verdict = TryOne(item);
        if (verdict.outcome == Outcome::kDone) more = true;
        if (Made(verdict)) continue;
        ToDo& todo = left.emplace_back();
        todo.change = std::move(item);
        todo.verdict = std::move(verdict);
      }
      items.clear();
      for (const ToDo& todo : left) items.push_back(todo.change);
    }
    for (ToDo& todo : left) todo_.push_back(std::move(todo));
  }

  std::vector<ChangeItem>& made() { return made_; }
  std::vector<ToDo>& todo() { return todo_; }

 private:
  static bool Made(const ChangeVerdict& verdict) {
    return verdict.outcome == Outcome::kDone || verdict.outcome == Outcome::kAlready;
  }

  ChangeVerdict TryOne(const ChangeItem& item) {
    const size_t before = scene_.overlay.changes().size();
    ChangeVerdict verdict = MakeChange(scene_, acting_, item);
    if (verdict.outcome == Outcome::kDone) made_.push_back(item);
    if (Made(verdict)) return verdict;
    scene_.overlay.Undo(before);
    if (!successor_ || item.fact.relation != "is" || !BreaksAtLeast(verdict)) return verdict;
    ChangeItem takes = item;
    takes.kind = ChangeItem::Kind::kAdd;
    takes.fact.subject = *successor_;
    const ChangeVerdict taken = MakeChange(scene_, acting_, takes);
    ChangeVerdict again = MakeChange(scene_, acting_, item);
    if (taken.outcome == Outcome::kDone && again.outcome == Outcome::kDone) {
      made_.push_back(std::move(takes));
      made_.push_back(item);
      return again;
    }
    scene_.overlay.Undo(before);
    return verdict;
  }

  static bool BreaksAtLeast(const ChangeVerdict& verdict) {
    return std::any_of(verdict.limits.begin(), verdict.limits.end(),
                       [](const LimitReport& limit) { return limit.counted && limit.at_least; });
  }

  const ChangeScene& scene_;
  const Acting& acting_;
  std::optional<EntityName> successor_;
  std::vector<ChangeItem> made_;
  std::vector<ToDo> todo_;
};

// The types of those who may be asked for, by the policy's rules about changes.
std::set<std::string> ActorTypes(const dsl::Module& module) {
  std::set<std::string> types;
  for (const dsl::ChangeRule& rule : module.changes) {
    for (const dsl::TypeId type : rule.variables[rule.actor].types) {
      types.insert(module.types[type].name);
    }
  }
  return types;
}

Place PlaceOf(const EntityName& entity) { return {false, entity, ""}; }
Place PlaceOf(const std::string& symbol) { return {false, {}, symbol}; }

void FindWho(Session& session, const std::set<std::string>& types, const InputValues& context,
             ToDo& todo) {
  const ChangeItem& item = todo.change;
  SearchQuery query;
  query.through = SearchQuery::Through::kChange;
  query.request.context = context;
  query.change = item.kind;
  query.relation = item.fact.relation;
  const bool fact = item.kind == ChangeItem::Kind::kAdd || item.kind == ChangeItem::Kind::kRemove;
  query.subject = PlaceOf(fact ? item.fact.subject : item.entity);
  query.symbol = PlaceOf(fact ? item.fact.symbol : item.licence);
  query.program = PlaceOf(item.fact.program);
  if (fact && item.fact.object) query.object = PlaceOf(*item.fact.object);
  query.with_depends = false;
  query.limit = static_cast<uint32_t>(kMaxWho) + 1;
  for (const std::string& type : types) {
    query.actor = Place{true, {type, ""}, ""};
    for (SearchResult& result : session.Search(query).results) {
      if (todo.who.size() == kMaxWho) {
        todo.more_who = true;
        return;
      }
      todo.who.push_back(std::move(result.entity));
    }
  }
}

// What onboarding and offboarding have in common.
struct Transfer {
  std::optional<EntityName> actor;
  EntityName from;  // whose facts
  std::optional<EntityName> successor;
  std::vector<ChangeItem> closing;
  InputValues context;
  std::string reason;
  std::string ticket;
  bool dry_run = false;
  std::function<Result<std::vector<ChangeItem>>(const DataNames&, const View&, EntityId)> items;
};

TransferResult Failed(ChangeResult::Outcome outcome, std::string error) {
  TransferResult result;
  result.result.outcome = outcome;
  result.result.error = std::move(error);
  return result;
}

// Made and to do, on the session's state.
TransferResult Plan(const Transfer& transfer, const Snapshot& snapshot, PolicyInUse& policy,
                    int64_t now_us) {
  Overlay overlay(snapshot);
  const ChangeScene scene{policy.names(), policy.judge(), overlay, now_us};
  ChangeRequest request;
  request.actor = transfer.actor;
  request.context = transfer.context;
  const Result<Acting> acting = FindActing(scene, request);
  if (!acting) return Failed(ChangeResult::Outcome::kInvalid, acting.error().message);
  std::string code;
  const auto from = FindNamed(policy.names(), snapshot, transfer.from, code);
  if (!from) return Failed(ChangeResult::Outcome::kInvalid, from.error().message);
  if (transfer.successor) {
    const auto successor = FindNamed(policy.names(), snapshot, *transfer.successor, code);
    if (!successor) return Failed(ChangeResult::Outcome::kInvalid, successor.error().message);
  }
  Result<std::vector<ChangeItem>> items = transfer.items(policy.names(), snapshot, *from);
  if (!items) return Failed(ChangeResult::Outcome::kInvalid, items.error().message);
  Trial trial(scene, *acting, transfer.successor);
  trial.TryAll(std::move(*items));
  for (const ChangeItem& last : transfer.closing) trial.TryAll({last});
  TransferResult result;
  result.changes = std::move(trial.made());
  result.todo = std::move(trial.todo());
  result.result.outcome = ChangeResult::Outcome::kUnchanged;
  result.result.revision = snapshot.revision();
  result.result.policy_version = policy.version();
  return result;
}

void Tell(Session& session, const dsl::Module& module, const InputValues& context,
          TransferResult& result) {
  for (const ChangeItem& change : result.changes) result.texts.push_back(session.Describe(change));
  const std::set<std::string> types = ActorTypes(module);
  size_t searched = 0;
  for (ToDo& todo : result.todo) {
    todo.text = session.Describe(todo.change);
    if (todo.verdict.outcome == Outcome::kInvalid) continue;
    if (searched++ < kMaxSearchedToDos) {
      FindWho(session, types, context, todo);
    } else {
      todo.more_who = true;
    }
  }
}

TransferResult Run(Engine& engine, PolicyCache& policies, const Reader::Clock& clock,
                   const Transfer& transfer) {
  PolicyInUse policy(policies, clock);
  TransferResult result;
  for (int i = 0; i < kMaxTries; ++i) {
    const Result<Snapshot> snapshot = engine.store().Read();
    if (!snapshot) return Failed(ChangeResult::Outcome::kFailed, snapshot.error().message);
    if (const Status ready = policy.Refresh(*snapshot); !ready) {
      return Failed(ChangeResult::Outcome::kFailed, ready.error().message);
    }
    result = Plan(transfer, *snapshot, policy, clock());
    if (!result.result.ok() || result.changes.empty()) break;
    ChangeRequest request;
    request.actor = transfer.actor;
    request.changes = result.changes;
    request.context = transfer.context;
    request.reason = transfer.reason;
    request.ticket = transfer.ticket;
    request.dry_run = transfer.dry_run;
    result.result = engine.Change(request);
    if (result.result.outcome != ChangeResult::Outcome::kRefused) break;
  }
  if (transfer.dry_run && result.result.outcome == ChangeResult::Outcome::kUnchanged) {
    result.result.outcome = ChangeResult::Outcome::kDryRun;
  }
  Result<Session> session = engine.NewSession();
  if (session && session->Refresh()) {
    Tell(*session, policy.names().module(), transfer.context, result);
  }
  return result;
}

}  // namespace

TransferResult Engine::Onboard(const OnboardQuery& query) {
  Transfer transfer;
  transfer.actor = query.actor;
  transfer.from = query.like;
  transfer.context = query.context;
  transfer.reason = query.reason;
  transfer.ticket = query.ticket;
  transfer.dry_run = query.dry_run;
  transfer.items = [&](const DataNames& names, const View& view,
                       EntityId like) -> Result<std::vector<ChangeItem>> {
    std::string code;
    const auto subject = FindNamed(names, view, query.subject, code);
    if (!subject) return subject.error();
    if (TypeOf(*subject) != TypeOf(like)) {
      return Error{Error::Code::kInvalid, "who is brought in must be a " + query.like.type};
    }
    return OnboardItems(names, view, now_us(), like, query);
  };
  return Run(*this, *state_->policies, *state_->clock, transfer);
}

TransferResult Engine::Offboard(const OffboardQuery& query) {
  Transfer transfer;
  transfer.actor = query.actor;
  transfer.from = query.subject;
  transfer.successor = query.successor;
  transfer.closing = query.closing;
  transfer.context = query.context;
  transfer.reason = query.reason;
  transfer.ticket = query.ticket;
  transfer.dry_run = query.dry_run;
  transfer.items = [&](const DataNames& names, const View& view,
                       EntityId subject) -> Result<std::vector<ChangeItem>> {
    return OffboardItems(names, view, now_us(), subject, query);
  };
  return Run(*this, *state_->policies, *state_->clock, transfer);
}

}  // namespace portvakt::engine
