// The one thread that changes a store by the policy. It takes the requests that wait, judges each
// in the state that those before it leave, writes what is accepted as a revision each, and makes
// all durable by one sync; only then does anyone hear. Safe to share between threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/change.h"
#include "engine/judge_request.h"
#include "engine/reader.h"
#include "engine/sha256.h"
#include "engine/store.h"

namespace portvakt::engine {

// Requests that wait, and their bytes together: beyond, a request fails at once.
inline constexpr size_t kMaxWaitingRequests = 4'096;
inline constexpr size_t kMaxWaitingBytes = size_t{64} << 20;
// Requests that share one sync, and their bytes together: bounds how long the first one waits.
inline constexpr size_t kMaxGroupRequests = 256;
inline constexpr size_t kMaxGroupBytes = size_t{4} << 20;

class Committer {
 public:
  using Callback = std::function<void(ChangeResult)>;

  // All outlive it.
  Committer(Store& store, PolicyCache& policies, const Reader::Clock& clock);
  // Finishes what waits.
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // `done` is called once, on the committer's thread; or at once, when the request cannot wait.
  void Submit(ChangeRequest request, Callback done);

 private:
  struct Waiting {
    ChangeRequest request;
    Callback done;
    size_t bytes = 0;
    Sha256 digest = {};
    ChangeResult result;
  };
  struct Group;

  void Run();
  std::vector<Waiting> TakeGroup();
  void Work(std::vector<Waiting>& group);
  // False when the transaction cannot go on.
  bool JudgeOne(Group& group, Waiting& waiting);
  bool Write(Group& group, Waiting& waiting, const Acting& acting, size_t first);

  Store& store_;
  const Reader::Clock& clock_;
  PolicyInUse policy_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;  // guarded by mutex_, as what follows
  size_t waiting_bytes_ = 0;
  bool stopping_ = false;
  std::thread thread_;  // last: starts when all else is there
};

}  // namespace portvakt::engine
