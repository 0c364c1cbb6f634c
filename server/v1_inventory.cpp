// Lists of what is stored: entities with their attributes, and facts with who made them last.
#include <string>
#include <utility>

#include "server/inventory_json.h"
#include "server/paging.h"
#include "server/v1.h"
#include "server/v1_request.h"

namespace portvakt::server {
namespace {

// Reads what both lists have, and the page; closes the body.
void ReadRest(ObjectReader& body, std::optional<engine::EntityName>& viewer,
              std::optional<engine::Moment>& moment, PageRequest& page) {
  body.Entity("actor", viewer);
  ReadAsOf(body, moment);
  ReadPage(body, page);
  body.Close();
  if (page.limit == 0u) {
    body.reading().Complain("wrong_value", "`/page/limit` must be at least 1");
  }
}

// The answer: a page of the list that `list` reads and `json` writes element by element.
template <class Query, class Listed, class Element>
HttpResponse AnswerList(const JsonValue& body, const char* endpoint, const PageRequest& page,
                        engine::Session& session, Query query,
                        Listed (engine::Session::*list)(const Query&), const char* member,
                        std::vector<Element> Listed::*elements, JsonValue (*json)(const Element&)) {
  const std::string text = QueryText(body);
  const PageSeal seal(session, endpoint, text);
  const auto opened = seal.Open(page);
  if (const auto* refusal = std::get_if<HttpResponse>(&opened)) return *refusal;
  const Cursor& cursor = std::get<Cursor>(opened);
  query.after = cursor.after;
  query.limit = cursor.limit;
  const Listed listed = (session.*list)(query);
  if (listed.error_code == "bad_query") return Problem(400, "bad_query", listed.error);
  if (listed.error_code == "no_policy") return Problem(503, "no_policy", listed.error);
  // A page that ends early is fine: the next one goes on from there.
  if (!listed.error_code.empty() && !listed.next) return Problem(503, "budget", listed.error);
  JsonValue array = JsonValue::Array();
  for (const Element& element : listed.*elements) array.Append(json(element));
  JsonValue answer = JsonValue::Object();
  answer.Set(member, std::move(array)).Set("revision", session.revision());
  if (page.is_asked || listed.next) {
    answer.Set("page", seal.Tell(listed.next, cursor.limit, (listed.*elements).size()));
  }
  return Answered(answer, session);
}

}  // namespace

Reply AnswerEntities(const HttpRequest& request, Answering& answering) {
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  Reading reading;
  engine::EntityQuery query;
  std::optional<engine::Moment> moment;
  PageRequest page;
  const JsonValue& json = std::get<JsonValue>(read);
  ObjectReader body(json, "", reading);
  body.Text("type", Need::kRequired, query.type);
  if (body.Texts("ids", query.ids) && query.ids.empty()) {
    reading.Complain("wrong_value", "`/ids` is empty; leave it out to get all");
  }
  ReadRest(body, query.viewer, moment, page);
  if (reading.fault) return Refuse(*reading.fault);
  if (auto problem = Stand(answering.session, moment)) return *std::move(problem);
  return AnswerList(json, "/v1/entities", page, answering.session, std::move(query),
                    &engine::Session::ListEntities, "entities", &engine::EntityPage::entities,
                    ListedEntityJson);
}

Reply AnswerFacts(const HttpRequest& request, Answering& answering) {
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  Reading reading;
  engine::FactQuery query;
  std::optional<engine::Moment> moment;
  PageRequest page;
  const JsonValue& json = std::get<JsonValue>(read);
  ObjectReader body(json, "", reading);
  body.Entity("subject", query.subject);
  body.Entity("object", query.object);
  body.Text("relation", Need::kOptional, query.relation);
  body.Flag("with_made", query.with_made);
  ReadRest(body, query.viewer, moment, page);
  if (!query.subject && !query.object) {
    reading.Complain("missing_member", "`/subject` and `/object` are missing; send at least one");
  }
  if (reading.fault) return Refuse(*reading.fault);
  if (auto problem = Stand(answering.session, moment)) return *std::move(problem);
  return AnswerList(json, "/v1/facts", page, answering.session, std::move(query),
                    &engine::Session::ListFacts, "facts", &engine::FactPage::facts, ListedFactJson);
}

}  // namespace portvakt::server
