#include "engine/committer.h"

#include <map>

#include "engine/bytes.h"
#include "engine/engine_state.h"
#include "engine/request_digest.h"

namespace portvakt::engine {
namespace {

using Outcome = ChangeResult::Outcome;

ChangeResult Ended(Outcome outcome, std::string error) {
  ChangeResult result;
  result.outcome = outcome;
  result.error = std::move(error);
  return result;
}

// What is wrong with the request as a whole; "" when nothing is.
std::string TooMuch(const ChangeRequest& request) {
  const auto over = [](const char* what, size_t size, size_t most) {
    return std::string(what) + " has " + std::to_string(size) + " bytes, more than " +
           std::to_string(most);
  };
  if (request.changes.empty()) return "there is nothing to change";
  if (request.changes.size() > kMaxChanges) {
    return "a request has at most " + std::to_string(kMaxChanges) + " changes, not " +
           std::to_string(request.changes.size());
  }
  if (request.idempotency_key.size() > kMaxIdempotencyKeyBytes) {
    return over("the idempotency key", request.idempotency_key.size(), kMaxIdempotencyKeyBytes);
  }
  if (request.reason.size() > kMaxReasonBytes) {
    return over("the reason", request.reason.size(), kMaxReasonBytes);
  }
  if (request.ticket.size() > kMaxTicketBytes) {
    return over("the ticket", request.ticket.size(), kMaxTicketBytes);
  }
  return "";
}

Status Replay(Writer& writer, const Change& change) {
  switch (change.kind) {
    case Change::Kind::kAddFact: return writer.AddFact(change.fact, change.validity);
    case Change::Kind::kRemoveFact: return writer.RemoveFact(change.fact);
    case Change::Kind::kPutEntity: {
      const Record record(change.record);
      const auto put = writer.PutEntity(TypeOf(change.entity), record.id(), record.All());
      if (!put) return put.error();
      if (*put == change.entity) return Done{};
      return Error{Error::Code::kConflict, "a new entity got another number than it was judged by"};
    }
    case Change::Kind::kRemoveEntity: return writer.RemoveEntity(change.entity);
    case Change::Kind::kSetSeats:
      return writer.SetSeats(change.entity, change.licence, change.number);
    case Change::Kind::kInstallPolicy:
    case Change::Kind::kActivatePolicy:
    case Change::Kind::kDropPolicy: break;
  }
  return Error{Error::Code::kInvalid, "no request changes policies"};
}

}  // namespace

// One transaction: what is written, and the state as it will be then.
struct Committer::Group {
  Group(Writer begun, const Snapshot& before, int64_t now)
      : writer(std::move(begun)), snapshot(before), overlay(before), now_us(now) {}

  Writer writer;
  const Snapshot& snapshot;  // as the writer found it
  Overlay overlay;
  int64_t now_us;
  std::string error;                       // why it failed
  std::map<uint64_t, int64_t> instant_of;  // of the revisions that it sealed
};

Committer::Committer(Store& store, PolicyCache& policies, const Reader::Clock& clock)
    : store_(store), clock_(clock), policy_(policies, clock), thread_([this] { Run(); }) {}

Committer::~Committer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Committer::Submit(ChangeRequest request, Callback done) {
  if (std::string error = TooMuch(request); !error.empty()) {
    return done(Ended(Outcome::kInvalid, std::move(error)));
  }
  Waiting waiting;
  const std::string bytes = BytesOf(request);
  waiting.bytes = bytes.size();
  if (!request.idempotency_key.empty()) waiting.digest = Sha256Of(bytes);
  waiting.request = std::move(request);
  waiting.done = std::move(done);
  {
    const std::lock_guard lock(mutex_);
    // One that is large by itself waits alone.
    const bool fits = waiting_.empty() || waiting_bytes_ + waiting.bytes <= kMaxWaitingBytes;
    if (fits && waiting_.size() < kMaxWaitingRequests) {
      waiting_bytes_ += waiting.bytes;
      waiting_.push_back(std::move(waiting));
      waiting.done = nullptr;
    }
  }
  if (waiting.done) return waiting.done(Ended(Outcome::kFailed, "too many changes are waiting"));
  changed_.notify_one();
}

void Committer::Run() {
  while (true) {
    std::vector<Waiting> group = TakeGroup();
    if (group.empty()) return;
    Work(group);
    for (Waiting& waiting : group) waiting.done(std::move(waiting.result));
  }
}

// Empty when all is done.
std::vector<Committer::Waiting> Committer::TakeGroup() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  std::vector<Waiting> group;
  size_t bytes = 0;
  while (!waiting_.empty() && group.size() < kMaxGroupRequests) {
    Waiting& next = waiting_.front();
    if (!group.empty() && bytes + next.bytes > kMaxGroupBytes) break;
    bytes += next.bytes;
    waiting_bytes_ -= next.bytes;
    group.push_back(std::move(next));
    waiting_.pop_front();
  }
  return group;
}

