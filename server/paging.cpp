// Pages of searches, each of which begins where a sealed token says.
#include "server/paging.h"

#include <algorithm>
#include <utility>

#include "server/cursor.h"
#include "server/limits.h"

namespace portvakt::server {
namespace {

HttpResponse BadToken(const char* detail) { return Problem(400, "bad_page_token", detail); }

// What the engine says instead of results.
std::optional<HttpResponse> RefuseFound(const engine::SearchPage& found, bool is_count) {
  if (found.error_code == "bad_query") return Problem(400, "bad_query", found.error);
  if (found.error_code == "no_policy") {
    return Problem(503, "no_policy", "there is no policy to decide by");
  }
  // A page that ends early is fine: the next one goes on from there.
  if (found.error_code.empty() || (found.next && !is_count)) return std::nullopt;
  return Problem(503, "budget", "the search took too long; narrow it down. " + found.error);
}

}  // namespace

std::optional<Fault> ReadPage(const JsonValue& body, PageRequest& page) {
  const JsonValue* value = Member(body, "page");
  if (value == nullptr) return std::nullopt;
  if (!value->is(JsonValue::Kind::kObject)) return WrongType("`/page`", *value, "an object");
  page.is_asked = true;
  Reading reading;
  ObjectReader reader(*value, "/page", reading);
  reader.Text("token", Need::kOptional, page.token);
  uint64_t limit = 0;
  if (reader.Number("limit", Need::kOptional, limit)) page.limit = limit;
  return reading.fault;
}

void ReadPage(ObjectReader& body, PageRequest& page) {
  const JsonValue* value = body.Object("page", Need::kOptional);
  if (value == nullptr) return;
  page.is_asked = true;
  ObjectReader reader(*value, body.PathOf("page"), body.reading());
  reader.Text("token", Need::kOptional, page.token);
  uint64_t limit = 0;
  if (reader.Number("limit", Need::kOptional, limit)) page.limit = limit;
  reader.Close();
}

std::variant<PagedSearch, HttpResponse> SearchOnePage(Answering& answering,
                                                      engine::SearchQuery query,
                                                      const PageRequest& page,
                                                      std::string_view endpoint,
                                                      std::string_view query_text) {
  engine::Session& session = answering.session;
  const engine::Sha256 secret = session.snapshot().Secret();
  const CursorBinding binding{
      std::string_view(reinterpret_cast<const char*>(secret.data()), secret.size()), endpoint,
      query_text, session.policy_version()};

  uint32_t limit = static_cast<uint32_t>(
      std::min(page.limit.value_or(kMaxSearchPage), uint64_t{kMaxSearchPage}));
  if (!page.token.empty()) {
    const auto cursor = OpenCursor(page.token, binding);
    if (!cursor) {
      return BadToken(
          "`/page/token` does not belong to this search: send the `next_token` of its last page "
          "with all else as it was; if the policy has changed, begin again without a token");
    }
    if (page.limit && limit != cursor->limit) {
      return BadToken("`/page/limit` is another than that of the first page; leave it as it was");
    }
    limit = cursor->limit;
    query.after = cursor->after;
  }
  const bool is_count = page.limit == 0u;
  query.limit = is_count ? 0 : limit;
  PagedSearch paged{session.Search(query), std::nullopt};
  if (auto refusal = RefuseFound(paged.found, is_count)) return *std::move(refusal);

  JsonValue told = JsonValue::Object();
  if (is_count) {
    const size_t total = paged.found.results.size();
    paged.found.results.clear();
    told.Set("next_token", "").Set("count", 0).Set("total", total);
  } else {
    told.Set("next_token",
             paged.found.next ? SealCursor({*paged.found.next, limit}, binding) : std::string());
    told.Set("count", paged.found.results.size());
  }
  if (page.is_asked || paged.found.next) paged.page = std::move(told);
  return paged;
}

}  // namespace portvakt::server
