// How many requests a caller may make a second: a bucket of tokens each, by the caller's name. Safe
// to share; a request takes a lock that it shares with a sixteenth of the callers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace portvakt::server {

class RateLimiter {
 public:
  // At least 1; a caller that has been silent for a second may make as many at once.
  explicit RateLimiter(uint32_t requests_per_second);
  RateLimiter(const RateLimiter&) = delete;
  RateLimiter& operator=(const RateLimiter&) = delete;

  // Whether this request may be made; `now_ns` never goes back.
  bool Take(std::string_view caller, int64_t now_ns);

  // Callers that are told apart at one time; beyond them, those that come new share a bucket.
  static constexpr size_t kShards = 16;
  static constexpr size_t kMaxCallersOfShard = 1024;

 private:
  struct Shard {
    std::mutex lock;
    // When the bucket is full again. One that is full need not be remembered.
    std::unordered_map<std::string, int64_t> full_at_ns;
  };
  const int64_t token_ns_;  // the time in which one token comes
  std::array<Shard, kShards> shards_;
};

}  // namespace portvakt::server
