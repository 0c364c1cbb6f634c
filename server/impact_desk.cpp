#include "server/impact_desk.h"

#include <exception>
#include <system_error>
#include <utility>

#include "server/log.h"

namespace portvakt::server {

ImpactDesk::ImpactDesk(engine::Engine& engine) : engine_(engine) {}

ImpactDesk::~ImpactDesk() {
  Stop();
  if (thread_.joinable()) thread_.join();
}

void ImpactDesk::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
}

bool ImpactDesk::Begin(const engine::ImpactQuery& query, Done done) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || progress_.running) return false;
  if (!thread_.joinable()) {
    try {
      thread_ = std::thread([this] { Run(); });
    } catch (const std::system_error&) {
      return false;  // no thread to be had; a later request may find one
    }
  }
  query_ = query;
  done_ = std::move(done);
  progress_ = {true, 0, 0, nullptr};
  changed_.notify_one();
  return true;
}

std::optional<ImpactDesk::Progress> ImpactDesk::Look(uint32_t after) const {
  const std::lock_guard lock(mutex_);
  if (!query_ || query_->after != after) return std::nullopt;
  return progress_;
}

void ImpactDesk::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || progress_.running; });
    if (!progress_.running) return;
    const engine::ImpactQuery query = *query_;
    lock.unlock();
    auto outcome = std::make_shared<Outcome>(engine::Error{});
    try {
      auto session = engine_.NewSession();
      *outcome = session ? session->CompareDecisions(query,
                                                     [this](uint64_t done, uint64_t all) {
                                                       const std::lock_guard guard(mutex_);
                                                       progress_.subjects_done = done;
                                                       progress_.subjects = all;
                                                       return !stopping_;
                                                     })
                         : Outcome(session.error());
    } catch (const std::exception& fault) {  // only the memory running out
      Log(LogLevel::kError, "impact_failed", {{"fault", fault.what()}});
      *outcome = engine::Error{engine::Error::Code::kIo, "the server failed on this comparison"};
    }
    lock.lock();
    progress_.running = false;
    progress_.outcome = outcome;
    const Done done = std::exchange(done_, nullptr);
    lock.unlock();
    if (done) done(*outcome);
    lock.lock();
  }
}

}  // namespace portvakt::server
