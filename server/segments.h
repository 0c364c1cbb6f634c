// Lines in a folder of files of bounded size and number: `decisions-000000000017.jsonl`. Names sort
// by age; the newest is appended to, the oldest goes when there are too many.
//
// A file that the process left in the middle of a line (a crash, a full disk) is cut back to its
// last whole line before anything is appended, so readers see whole lines only. One process writes
// a folder at a time. Not safe to share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"

namespace portvakt::server {

// The files of a folder, oldest first, as paths; none when there is no such folder.
std::vector<std::string> ListSegments(const std::string& directory);
// The number in a segment's name: 0 for other files.
uint64_t SegmentNumber(std::string_view path);

class Segments {
 public:
  struct Options {
    std::string directory;  // made when it is not there; its parent must be
    uint64_t segment_bytes = uint64_t{64} << 20;
    uint32_t segments = 16;  // at least 2
  };
  // Errors say which path and why: kIo, or kConflict when another process writes the folder.
  static engine::Result<std::unique_ptr<Segments>> Open(const Options& options);
  ~Segments();
  Segments(const Segments&) = delete;
  Segments& operator=(const Segments&) = delete;

  // Appends whole lines; all of them or, when that fails, none of those that `Append` still had
  // before it (what an earlier segment took stays). A later call tries anew.
  engine::Status Append(std::string_view lines);
  // What was appended outlasts a crash of the machine.
  engine::Status Sync();

 private:
  explicit Segments(Options options) : options_(std::move(options)) {}
  engine::Status Lock();
  engine::Status Reopen(const std::string& path);
  engine::Status Begin(uint64_t number);
  engine::Status Write(std::string_view lines);
  void RemoveOldest();
  void Close();

  const Options options_;
  int directory_ = -1;
  int file_ = -1;
  uint64_t number_ = 0;
  uint64_t size_ = 0;
};

}  // namespace portvakt::server