void Committer::Work(std::vector<Waiting>& all) {
  const auto fail = [&](Outcome outcome, const std::string& error) {
    for (Waiting& waiting : all) waiting.result = Ended(outcome, error);
  };
  Result<Writer> writer = store_.Begin();
  if (!writer) return fail(Outcome::kFailed, writer.error().message);
  // The writer is alone: nothing changes between the two.
  const Result<Snapshot> snapshot = store_.Read();
  if (!snapshot) return fail(Outcome::kFailed, snapshot.error().message);
  if (const Status ready = policy_.Refresh(*snapshot); !ready) {
    return fail(Outcome::kFailed, ready.error().message);
  }
  Group group(std::move(*writer), *snapshot, clock_());
  for (Waiting& waiting : all) {
    if (!JudgeOne(group, waiting)) return fail(Outcome::kFailed, group.error);
  }
  const Result<uint64_t> revision = group.writer.Commit({});
  if (!revision) return fail(Outcome::kFailed, revision.error().message);
}

bool Committer::JudgeOne(Group& group, Waiting& waiting) {
  const ChangeRequest& request = waiting.request;
  ChangeResult& result = waiting.result;
  result.revision = group.writer.revision();
  result.instant_us = group.writer.instant_us();
  result.policy_version = policy_.version();
  const ChangeScene scene{policy_.names(), policy_.judge(), group.overlay, group.now_us};
  const Result<Acting> acting = FindActing(scene, request);
  const auto end = [&](Outcome outcome, std::string error) {
    result.outcome = outcome;
    result.error = std::move(error);
    return true;
  };
  if (!acting) return end(Outcome::kInvalid, acting.error().message);
  if (!request.idempotency_key.empty() && !request.dry_run) {
    const auto made = group.writer.FindIdempotent(acting->asker.actor, request.idempotency_key);
    if (made && made->digest != waiting.digest) {
      return end(Outcome::kConflict, "this idempotency key was used for another request");
    }
    if (made) {
      result.repeated = true;
      result.revision = made->revision;
      const auto sealed = group.instant_of.find(made->revision);
      const auto stored = group.snapshot.FindRevision(made->revision);
      result.instant_us = sealed != group.instant_of.end() ? sealed->second
                          : stored                         ? stored->instant_us
                                                           : 0;
      result.verdicts.resize(request.changes.size());
      return end(Outcome::kApplied, "");
    }
  }
  if (request.expected_revision && *request.expected_revision != result.revision) {
    return end(Outcome::kConflict, "the store is at revision " + std::to_string(result.revision) +
                                       ", not " + std::to_string(*request.expected_revision));
  }
  const size_t before = group.overlay.changes().size();
  MakeChanges(scene, *acting, request.changes, result);
  if (result.outcome == Outcome::kApplied && !request.dry_run) {
    return Write(group, waiting, *acting, before);
  }
  group.overlay.Undo(before);
  if (request.dry_run && result.ok()) result.outcome = Outcome::kDryRun;
  return true;
}

bool Committer::Write(Group& group, Waiting& waiting, const Acting& acting, size_t first) {
  const ChangeRequest& request = waiting.request;
  const std::vector<Change>& changes = group.overlay.changes();
  for (size_t i = first; i < changes.size(); ++i) {
    if (const Status status = Replay(group.writer, changes[i]); !status) {
      group.error = status.error().message;
      return false;
    }
  }
  Writer::Stamp stamp;
  stamp.instant_us = group.now_us;
  stamp.actor = request.actor ? request.actor->type + ":" + request.actor->id : "operator";
  stamp.reason = request.reason;
  stamp.ticket = request.ticket;
  stamp.actor_entity = acting.asker.actor;
  stamp.second = request.second ? acting.asker.second : kNoEntity;
  stamp.idempotency_key = request.idempotency_key;
  stamp.request_digest = waiting.digest;
  if (const Status sealed = group.writer.NextRevision(stamp); !sealed) {
    group.error = sealed.error().message;
    return false;
  }
  waiting.result.revision = group.writer.revision();
  waiting.result.instant_us = group.writer.instant_us();
  group.instant_of[waiting.result.revision] = waiting.result.instant_us;
  return true;
}

// ---- the engine's door ------------------------------------------------------------------------

void Engine::SubmitChange(ChangeRequest request, std::function<void(ChangeResult)> done) {
  State& state = *state_;
  std::call_once(state.committer_started, [&] {
    state.committer = std::make_unique<Committer>(*state.store, *state.policies, *state.clock);
  });
  state.committer->Submit(std::move(request), std::move(done));
}

ChangeResult Engine::Change(const ChangeRequest& request) {
  std::mutex mutex;
  std::condition_variable arrived;
  std::optional<ChangeResult> result;
  SubmitChange(request, [&](ChangeResult made) {
    // Told while locked: the waiting one takes all this away as soon as it can.
    const std::lock_guard lock(mutex);
    result = std::move(made);
    arrived.notify_one();
  });
  std::unique_lock lock(mutex);
  arrived.wait(lock, [&] { return result.has_value(); });
  return std::move(*result);
}

}  // namespace portvakt::engine
