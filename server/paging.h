// Pages of searches and lists: what a request's `page` asks for, and what the answer's `page` says.
// The same for AuthZEN and for /v1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/search.h"
#include "engine/sha256.h"
#include "server/cursor.h"
#include "server/json.h"
#include "server/object_reader.h"
#include "server/reply.h"

namespace portvakt::server {

struct PageRequest {
  bool is_asked = false;  // there is a `page`
  std::string token;      // "" for the first page
  std::optional<uint64_t> limit;
};

// Members of `page` that we do not know are ignored, as AuthZEN wants it.
std::optional<Fault> ReadPage(const JsonValue& body, PageRequest& page);
// The same read strictly.
void ReadPage(ObjectReader& body, PageRequest& page);

// All that a request asks for, but for its page, in an order that is always the same.
std::string QueryText(const JsonValue& body);

// The seal of the tokens of one question, to the session as it stands.
class PageSeal {
 public:
  // The texts outlive it.
  PageSeal(const engine::Session& session, std::string_view endpoint, std::string_view query_text);

  // Where the page begins and how many it has at most: kMaxSearchPage, or what is asked for. A
  // problem when the token is not ours.
  std::variant<Cursor, HttpResponse> Open(const PageRequest& page) const;
  // {"next_token", "count"}
  JsonValue Tell(std::optional<uint64_t> next, uint32_t limit, size_t count) const;

 private:
  CursorBinding Binding() const;

  engine::Sha256 secret_;
  std::string_view endpoint_;
  std::string_view query_text_;
  uint32_t policy_version_;
};

struct PagedSearch {
  engine::SearchPage found;
  // {"next_token", "count"}, and "total" where nothing but the number was asked for. Absent when
  // no page was asked for and everything is there.
  std::optional<JsonValue> page;
};

// Searches for one page with the session as it stands. `query_text` is all that the request asks
// for, but for its page; tokens are bound to it. A problem when the token is not ours, the query
// cannot be understood, or the search had to stop before it found anything to go on from.
std::variant<PagedSearch, HttpResponse> SearchOnePage(Answering& answering,
                                                      engine::SearchQuery query,
                                                      const PageRequest& page,
                                                      std::string_view endpoint,
                                                      std::string_view query_text);

}  // namespace portvakt::server
