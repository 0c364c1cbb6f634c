// Searches of our own: through permissions, definitions and changes, with the uncertain results, on
// behalf of somebody, and as of a past moment.
#include <string>
#include <utility>

#include "server/paging.h"
#include "server/search_json.h"
#include "server/v1.h"
#include "server/v1_request.h"

namespace portvakt::server {
namespace {

using Through = engine::SearchQuery::Through;
using ChangeKind = engine::ChangeItem::Kind;

constexpr char kEndpoint[] = "/v1/search";

template <class T>
struct Named {
  const char* name;
  T value;
};

constexpr Named<Through> kThroughs[] = {{"subjects", Through::kSubjects},
                                        {"actions", Through::kActions},
                                        {"resources", Through::kResources},
                                        {"define", Through::kDefine},
                                        {"change", Through::kChange}};
constexpr Named<ChangeKind> kChangeKinds[] = {{"add", ChangeKind::kAdd},
                                              {"remove", ChangeKind::kRemove},
                                              {"seats", ChangeKind::kSeats},
                                              {"create", ChangeKind::kCreate},
                                              {"delete", ChangeKind::kDelete}};

template <class T, size_t N>
bool ReadChoice(ObjectReader& reader, const char* member, const Named<T> (&choices)[N], T& value) {
  std::string text;
  if (!reader.Text(member, Need::kRequired, text)) return false;
  std::string wanted;
  for (const Named<T>& choice : choices) {
    if (text == choice.name) {
      value = choice.value;
      return true;
    }
    wanted += (wanted.empty() ? "`" : ", `") + std::string(choice.name) + "`";
  }
  reader.reading().Complain("wrong_value",
                            "`" + reader.PathOf(member) + "` must be one of " + wanted);
  return false;
}

// {"type", "id"}, {"symbol"}, or the hole: {"hole": true} with the type of an entity.
void ReadPlace(const JsonValue& value, const std::string& where, Reading& reading,
               engine::Place& place) {
  ObjectReader reader(value, where, reading);
  reader.Flag("hole", place.hole);
  const bool has_type = reader.Text("type", Need::kOptional, place.entity.type);
  const bool has_id = reader.Text("id", Need::kOptional, place.entity.id);
  const bool has_symbol = reader.Text("symbol", Need::kOptional, place.symbol);
  reader.Close();
  const bool is_good = place.hole   ? !has_id && !has_symbol
                       : has_symbol ? !has_type && !has_id
                                    : has_type && has_id;
  if (is_good || !reading.ok()) return;
  reading.Complain("wrong_value", "`" + where +
                                      "` must have `type` and `id`, or `symbol`, or `hole` (with "
                                      "`type` where an entity is searched for)");
}

void ReadPlace(ObjectReader& reader, const char* member, engine::Place& place) {
  const JsonValue* value = reader.Object(member, Need::kOptional);
  if (value != nullptr) ReadPlace(*value, reader.PathOf(member), reader.reading(), place);
}

void ReadDefine(ObjectReader& body, engine::SearchQuery& query) {
  const JsonValue* value = body.Object("define", Need::kRequired);
  if (value == nullptr) return;
  ObjectReader define(*value, body.PathOf("define"), body.reading());
  define.Text("verb", Need::kRequired, query.verb);
  if (const JsonValue* places = define.Array("places", Need::kRequired)) {
    for (size_t index = 0; index < places->elements().size(); ++index) {
      ReadPlace(places->elements()[index], define.PathOf("places") + "/" + std::to_string(index),
                body.reading(), query.places.emplace_back());
    }
  }
  define.Close();
}

void ReadChange(ObjectReader& body, engine::SearchQuery& query) {
  const JsonValue* value = body.Object("change", Need::kRequired);
  if (value == nullptr) return;
  ObjectReader change(*value, body.PathOf("change"), body.reading());
  ReadChoice(change, "kind", kChangeKinds, query.change);
  change.Text("relation", Need::kOptional, query.relation);
  ReadPlace(change, "subject", query.subject);
  ReadPlace(change, "symbol", query.symbol);
  ReadPlace(change, "program", query.program);
  ReadPlace(change, "object", query.object);
  ReadPlace(change, "actor", query.actor);
  change.Close();
}

void ReadQuery(ObjectReader& body, engine::SearchQuery& query) {
  if (!ReadChoice(body, "through", kThroughs, query.through)) return;
  if (query.through == Through::kDefine) {
    ReadDefine(body, query);
    body.Values("context", query.request.context);
  } else if (query.through == Through::kChange) {
    ReadChange(body, query);
    body.Values("context", query.request.context);
  } else {
    QuestionNeeds needs;
    needs.subject_id = query.through != Through::kSubjects;
    needs.action = query.through != Through::kActions;
    needs.resource_id = query.through != Through::kResources;
    ReadQuestion(body, needs, query.request);
  }
  body.Flag("with_depends", query.with_depends);
  body.Entity("actor", query.viewer);
}

}  // namespace

Reply AnswerSearch(const HttpRequest& request, Answering& answering) {
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  Reading reading;
  engine::SearchQuery query;
  std::optional<engine::Moment> moment;
  PageRequest page;
  ObjectReader body(std::get<JsonValue>(read), "", reading);
  ReadQuery(body, query);
  ReadAsOf(body, moment);
  ReadPage(body, page);
  body.Close();
  if (reading.fault) return Refuse(*reading.fault);
  if (auto problem = Stand(answering.session, moment)) return *std::move(problem);
  auto searched = SearchOnePage(answering, std::move(query), page, kEndpoint,
                                QueryText(std::get<JsonValue>(read)));
  if (auto* refusal = std::get_if<HttpResponse>(&searched)) return std::move(*refusal);
  PagedSearch& paged = std::get<PagedSearch>(searched);
  JsonValue answer = SearchPageJson(paged.found);
  if (paged.page) answer.Set("page", *std::move(paged.page));
  return Answered(answer, answering.session);
}

}  // namespace portvakt::server
