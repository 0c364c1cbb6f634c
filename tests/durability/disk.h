// A disk that loses its power. The test binary's own write, fsync and open stand before the C
// library's, so that what LMDB does to `data.mdb` is written down, in memory that outlives the
// process. Afterwards the file is put together as it would be found after a loss of power at any
// point: all that was synced, and a random part of what was written since.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>

namespace portvakt::durability {

// Begins to write down, for this process and its children. Once a process.
bool StartRecording(size_t capacity_bytes);
// From here on nothing is written down any more.
void StopRecording();
// Notes that a change of `thread` was acknowledged.
void NoteAcknowledgement(uint32_t thread);

class Recording {
 public:
  // What was written down so far.
  size_t size() const;  // records

  struct Image {
    std::string bytes;               // of data.mdb
    uint32_t acknowledged[16] = {};  // by thread, before the loss
  };
  // As found when the power goes after `records` of them (the last one may be half done).
  Image LoseAt(size_t records, std::mt19937_64& random) const;
};

}  // namespace portvakt::durability
