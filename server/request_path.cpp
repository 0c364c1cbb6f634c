// Decoding first, once; then segments. Nothing looks at the encoded form again.
#include "server/request_path.h"

#include <optional>

namespace portvakt::server {
namespace {

std::optional<unsigned> HexDigit(char letter) {
  if (letter >= '0' && letter <= '9') return static_cast<unsigned>(letter - '0');
  if (letter >= 'a' && letter <= 'f') return static_cast<unsigned>(letter - 'a' + 10);
  if (letter >= 'A' && letter <= 'F') return static_cast<unsigned>(letter - 'A' + 10);
  return std::nullopt;
}

// The byte of an escape at `at`.
std::optional<unsigned char> EscapeAt(std::string_view text, size_t at) {
  if (text.size() < 3 || at > text.size() - 3 || text[at] != '%') return std::nullopt;
  const auto high = HexDigit(text[at + 1]);
  const auto low = HexDigit(text[at + 2]);
  if (!high || !low) return std::nullopt;
  return static_cast<unsigned char>(*high * 16 + *low);
}

bool IsControl(unsigned char byte) { return byte < 0x20 || byte == 0x7F; }

// What one byte of a path, as sent, makes unclear.
std::string_view FaultOfRaw(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  if (letter == '\\') return "has a backslash";
  if (letter == ';') return "has a semicolon, behind which some servers see parameters";
  if (letter == '#') return "has a fragment";
  if (byte <= 0x20 || byte == 0x7F) return "has a blank or a control character";
  if (byte >= 0x80) return "has a byte beyond ASCII that is not escaped";
  return {};
}

std::string_view FaultOfEscaped(unsigned char byte) {
  if (byte == '/' || byte == '\\') return "has an escaped slash or backslash";
  if (IsControl(byte)) return "has an escaped control character";
  return {};
}

struct Utf8Form {
  unsigned char first_least;
  unsigned char first_most;
  unsigned char second_least;
  unsigned char second_most;
  size_t more;  // bytes after the first
};
// RFC 3629, section 4.
constexpr Utf8Form kUtf8Forms[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 1}, {0xE0, 0xE0, 0xA0, 0xBF, 2}, {0xE1, 0xEC, 0x80, 0xBF, 2},
    {0xED, 0xED, 0x80, 0x9F, 2}, {0xEE, 0xEF, 0x80, 0xBF, 2}, {0xF0, 0xF0, 0x90, 0xBF, 3},
    {0xF1, 0xF3, 0x80, 0xBF, 3}, {0xF4, 0xF4, 0x80, 0x8F, 3},
};

// Bytes of the character at the beginning; 0 for none.
size_t CharacterLength(std::string_view text) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  if (byte(0) < 0x80) return 1;
  for (const Utf8Form& form : kUtf8Forms) {
    if (byte(0) < form.first_least || byte(0) > form.first_most) continue;
    if (text.size() <= form.more) return 0;
    if (byte(1) < form.second_least || byte(1) > form.second_most) return 0;
    for (size_t at = 2; at <= form.more; ++at) {
      if (byte(at) < 0x80 || byte(at) > 0xBF) return 0;
    }
    return form.more + 1;
  }
  return 0;
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string_view RequestPath::Read(std::string_view target) {
  size_ = count_ = 0;
  std::string_view fault = Decode(target.substr(0, target.find('?')));
  if (fault.empty()) fault = Split();
  if (!fault.empty()) size_ = count_ = 0;
  return fault;
}

std::string_view RequestPath::Decode(std::string_view path) {
  if (path.empty() || path.front() != '/') return "does not begin with a slash";
  if (path.size() > kMaxPathBytes) return "is too long";
  for (size_t at = 0; at < path.size(); ++at) {
    char letter = path[at];
    if (const auto fault = FaultOfRaw(letter); !fault.empty()) return fault;
    if (letter == '%') {
      const auto byte = EscapeAt(path, at);
      if (!byte) return "has a broken escape";
      if (const auto fault = FaultOfEscaped(*byte); !fault.empty()) return fault;
      letter = static_cast<char>(*byte);
      at += 2;
    }
    text_[size_++] = letter;
  }
  for (size_t at = 0; at < size_; ++at) {
    if (EscapeAt(text(), at)) return "is escaped twice";
  }
  return IsUtf8(text()) ? std::string_view() : "is not UTF-8";
}

std::string_view RequestPath::Split() {
  for (size_t begin = 1; begin <= size_;) {
    const size_t slash = text().find('/', begin);
    const size_t end = slash == std::string_view::npos ? size_ : slash;
    const std::string_view segment = text().substr(begin, end - begin);
    if (segment.empty() && end < size_) return "has an empty segment";
    if (segment == "." || segment == "..") return "has a segment of dots";
    if (count_ == kMaxPathSegments) return "has too many segments";
    begins_[count_++] = static_cast<uint16_t>(begin);
    begin = end + 1;
  }
  begins_[count_] = static_cast<uint16_t>(size_ + 1);
  return {};
}

std::string_view RequestPath::segment(size_t index) const {
  return text().substr(begins_[index], begins_[index + 1] - begins_[index] - 1u);
}

std::string_view RequestPath::From(size_t index) const { return text().substr(begins_[index]); }

}  // namespace portvakt::server
