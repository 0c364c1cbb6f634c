// A server that is killed in the middle of its work: kill -9 at random moments under load from
// several threads, and the next start finds every acknowledged change, whole.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "tests/durability/workload.h"
#include "tests/engine/scratch_store.h"

namespace portvakt::durability {
namespace {

// Shared with the children that are killed.
Acknowledged* SharedCounters() {
  void* memory = mmap(nullptr, sizeof(Acknowledged), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : new (memory) Acknowledged;
}

uint32_t Total(const Acknowledged& acknowledged) {
  uint32_t sum = 0;
  for (const auto& each : acknowledged.changes) sum += each;
  return sum;
}

TEST(Durability, KilledAtAnyMoment) {
  const char* given = std::getenv("PORTVAKT_LONG");
  const int rounds = given != nullptr && std::string(given) == "1" ? 200 : 12;
  const uint64_t seed = std::random_device{}();
  std::cout << "seed " << seed << std::endl;
  std::mt19937_64 random(seed);
  const engine::ScratchDirectory directory;
  {
    auto engine = engine::Engine::Open(directory.path(), {});
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    ASSERT_TRUE(Prepare(**engine));
  }
  Acknowledged* acknowledged = SharedCounters();
  ASSERT_NE(acknowledged, nullptr);
  for (int round = 0; round < rounds; ++round) {
    const uint32_t before = Total(*acknowledged);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto engine = engine::Engine::Open(directory.path(), {});
      if (engine.ok()) Work(**engine, UINT32_MAX, *acknowledged);
      _exit(1);
    }
    // Not before it works; then somewhere inside of what comes next.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    const uint32_t wanted = before + 1 + static_cast<uint32_t>(random() % 20);
    while (Total(*acknowledged) < wanted) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the child does not work";
      ASSERT_EQ(waitpid(child, nullptr, WNOHANG), 0) << "the child stopped by itself";
      std::this_thread::yield();
    }
    for (volatile uint64_t spin = random() % 3'000'000; spin > 0;) spin = spin - 1;
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child stopped by itself";

    uint32_t counts[kThreads];
    for (uint32_t thread = 0; thread < kThreads; ++thread) {
      counts[thread] = acknowledged->changes[thread];
    }
    ASSERT_EQ(Examine(directory.path(), counts), "") << "round " << round;
    // A change that was made but not acknowledged is there: the next child goes on after it.
    for (uint32_t thread = 0; thread < kThreads; ++thread) {
      auto engine = engine::Engine::Open(directory.path(), {});
      ASSERT_TRUE(engine.ok());
      auto session = (*engine)->NewSession();
      ASSERT_TRUE(session.ok() && session->Refresh().ok());
      const auto type = session->view().FindNumber(engine::Space::kType, "box");
      const std::string box = "box" + std::to_string(thread) + "_" + std::to_string(counts[thread]);
      if (session->view().FindEntity(static_cast<uint16_t>(type.value_or(0)), box)) {
        acknowledged->changes[thread] = counts[thread] + 1;
      }
    }
  }
  std::cout << rounds << " kills, " << Total(*acknowledged) << " changes acknowledged" << std::endl;
  munmap(acknowledged, sizeof(Acknowledged));
}

}  // namespace
}  // namespace portvakt::durability
