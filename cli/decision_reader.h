// Reads a decision log line by line while a server may be writing it: whole lines only, across
// segments, and no more memory than one line needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

namespace portvakt::cli {

// Bytes of a line: four times what a server writes. Longer ones are none of its.
inline constexpr size_t kMaxReadLineBytes = size_t{64} << 10;

struct DecisionText {
  std::string text;   // without its line break; "" when it is too long
  std::string place;  // file:line
  bool is_too_long = false;
};

class DecisionReader {
 public:
  explicit DecisionReader(std::string directory) : directory_(std::move(directory)) {}

  // The next whole line; nothing when there is none yet. Segments that go away meanwhile are
  // skipped.
  std::optional<DecisionText> Next();

 private:
  // To the first segment after the present one; false when there is none.
  bool Advance();
  bool ReadMore();
  void Forget();

  const std::string directory_;
  std::string path_;
  uint64_t number_ = 0;
  uint64_t line_ = 0;
  std::ifstream file_;
  std::streamoff position_ = 0;  // after what has been read
  std::string unread_;
  bool is_skipping_ = false;  // inside a line that is too long
};

}  // namespace portvakt::cli
