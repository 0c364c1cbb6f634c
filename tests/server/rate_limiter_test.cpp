// Buckets of tokens, on a clock of the test's own.
#include "server/rate_limiter.h"

#include <gtest/gtest.h>

#include <string>

namespace portvakt::server {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

int TakeAll(RateLimiter& limiter, std::string_view caller, int64_t now_ns) {
  int taken = 0;
  while (taken < 1'000'000 && limiter.Take(caller, now_ns)) ++taken;
  return taken;
}

TEST(RateLimiter, AllowsASecondsShareAtOnceAndThenTheRate) {
  RateLimiter limiter(10);
  EXPECT_EQ(TakeAll(limiter, "a", kSecond), 10);
  EXPECT_EQ(TakeAll(limiter, "a", kSecond + kSecond / 20), 0);
  EXPECT_EQ(TakeAll(limiter, "a", kSecond + kSecond / 10), 1);
  EXPECT_EQ(TakeAll(limiter, "a", kSecond + kSecond / 2), 4);
  // Silence saves up a second's share, and no more.
  EXPECT_EQ(TakeAll(limiter, "a", 100 * kSecond), 10);
}

TEST(RateLimiter, TellsCallersApart) {
  RateLimiter limiter(2);
  EXPECT_EQ(TakeAll(limiter, "a", kSecond), 2);
  EXPECT_EQ(TakeAll(limiter, "b", kSecond), 2);
  EXPECT_EQ(TakeAll(limiter, "a", kSecond), 0);
}

TEST(RateLimiter, KeepsItsRateOverTime) {
  RateLimiter limiter(7);
  int taken = 0;
  for (int64_t now = 0; now < 100 * kSecond; now += kSecond / 50) {
    taken += limiter.Take("a", now) ? 1 : 0;
  }
  EXPECT_GE(taken, 7 * 100 - 1);
  EXPECT_LE(taken, 7 * 100 + 7);
}

// Names beyond what is remembered share one bucket; once others have been silent they do not.
TEST(RateLimiter, RemembersABoundedNumberOfCallers) {
  RateLimiter limiter(1);
  constexpr size_t kMany = 3 * RateLimiter::kShards * RateLimiter::kMaxCallersOfShard;
  size_t allowed = 0;
  for (size_t number = 0; number < kMany; ++number) {
    allowed += limiter.Take("caller " + std::to_string(number), kSecond) ? 1 : 0;
  }
  EXPECT_LE(allowed, RateLimiter::kShards * (RateLimiter::kMaxCallersOfShard + 1));
  EXPECT_GE(allowed, RateLimiter::kShards * RateLimiter::kMaxCallersOfShard / 2);
  EXPECT_TRUE(limiter.Take("a new one", 3 * kSecond));
  EXPECT_TRUE(limiter.Take("another", 3 * kSecond));
}

}  // namespace
}  // namespace portvakt::server
