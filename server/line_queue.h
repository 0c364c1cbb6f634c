// Lines of text from many threads to one that writes them in batches: the way of the decision log
// and the access log. Bounded: what does not fit is counted, not waited for.
//
// A thread formats a line straight into the buffer of its lane, and the writing thread takes whole
// buffers, so a line costs its bytes, one lock that hardly anybody else wants, and no allocation.
// Handing over values and formatting them elsewhere was considered: their memory would be freed by
// another thread than the one that got it, which costs more than the formatting.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace portvakt::server {

class LineQueue {
 public:
  struct Options {
    // Of all lines that wait.
    size_t bytes = size_t{16} << 20;
    // Between two batches, when nobody waits for one.
    uint32_t interval_ms = 50;
    // Threads that write lines without getting into each other's way.
    uint32_t lanes = 4;
  };
  // Writes a batch of whole lines; `is_awaited`: so that it outlasts a crash of the machine. False
  // when it could not. On the queue's thread.
  using Sink = std::function<bool(std::string_view lines, bool is_awaited)>;
  using Done = std::function<void(bool is_written)>;

  // Throws std::system_error when there can be no thread.
  LineQueue(Sink sink, const Options& options);
  // Writes what waits.
  ~LineQueue();
  LineQueue(const LineQueue&) = delete;
  LineQueue& operator=(const LineQueue&) = delete;

  // Any thread. `format(std::string& out)` appends one line with its line break; it is not called
  // when there is no room, and the line counts as lost.
  template <class Format>
  void Append(const Format& format) {
    Lane& lane = OwnLane();
    const std::lock_guard lock(lane.mutex);
    if (!HasRoom(lane)) {
      lost_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    format(lane.lines);
    ++lane.line_count;
  }
  // Any thread. Whole lines, whose caller goes on when they are written: `done` is called once, on
  // the queue's thread, or at once on this one when there is no room.
  void Commit(const std::string& lines, uint64_t line_count, Done done);

  // Lines that had no room, and those that the sink could not write.
  uint64_t lost_lines() const { return lost_.load(std::memory_order_relaxed); }
  uint64_t written_lines() const { return written_.load(std::memory_order_relaxed); }
  // Bytes that wait; not exact while others write.
  size_t waiting_bytes() const;
  size_t capacity_bytes() const { return lane_bytes_ * lanes_.size(); }

 private:
  struct alignas(64) Lane {  // a cache line of its own
    mutable std::mutex mutex;
    std::string lines;
    uint64_t line_count = 0;
    std::vector<Done> awaited;
    std::string spare;  // of the queue's thread: what `lines` is exchanged for
  };

  Lane& OwnLane();
  // A lane that is not full takes whatever comes next. Wakes the thread when it is filling up.
  bool HasRoom(const Lane& lane);
  void Wake();
  void Run();
  void Drain();

  const Sink sink_;
  const uint32_t interval_ms_;
  std::vector<Lane> lanes_;
  const size_t lane_bytes_;
  std::atomic<uint64_t> lost_ = 0;
  std::atomic<uint64_t> written_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> is_woken_ = false;
  bool stopping_ = false;
  std::string batch_;   // of the thread
  std::thread thread_;  // last: it uses the others
};

}  // namespace portvakt::server
