// Lines reach the sink whole, in the order of each thread; what does not fit is counted.
#include "server/line_queue.h"

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <sstream>

namespace portvakt::server {
namespace {

TEST(LineQueue, KeepsEveryLineOfEveryThread) {
  constexpr int kThreads = 4;
  constexpr int kLines = 5000;
  std::string written;
  {
    LineQueue queue(
        [&](std::string_view lines, bool) {
          written.append(lines);
          return true;
        },
        {.bytes = 64u << 20, .interval_ms = 1, .lanes = 2});
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&queue, thread] {
        for (int i = 0; i < kLines; ++i) {
          queue.Append([&](std::string& out) {
            out += std::to_string(thread) + " " + std::to_string(i) + "\n";
          });
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  std::map<int, int> next;
  std::istringstream in(written);
  for (int thread = 0, number = 0; in >> thread >> number;) EXPECT_EQ(number, next[thread]++);
  for (int thread = 0; thread < kThreads; ++thread) EXPECT_EQ(next[thread], kLines);
}

TEST(LineQueue, CountsWhatDoesNotFit) {
  std::promise<void> go;
  std::shared_future<void> gone = go.get_future();
  std::promise<void> entered;
  bool is_first = true;
  std::string written;
  uint64_t lost = 0;
  {
    LineQueue queue(
        [&](std::string_view lines, bool) {
          if (is_first) {
            is_first = false;
            entered.set_value();
            gone.wait();
          }
          written.append(lines);
          return true;
        },
        {.bytes = 100, .interval_ms = 1, .lanes = 1});
    queue.Append([](std::string& out) { out += "first\n"; });
    entered.get_future().wait();  // the disk is slow now
    for (int i = 0; i < 40; ++i) queue.Append([](std::string& out) { out += "123456789\n"; });
    bool was_refused = false;
    queue.Commit("x\n", 1, [&](bool is_written) { was_refused = !is_written; });
    EXPECT_TRUE(was_refused);
    EXPECT_EQ(queue.lost_lines(), 31u);
    EXPECT_LE(queue.waiting_bytes(), 100u);
    go.set_value();
    lost = queue.lost_lines();
  }
  EXPECT_EQ(lost, 31u);
  EXPECT_EQ(written.size(), 6u + 10 * 10);
}

TEST(LineQueue, TellsThoseWhoWaitWhatCameOfTheirLines) {
  bool can_write = true;
  LineQueue queue([&](std::string_view, bool is_awaited) { return is_awaited && can_write; },
                  {.bytes = 1000, .interval_ms = 60'000, .lanes = 1});
  const auto commit = [&] {
    const auto done = std::make_shared<std::promise<bool>>();
    queue.Commit("line\n", 1, [done](bool is_written) { done->set_value(is_written); });
    return done->get_future().get();
  };
  EXPECT_TRUE(commit());
  can_write = false;
  EXPECT_FALSE(commit());
  EXPECT_EQ(queue.written_lines(), 1u);
  EXPECT_EQ(queue.lost_lines(), 1u);
  can_write = true;
  EXPECT_TRUE(commit());
}

}  // namespace
}  // namespace portvakt::server
