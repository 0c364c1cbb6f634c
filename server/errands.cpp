// A queue and the thread that empties it.
#include "server/errands.h"

#include <exception>
#include <utility>

#include "server/limits.h"
#include "server/log.h"

namespace portvakt::server {

Errands::Errands() : thread_([this] { Run(); }) {}

Errands::~Errands() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool Errands::Post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMaxErrands) return false;
    waiting_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

void Errands::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const std::function<void()> task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    try {
      task();
    } catch (const std::exception& fault) {
      // No memory even for the answer. The thread goes on; the connection ends with the server.
      Log(LogLevel::kError, "errand_failed", {{"fault", fault.what()}});
    }
    lock.lock();
  }
}

}  // namespace portvakt::server
