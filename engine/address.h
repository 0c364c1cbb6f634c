// Internet addresses and ranges as the store keeps them: 16 bytes, IPv4 mapped into IPv6, and the
// length of the prefix in bits (128 for a single address). All functions are pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace portvakt::engine {

inline constexpr size_t kAddressBytes = 17;

// "10.0.0.0/8", "2001:db8::1". Bits beyond the prefix must be zero.
std::optional<std::string> ParseAddress(std::string_view text);
std::string FormatAddress(std::string_view address);

// Whether every address of `inner` is one of `outer`. Both are kAddressBytes long.
bool AddressWithin(std::string_view inner, std::string_view outer);

}  // namespace portvakt::engine
