// Bytes as text in URLs, fields and tokens: base64url without padding (RFC 4648, section 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace portvakt::server {

std::string EncodeBase64Url(std::string_view bytes);
// Only what EncodeBase64Url writes, so that equal bytes have one text.
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace portvakt::server
