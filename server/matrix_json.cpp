// A matrix as a JSON value.
#include "server/matrix_json.h"

#include "server/names_json.h"

namespace portvakt::server {

JsonValue MatrixJson(const engine::Matrix& matrix) {
  JsonValue rows = JsonValue::Array();
  for (const engine::Matrix::Row& row : matrix.rows) {
    JsonValue verdicts = JsonValue::Array();
    for (const engine::Tri verdict : row.verdicts) verdicts.Append(AnswerName(verdict));
    rows.Append(JsonValue::Object({{"subject", EntityJson(row.subject)},
                                   {"resource", EntityJson(row.resource)},
                                   {"verdicts", std::move(verdicts)}}));
  }
  JsonValue object = JsonValue::Object();
  object.Set("permissions", TextsJson(matrix.permissions)).Set("rows", std::move(rows));
  object.Set("complete", matrix.complete).Set("revision", matrix.revision);
  object.Set("policy", matrix.policy_version);
  return object;
}

}  // namespace portvakt::server
