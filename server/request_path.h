// The path of a request to an application, read once and in one way. A path that another program
// could read differently is refused, because whoever decides must see what will be served: there is
// no decision about `/a/..%2fb`.
//
//   RequestPath path;
//   const std::string_view fault = path.Read("/clients/alfa%20ab?year=2026");
//   path.count() == 2, path.segment(1) == "alfa ab"
//
// Refused: what does not begin with a slash; empty segments and those of dots alone; escapes that
// are broken, hide a separator (`%2F`, `%5C`), hide another escape (`%252e`) or a control
// character; backslashes, `;` (parameters that some servers take off) and `#`; bytes beyond ASCII
// that are not escaped; what is not UTF-8 once decoded. No allocation; not safe to share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace portvakt::server {

// Bytes of a path before its query. Addresses that people and programs make are far shorter.
inline constexpr size_t kMaxPathBytes = 4096;
// Parts between slashes; bounds how deep templates are followed.
inline constexpr size_t kMaxPathSegments = 64;

// UTF-8 as RFC 3629 has it: shortest forms only, no halves of surrogate pairs.
bool IsUtf8(std::string_view text);

class RequestPath {
 public:
  // Of `/path?query`; the query is left out. "" when the path is clear, otherwise what is not:
  // "has an empty segment". Anything read before is forgotten, and after a fault there are no
  // segments.
  std::string_view Read(std::string_view target);

  // `/` has one segment, which is empty; so has the end of `/clients/`.
  size_t count() const { return count_; }
  std::string_view segment(size_t index) const;
  // From that segment to the end, with the slashes between.
  std::string_view From(size_t index) const;
  std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::string_view Decode(std::string_view path);
  std::string_view Split();

  std::array<char, kMaxPathBytes> text_;
  std::array<uint16_t, kMaxPathSegments + 1> begins_;  // of segments; the last is past the end
  size_t size_ = 0;
  size_t count_ = 0;
};

}  // namespace portvakt::server
