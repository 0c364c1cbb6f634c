// Searches by AuthZEN: the searched member's own id (or the action) is not even looked at.
#include "server/authzen_search.h"

#include <optional>
#include <string>
#include <utility>

#include "server/authzen_read.h"
#include "server/names_json.h"
#include "server/paging.h"
#include "server/v1_request.h"

namespace portvakt::server {
namespace {

using Through = engine::SearchQuery::Through;

std::optional<Fault> ReadQuery(const Parts& parts, engine::SearchQuery& query) {
  engine::Request& request = query.request;
  if (auto fault = query.through == Through::kSubjects
                       ? ReadSearched(parts.subject, "subject", request.subject)
                       : ReadSubject(parts, request)) {
    return fault;
  }
  if (query.through != Through::kActions) {
    if (auto fault = ReadAction(parts, request)) return fault;
  }
  if (auto fault = query.through == Through::kResources
                       ? ReadSearched(parts.resource, "resource", request.resource)
                       : ReadResource(parts, request)) {
    return fault;
  }
  return ReadContext(parts, request);
}

// All that the search depends on: what is ignored may differ from page to page.
std::string TextOf(const JsonValue& body, Through through) {
  const auto part = [&](const char* member, bool is_searched) {
    const JsonValue* value = Member(body, member);
    if (value == nullptr) return JsonValue();
    if (!is_searched) return *value;
    return JsonValue::Object({{"type", *value->Find("type")}});
  };
  JsonValue text = JsonValue::Object();
  text.Set("subject", part("subject", through == Through::kSubjects));
  if (through != Through::kActions) text.Set("action", part("action", false));
  text.Set("resource", part("resource", through == Through::kResources));
  text.Set("context", part("context", false));
  const JsonValue* page = Member(body, "page");
  const JsonValue* properties = page == nullptr ? nullptr : Member(*page, "properties");
  if (properties != nullptr) text.Set("properties", *properties);
  return WriteJson(Ordered(text));
}

Reply Search(Through through, std::string_view endpoint, const HttpRequest& request,
             Answering& answering) {
  JsonDocument document;
  if (const auto fault = ReadBody(request, document)) return Refuse(*fault);
  const JsonValue body = document.root().ToValue();
  engine::SearchQuery query;
  query.through = through;
  query.with_depends = false;
  PageRequest page;
  if (const auto fault = ReadQuery(PartsOf(document.root(), ""), query)) return Refuse(*fault);
  if (const auto fault = ReadPage(body, page)) return Refuse(*fault);
  if (auto problem = Stand(answering.session, std::nullopt)) return *std::move(problem);

  auto searched = SearchOnePage(answering, std::move(query), page, endpoint, TextOf(body, through));
  if (auto* refusal = std::get_if<HttpResponse>(&searched)) return std::move(*refusal);
  PagedSearch& paged = std::get<PagedSearch>(searched);
  JsonValue results = JsonValue::Array();
  for (const engine::SearchResult& result : paged.found.results) {
    results.Append(through == Through::kActions ? JsonValue::Object({{"name", result.symbol}})
                                                : EntityJson(result.entity));
  }
  JsonValue answer = JsonValue::Object();
  if (paged.page) answer.Set("page", *std::move(paged.page));
  answer.Set("results", std::move(results));
  return Answered(answer, answering.session);
}

}  // namespace

Reply AnswerSubjectSearch(const HttpRequest& request, Answering& answering) {
  return Search(Through::kSubjects, "/access/v1/search/subject", request, answering);
}

Reply AnswerResourceSearch(const HttpRequest& request, Answering& answering) {
  return Search(Through::kResources, "/access/v1/search/resource", request, answering);
}

Reply AnswerActionSearch(const HttpRequest& request, Answering& answering) {
  return Search(Through::kActions, "/access/v1/search/action", request, answering);
}

}  // namespace portvakt::server
