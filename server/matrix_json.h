// A matrix as a JSON value, shared with the command line.
#pragma once

#include "engine/matrix.h"
#include "server/json.h"

namespace portvakt::server {

// {"permissions": [".."], "rows": [{"subject": {..}, "resource": {..},
//    "verdicts": ["yes" | "no" | "depends", by permission]}], "complete", "revision", "policy"}
JsonValue MatrixJson(const engine::Matrix& matrix);

}  // namespace portvakt::server
