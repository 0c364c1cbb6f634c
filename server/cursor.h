// Tokens that say where the next page of a search begins. A token is opaque to callers, and sealed
// with the store's secret over everything that it belongs to, so that one that was altered, or made
// for another search, another page size or another policy, is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace portvakt::server {

// What a token is bound to. Views live as long as the call.
struct CursorBinding {
  std::string_view secret;    // of the store
  std::string_view endpoint;  // path
  std::string_view query;     // all that the search asks for, in an order that is always the same
  uint32_t policy_version = 0;
};

struct Cursor {
  uint64_t after = 0;  // engine::SearchPage::next
  uint32_t limit = 0;  // results a page
};

// URL-safe base64 without padding. "" only when the library for hashes fails.
std::string SealCursor(const Cursor& cursor, const CursorBinding& binding);
// Nothing when the token was not sealed with the same binding. Takes the same time wherever a
// token is wrong.
std::optional<Cursor> OpenCursor(std::string_view token, const CursorBinding& binding);

}  // namespace portvakt::server
