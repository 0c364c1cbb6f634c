// Pages, each of which begins where a sealed token says.
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

std::string QueryText(const JsonValue& body) {
  JsonValue text = body;
  std::erase_if(text.members(), [](const auto& member) { return member.first == "page"; });
  return WriteJson(Ordered(text));
}

PageSeal::PageSeal(const engine::Session& session, std::string_view endpoint,
                   std::string_view query_text)
    : secret_(session.snapshot().Secret()),
      endpoint_(endpoint),
      query_text_(query_text),
      policy_version_(session.policy_version()) {}

CursorBinding PageSeal::Binding() const {
  return {std::string_view(reinterpret_cast<const char*>(secret_.data()), secret_.size()),
          endpoint_, query_text_, policy_version_};
}

std::variant<Cursor, HttpResponse> PageSeal::Open(const PageRequest& page) const {
  Cursor cursor;
  cursor.limit = static_cast<uint32_t>(
      std::min(page.limit.value_or(kMaxSearchPage), uint64_t{kMaxSearchPage}));
  if (page.token.empty()) return cursor;
  const auto sealed = OpenCursor(page.token, Binding());
  if (!sealed) {
    return BadToken(
        "`/page/token` does not belong to this search: send the `next_token` of its last page "
        "with all else as it was; if the policy has changed, begin again without a token");
  }
  if (page.limit && cursor.limit != sealed->limit) {
    return BadToken("`/page/limit` is another than that of the first page; leave it as it was");
  }
  return *sealed;
}

JsonValue PageSeal::Tell(std::optional<uint64_t> next, uint32_t limit, size_t count) const {
  JsonValue told = JsonValue::Object();
  told.Set("next_token", next ? SealCursor({*next, limit}, Binding()) : std::string());
  return told.Set("count", count);
}

std::variant<PagedSearch, HttpResponse> SearchOnePage(Answering& answering,
                                                      engine::SearchQuery query,
                                                      const PageRequest& page,
                                                      std::string_view endpoint,
                                                      std::string_view query_text) {
  const PageSeal seal(answering.session, endpoint, query_text);
  const auto opened = seal.Open(page);
  if (const auto* refusal = std::get_if<HttpResponse>(&opened)) return *refusal;
  const Cursor& cursor = std::get<Cursor>(opened);
  query.after = cursor.after;
  const bool is_count = page.limit == 0u;
  query.limit = is_count ? 0 : cursor.limit;
  PagedSearch paged{answering.session.Search(query), std::nullopt};
  if (auto refusal = RefuseFound(paged.found, is_count)) return *std::move(refusal);

  JsonValue told = seal.Tell(paged.found.next, cursor.limit, paged.found.results.size());
  if (is_count) {
    const size_t total = paged.found.results.size();
    paged.found.results.clear();
    told = JsonValue::Object({{"next_token", ""}, {"count", 0}, {"total", total}});
  }
  if (page.is_asked || paged.found.next) paged.page = std::move(told);
  return paged;
}

}  // namespace portvakt::server
