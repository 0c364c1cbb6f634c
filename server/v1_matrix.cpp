// A matrix as JSON, CSV or Markdown.
#include <string>

#include "server/matrix_json.h"
#include "server/v1.h"
#include "server/v1_request.h"

namespace portvakt::server {
namespace {

enum class Format { kJson, kCsv, kMarkdown };

// The member decides; without it the first of ours that `Accept` names.
Format ReadFormat(ObjectReader& body, const HttpRequest& request) {
  std::string text;
  if (body.Text("format", Need::kOptional, text)) {
    if (text == "json") return Format::kJson;
    if (text == "csv") return Format::kCsv;
    if (text == "markdown") return Format::kMarkdown;
    body.reading().Complain("wrong_value", "`/format` must be `json`, `csv` or `markdown`");
  }
  const std::string_view* accept = request.Field("Accept");
  if (accept == nullptr) return Format::kJson;
  const size_t json = accept->find("application/json");
  const size_t csv = accept->find("text/csv");
  const size_t markdown = accept->find("text/markdown");
  if (csv < json && csv < markdown) return Format::kCsv;
  return markdown < json ? Format::kMarkdown : Format::kJson;
}

}  // namespace

Reply AnswerMatrix(const HttpRequest& request, Answering& answering) {
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  Reading reading;
  engine::MatrixQuery query;
  std::optional<engine::Moment> moment;
  ObjectReader body(std::get<JsonValue>(read), "", reading);
  body.Entities("subjects", query.subjects);
  body.Text("subject_type", Need::kOptional, query.subject_type);
  body.Entities("resources", query.resources);
  body.Text("resource_type", Need::kOptional, query.resource_type);
  body.Texts("permissions", query.permissions);
  body.Values("context", query.context);
  body.Entity("actor", query.viewer);
  const Format format = ReadFormat(body, request);
  ReadAsOf(body, moment);
  body.Close();
  if (reading.fault) return Refuse(*reading.fault);
  if (auto problem = Stand(answering.session, moment)) return *std::move(problem);

  const engine::Matrix matrix = answering.session.FillMatrix(query);
  if (format == Format::kJson) return Answered(MatrixJson(matrix), answering.session);
  HttpResponse response;
  response.content_type =
      format == Format::kCsv ? "text/csv; charset=utf-8" : "text/markdown; charset=utf-8";
  response.body = format == Format::kCsv ? MatrixCsv(matrix) : MatrixMarkdown(matrix);
  Stamp(response, answering.session.revision(), answering.session.policy_version());
  // Such texts have no room for it.
  response.fields.emplace_back("Portvakt-Complete", matrix.complete ? "true" : "false");
  return response;
}

}  // namespace portvakt::server
