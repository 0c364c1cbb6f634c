// Counting without waiting, and adding up.
#include "server/request_counters.h"

#include <algorithm>

#include "server/thread_number.h"

namespace portvakt::server {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

void RequestCounters::Times::Add(uint64_t duration_ns) {
  const auto bucket = std::lower_bound(kTimeBucketsNs.begin(), kTimeBucketsNs.end(), duration_ns);
  counts[static_cast<size_t>(bucket - kTimeBucketsNs.begin())].fetch_add(1, kRelaxed);
  sum_ns.fetch_add(duration_ns, kRelaxed);
}

void RequestCounters::Times::AddTo(TimeTotals& totals) const {
  for (size_t i = 0; i < counts.size(); ++i) totals.counts[i] += counts[i].load(kRelaxed);
  totals.sum_ns += sum_ns.load(kRelaxed);
}

RequestCounters::Shard& RequestCounters::OwnShard() { return shards_[ThreadNumber() % kShards]; }

// Endpoints are found by address: few texts, each in one place.
RequestCounters::Times& RequestCounters::TimesOf(Shard& shard, std::string_view endpoint) {
  const auto find = [&]() -> Endpoint* {
    const size_t count = shard.endpoint_count.load(std::memory_order_acquire);
    for (size_t i = 0; i < count; ++i) {
      Endpoint& each = shard.endpoints[i];
      if (each.path.data() == endpoint.data() && each.path.size() == endpoint.size()) return &each;
    }
    return nullptr;
  };
  if (Endpoint* found = find()) return found->times;
  const std::lock_guard lock(shard.adding);
  if (Endpoint* found = find()) return found->times;
  const size_t count = shard.endpoint_count.load(kRelaxed);
  if (count == kEndpoints) return shard.endpoints.back().times;
  shard.endpoints[count].path = endpoint;
  shard.endpoint_count.store(count + 1, std::memory_order_release);
  return shard.endpoints[count].times;
}

void RequestCounters::CountAnswer(std::string_view endpoint, int status, uint64_t duration_ns) {
  Shard& shard = OwnShard();
  const auto index = static_cast<size_t>(std::clamp(status, 0, static_cast<int>(kStatuses) - 1));
  shard.answers[index].fetch_add(1, kRelaxed);
  TimesOf(shard, endpoint).Add(duration_ns);
}

void RequestCounters::CountDecision(engine::Tri verdict, uint64_t duration_ns) {
  Shard& shard = OwnShard();
  shard.decisions[static_cast<size_t>(verdict)].fetch_add(1, kRelaxed);
  shard.decision_time.Add(duration_ns);
}

RequestTotals RequestCounters::Collect() const {
  RequestTotals totals;
  for (const Shard& shard : shards_) {
    for (size_t status = 0; status < kStatuses; ++status) {
      const uint64_t count = shard.answers[status].load(kRelaxed);
      if (count > 0) totals.answers[static_cast<int>(status)] += count;
    }
    for (size_t i = 0; i < shard.decisions.size(); ++i) {
      totals.decisions[i] += shard.decisions[i].load(kRelaxed);
    }
    shard.decision_time.AddTo(totals.decision_time);
    const size_t endpoints = shard.endpoint_count.load(std::memory_order_acquire);
    for (size_t i = 0; i < endpoints; ++i) {
      const Endpoint& endpoint = shard.endpoints[i];
      endpoint.times.AddTo(totals.by_endpoint[std::string(endpoint.path)]);
    }
  }
  return totals;
}

}  // namespace portvakt::server
