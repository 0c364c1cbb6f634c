// Lanes, and the thread that empties them.
#include "server/line_queue.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>

#include "server/log.h"
#include "server/thread_number.h"

namespace portvakt::server {
namespace {

// A buffer that once grew beyond this is given back, so that one burst does not hold memory.
constexpr size_t kKeptBytes = size_t{1} << 20;

}  // namespace

LineQueue::LineQueue(Sink sink, const Options& options)
    : sink_(std::move(sink)),
      interval_ms_(options.interval_ms),
      lanes_(std::max<uint32_t>(options.lanes, 1)),
      lane_bytes_(options.bytes / lanes_.size()),
      thread_([this] { Run(); }) {}

LineQueue::~LineQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

LineQueue::Lane& LineQueue::OwnLane() { return lanes_[ThreadNumber() % lanes_.size()]; }

bool LineQueue::HasRoom(const Lane& lane) {
  const size_t waiting = lane.lines.size();
  if (waiting >= lane_bytes_ / 2) Wake();
  return waiting < lane_bytes_;
}

void LineQueue::Wake() {
  if (is_woken_.exchange(true)) return;
  // With the lock, so that it does not fall between the thread's look and its sleep.
  { const std::lock_guard lock(mutex_); }
  changed_.notify_one();
}

void LineQueue::Commit(const std::string& lines, uint64_t line_count, Done done) {
  Lane& lane = OwnLane();
  {
    const std::lock_guard lock(lane.mutex);
    if (HasRoom(lane)) {
      lane.lines.append(lines);
      lane.line_count += line_count;
      lane.awaited.push_back(std::move(done));
      done = nullptr;
    }
  }
  if (done == nullptr) return Wake();
  lost_.fetch_add(line_count, std::memory_order_relaxed);
  done(false);
}

size_t LineQueue::waiting_bytes() const {
  size_t bytes = 0;
  for (const Lane& lane : lanes_) {
    const std::lock_guard lock(lane.mutex);
    bytes += lane.lines.size();
  }
  return bytes;
}

void LineQueue::Run() {
  while (true) {
    bool is_last = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, std::chrono::milliseconds(interval_ms_),
                        [this] { return stopping_ || is_woken_.load(); });
      is_last = stopping_;
      is_woken_ = false;
    }
    try {
      Drain();
    } catch (const std::exception& fault) {
      Log(LogLevel::kError, "log_failed", {{"fault", fault.what()}});
    }
    if (is_last) return;
  }
}

// One batch for all lanes: those who wait share a sync.
void LineQueue::Drain() {
  std::vector<Done> awaited;
  uint64_t line_count = 0;
  batch_.clear();
  for (Lane& lane : lanes_) {
    {
      const std::lock_guard lock(lane.mutex);
      if (lane.lines.empty()) continue;
      lane.lines.swap(lane.spare);
      line_count += std::exchange(lane.line_count, 0);
      std::move(lane.awaited.begin(), lane.awaited.end(), std::back_inserter(awaited));
      lane.awaited.clear();
    }
    batch_.append(lane.spare);
    lane.spare.clear();
    if (lane.spare.capacity() > kKeptBytes) lane.spare = std::string();
  }
  if (batch_.empty()) return;
  const bool is_written = sink_(batch_, !awaited.empty());
  (is_written ? written_ : lost_).fetch_add(line_count, std::memory_order_relaxed);
  for (const Done& done : awaited) done(is_written);
  if (batch_.capacity() > kKeptBytes) batch_ = std::string();
}

}  // namespace portvakt::server
