#include "engine/address.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>

namespace portvakt::engine {
namespace {

constexpr size_t kBytes = 16;
constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool IsMapped(std::string_view address) {
  return std::memcmp(address.data(), kMapped.data(), kMapped.size()) == 0;
}

// Whether the first `bits` are the same.
bool SamePrefix(const char* a, const char* b, unsigned bits) {
  const size_t whole = bits / 8;
  if (std::memcmp(a, b, whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<unsigned char>(0xff << (8 - bits % 8));
  return ((static_cast<unsigned char>(a[whole]) ^ static_cast<unsigned char>(b[whole])) & mask) ==
         0;
}

}  // namespace

std::optional<std::string> ParseAddress(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string host(text.substr(0, slash));
  std::string address(kBytes, '\0');
  bool mapped = false;
  if (inet_pton(AF_INET, host.c_str(), address.data() + kMapped.size()) == 1) {
    std::memcpy(address.data(), kMapped.data(), kMapped.size());
    mapped = true;
  } else if (inet_pton(AF_INET6, host.c_str(), address.data()) != 1) {
    return std::nullopt;
  }
  if (host.find('\0') != std::string::npos) return std::nullopt;
  unsigned prefix = 128;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    if (prefix > (mapped ? 32u : 128u)) return std::nullopt;
    if (mapped) prefix += 96;
  }
  for (unsigned bit = prefix; bit < 128; ++bit) {
    if ((static_cast<unsigned char>(address[bit / 8]) >> (7 - bit % 8) & 1) != 0) {
      return std::nullopt;
    }
  }
  address += static_cast<char>(prefix);
  return address;
}

std::string FormatAddress(std::string_view address) {
  if (address.size() != kAddressBytes) return "?";
  unsigned prefix = static_cast<unsigned char>(address[kBytes]);
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool mapped = IsMapped(address) && prefix >= 96;
  if (mapped) prefix -= 96;
  inet_ntop(mapped ? AF_INET : AF_INET6, address.data() + (mapped ? kMapped.size() : 0),
            text.data(), text.size());
  std::string result(text.data());
  if (prefix != (mapped ? 32u : 128u)) result += "/" + std::to_string(prefix);
  return result;
}

bool AddressWithin(std::string_view inner, std::string_view outer) {
  const unsigned wide = static_cast<unsigned char>(outer[kBytes]);
  const unsigned narrow = static_cast<unsigned char>(inner[kBytes]);
  return wide <= narrow && wide <= 128 && SamePrefix(inner.data(), outer.data(), wide);
}

}  // namespace portvakt::engine
