// Policy text and places in it. Every later phase speaks of text by Span (a file number and two
// byte offsets); lines and columns are computed only when something is printed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace portvakt::dsl {

// A half-open range of bytes [begin, end) in one file of a SourceSet.
struct Span {
  uint32_t file = 0;
  uint32_t begin = 0;
  uint32_t end = 0;

  friend bool operator==(const Span&, const Span&) = default;
};

// Smallest span that covers both; both lie in the same file.
Span Cover(const Span& first, const Span& second);

// A place as people read it: both numbers start at 1, columns count characters, not bytes.
struct Position {
  uint32_t line = 1;
  uint32_t column = 1;
};

struct SourceFile {
  std::string name;  // as shown in messages; a path relative to the policy's root
  std::string text;
};

// The files of one policy, in the order in which they were added. A plain value; safe to read
// from several threads.
class SourceSet {
 public:
  // Returns the new file's number.
  uint32_t Add(std::string name, std::string text);

  size_t size() const { return files_.size(); }
  const SourceFile& file(uint32_t number) const { return files_.at(number); }

  std::string_view Text(const Span& span) const;
  Position Locate(uint32_t file, uint32_t offset) const;
  // The whole line that holds `offset`, without its line break.
  std::string_view Line(uint32_t file, uint32_t offset) const;
  // `file:line:column` of the span's beginning.
  std::string Place(const Span& span) const;

 private:
  std::vector<SourceFile> files_;
  std::vector<std::vector<uint32_t>> line_starts_;  // byte offset of each line, by file
};

}  // namespace portvakt::dsl
