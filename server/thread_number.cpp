// Counted up for ever; four thousand million threads are not to be had.
#include "server/thread_number.h"

#include <atomic>

namespace portvakt::server {

uint32_t ThreadNumber() {
  static std::atomic<uint32_t> next = 0;
  thread_local const uint32_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

}  // namespace portvakt::server
