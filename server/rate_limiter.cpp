// A bucket is one number: the time at which it will be full. Taking a token moves it on by the time
// that a token needs; it may lie at most a second ahead.
#include "server/rate_limiter.h"

#include <algorithm>
#include <functional>

namespace portvakt::server {

constexpr int64_t kSecondNs = 1'000'000'000;

RateLimiter::RateLimiter(uint32_t requests_per_second)
    : token_ns_(kSecondNs / std::max(requests_per_second, uint32_t{1})) {}

bool RateLimiter::Take(std::string_view caller, int64_t now_ns) {
  Shard& shard = shards_[std::hash<std::string_view>()(caller) % kShards];
  const std::lock_guard hold(shard.lock);
  auto& buckets = shard.full_at_ns;
  auto bucket = buckets.find(std::string(caller));
  if (bucket == buckets.end()) {
    if (buckets.size() >= kMaxCallersOfShard) {
      std::erase_if(buckets, [&](const auto& one) { return one.second <= now_ns; });
    }
    const bool has_room = buckets.size() < kMaxCallersOfShard;
    // No caller has an empty name.
    bucket = buckets.emplace(has_room ? std::string(caller) : std::string(), now_ns).first;
  }
  const int64_t full_at_ns = std::max(bucket->second, now_ns) + token_ns_;
  if (full_at_ns > now_ns + kSecondNs) return false;
  bucket->second = full_at_ns;
  return true;
}

}  // namespace portvakt::server
