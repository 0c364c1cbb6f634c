// The power goes at any moment: the data file is put together as a disk would hold it then, and the
// next start finds every acknowledged change, whole. The same test with syncing switched off must
// lose something, or it proves nothing.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

#include "tests/durability/disk.h"
#include "tests/durability/workload.h"
#include "tests/engine/scratch_store.h"

namespace portvakt::durability {
namespace {

constexpr size_t kJournalBytes = size_t{1} << 30;  // address space; what is used is memory
constexpr uint32_t kChanges = 40;                  // of each thread

bool IsLong() {
  const char* given = std::getenv("PORTVAKT_LONG");
  return given != nullptr && std::string(given) == "1";
}

// In a process of its own, which keeps the recording alive while images are examined. `sync` off:
// stops at the first loss. The number of images with a loss.
int CountLosses(bool sync, int images, uint64_t seed) {
  const engine::ScratchDirectory directory;
  if (!StartRecording(kJournalBytes)) return -1;
  engine::Engine::Options options;
  options.store.sync = sync;
  {
    auto engine = engine::Engine::Open(directory.path(), options);
    if (!engine || !Prepare(**engine)) return -1;
  }
  const size_t prepared = Recording().size();
  {
    auto engine = engine::Engine::Open(directory.path(), options);
    if (!engine) return -1;
    static Acknowledged acknowledged;
    if (!Work(**engine, kChanges, acknowledged,
              [](uint32_t thread) { NoteAcknowledgement(thread); })) {
      return -1;
    }
  }
  StopRecording();
  const Recording recording;
  if (recording.size() <= prepared) return -1;
  std::mt19937_64 random(seed);
  int losses = 0;
  for (int i = 0; i < images && (sync || losses == 0); ++i) {
    const size_t cut = prepared + 1 + random() % (recording.size() - prepared);
    const Recording::Image image = recording.LoseAt(cut, random);
    const engine::ScratchDirectory found;
    std::ofstream(found.path() + "/data.mdb", std::ios::binary) << image.bytes;
    uint32_t counts[kThreads];
    std::copy_n(image.acknowledged, kThreads, counts);
    // In a process of its own: a torn file may end it.
    const pid_t child = fork();
    if (child == 0) {
      const std::string fault = Examine(found.path(), counts);
      if (!fault.empty() && sync) std::cerr << "power lost at " << cut << ": " << fault << "\n";
      _exit(fault.empty() ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ++losses;
  }
  return losses;
}

int InAChild(bool sync, int images) {
  const uint64_t seed = std::random_device{}();
  std::cout << "seed " << seed << std::endl;
  const pid_t child = fork();
  if (child == 0) _exit(std::min(CountLosses(sync, images, seed), 200) & 0xff);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

TEST(Durability, PowerLostAtAnyMoment) { EXPECT_EQ(InAChild(true, IsLong() ? 600 : 60), 0); }

TEST(Durability, WithoutSyncingThePowerTestFails) {
  const int losses = InAChild(false, 400);
  EXPECT_GE(losses, 1);
  EXPECT_LE(losses, 200) << "the recording itself failed";
}

}  // namespace
}  // namespace portvakt::durability
