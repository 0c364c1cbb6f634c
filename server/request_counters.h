// What is counted at every request: answers by status, times by endpoint, decisions by verdict. A
// thread counts in a shard of its own, so that it waits for nobody; the shards are added up when
// somebody looks.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decision.h"

namespace portvakt::server {

// Upper ends of the buckets that times are counted in, in nanoseconds; one more takes the rest.
inline constexpr std::array<uint64_t, 14> kTimeBucketsNs = {
    1'000,   2'500,     5'000,     10'000,     25'000,      50'000,      100'000,
    250'000, 1'000'000, 5'000'000, 25'000'000, 100'000'000, 500'000'000, 5'000'000'000};

struct TimeTotals {
  std::array<uint64_t, kTimeBucketsNs.size() + 1> counts{};
  uint64_t sum_ns = 0;
};

struct RequestTotals {
  std::map<int, uint64_t> answers;                // by status
  std::map<std::string, TimeTotals> by_endpoint;  // "" for paths that are none
  std::array<uint64_t, 3> decisions{};            // by engine::Tri
  TimeTotals decision_time;
};

// Safe to share.
class RequestCounters {
 public:
  RequestCounters() : shards_(kShards) {}

  // `endpoint` is one of a fixed set of texts that live as long as this.
  void CountAnswer(std::string_view endpoint, int status, uint64_t duration_ns);
  void CountDecision(engine::Tri verdict, uint64_t duration_ns);
  RequestTotals Collect() const;

 private:
  static constexpr size_t kShards = 16;
  static constexpr size_t kEndpoints = 64;  // of the table in handlers.cpp, and "" for others
  static constexpr size_t kStatuses = 600;

  struct Times {
    std::array<std::atomic<uint64_t>, kTimeBucketsNs.size() + 1> counts{};
    std::atomic<uint64_t> sum_ns = 0;
    void Add(uint64_t duration_ns);
    void AddTo(TimeTotals& totals) const;
  };
  struct Endpoint {
    std::string_view path;
    Times times;
  };
  struct alignas(64) Shard {  // cache lines of its own
    std::array<std::atomic<uint64_t>, kStatuses> answers{};
    std::array<std::atomic<uint64_t>, 3> decisions{};
    Times decision_time;
    std::array<Endpoint, kEndpoints> endpoints{};
    std::atomic<size_t> endpoint_count = 0;  // those before it stay as they are
    std::mutex adding;
  };

  Shard& OwnShard();
  static Times& TimesOf(Shard& shard, std::string_view endpoint);

  std::vector<Shard> shards_;
};

}  // namespace portvakt::server
