// Changes by the actor that the request names, made by the engine's writer while the worker serves
// others.
#include <string>
#include <utility>

#include "server/change_json.h"
#include "server/change_read.h"
#include "server/v1.h"
#include "server/v1_outcome.h"
#include "server/v1_request.h"

namespace portvakt::server {
namespace {

void ReadText(ObjectReader& body, const char* member, size_t most_bytes, std::string& text) {
  if (!body.Text(member, Need::kOptional, text) || text.size() <= most_bytes) return;
  body.reading().Complain("wrong_value", "`" + body.PathOf(member) + "` has more than " +
                                             std::to_string(most_bytes) + " bytes");
}

void ReadKey(const HttpRequest& request, Reading& reading, std::string& key) {
  const std::string_view* field = request.Field("Idempotency-Key");
  if (field == nullptr) return;
  if (field->empty() || field->size() > engine::kMaxIdempotencyKeyBytes) {
    reading.Complain("wrong_value", "`Idempotency-Key` must have 1 to " +
                                        std::to_string(engine::kMaxIdempotencyKeyBytes) + " bytes");
  }
  key = *field;
}

}  // namespace

Reply AnswerChange(const HttpRequest& request, Answering& answering) {
  if (auto refusal = RefuseChanges(*answering.caller)) return *std::move(refusal);
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  Reading reading;
  engine::ChangeRequest change;
  ObjectReader body(std::get<JsonValue>(read), "", reading);
  ReadActor(body, *answering.caller, change.actor);
  body.Entity("second", change.second);
  ReadChangeItems(body, "changes", Need::kRequired, change.changes);
  body.Values("context", change.context);
  uint64_t expected = 0;
  if (body.Number("expected_revision", Need::kOptional, expected)) {
    change.expected_revision = expected;
  }
  ReadText(body, "reason", engine::kMaxReasonBytes, change.reason);
  ReadText(body, "ticket", engine::kMaxTicketBytes, change.ticket);
  body.Flag("dry_run", change.dry_run);
  body.Close();
  ReadKey(request, reading, change.idempotency_key);
  if (reading.fault) return Refuse(*reading.fault);

  return Later{[&engine = answering.service.engine, counts = answering.service.counts,
                change = std::move(change)](Respond respond) {
    engine.SubmitChange(change,
                        [counts, respond = std::move(respond)](const engine::ChangeResult& result) {
                          counts->Add(result.outcome);
                          respond(ChangeOutcome(result, ChangeResultJson(result)));
                        });
  }};
}

}  // namespace portvakt::server
