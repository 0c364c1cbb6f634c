// Pages of searches as JSON values.
#include "server/search_json.h"

#include "server/names_json.h"

namespace portvakt::server {

JsonValue SearchPageJson(const engine::SearchPage& page) {
  JsonValue results = JsonValue::Array();
  for (const engine::SearchResult& result : page.results) {
    JsonValue one = JsonValue::Object();
    if (!result.entity.type.empty()) one.Set("entity", EntityJson(result.entity));
    if (!result.symbol.empty()) one.Set("symbol", result.symbol);
    one.Set("verdict", AnswerName(result.verdict));
    if (!result.missing_context.empty()) {
      one.Set("missing_context", TextsJson(result.missing_context));
    }
    if (!result.obligations.empty()) one.Set("obligations", ReasonsJson(result.obligations, "id"));
    results.Append(std::move(one));
  }
  JsonValue object = JsonValue::Object();
  object.Set("results", std::move(results));
  object.Set("complete", !page.next && page.error_code.empty());
  object.Set("revision", page.revision).Set("policy", page.policy_version);
  if (!page.error_code.empty()) {
    object.Set("error", JsonValue::Object({{"code", page.error_code}, {"message", page.error}}));
  }
  return object;
}

}  // namespace portvakt::server
