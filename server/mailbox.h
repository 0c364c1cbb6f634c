// The way from other threads back to a worker, which may have ended: what comes then is dropped.
#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace portvakt::server {

// Safe to share. Held by shared_ptr by the worker and by everyone who may still answer.
class Mailbox {
 public:
  using Task = std::function<void()>;

  // `post` hands a task to the worker's thread.
  explicit Mailbox(std::function<void(Task)> post) : post_(std::move(post)) {}

  void Post(Task task) {
    const std::lock_guard lock(mutex_);
    if (post_) post_(std::move(task));
  }
  // Nothing reaches the worker when this has returned.
  void Close() {
    const std::lock_guard lock(mutex_);
    post_ = nullptr;
  }

 private:
  std::mutex mutex_;
  std::function<void(Task)> post_;
};

}  // namespace portvakt::server
