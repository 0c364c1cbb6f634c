// One thread for requests that wait for the store several times, such as bringing somebody in: they
// are rare, and must hold up neither a worker nor each other's callers for long.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace portvakt::server {

class Errands {
 public:
  Errands();
  // Ends the task that runs; those that wait are dropped.
  ~Errands();
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;

  // Any thread. False when kMaxErrands wait already.
  bool Post(std::function<void()> task);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace portvakt::server
