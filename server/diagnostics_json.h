// The language's findings as JSON values, for `--format json` and the policy interface. Names of
// members are part of what users build on: they are added to, never renamed.
#pragma once

#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/render.h"
#include "dsl/source.h"
#include "server/json.h"

namespace portvakt::server {

// {"code": "PV0201", "name": "UnknownType", "severity": "error", "message": "..",
//  "file": "a.vakt", "line": 3, "column": 5, "end_line": 3, "end_column": 9, "label": "..",
//  "related": [{"file", "line", "column", "end_line", "end_column", "text"}],
//  "help": [".."], "suggestions": [".."]}
// Columns count characters from 1, as in all messages. Every member is always there.
JsonValue DiagnosticJson(const dsl::Diagnostic& diagnostic, const dsl::SourceSet& sources);
// The same members without `code` and `name`; a finding that has no place has no `file` and no
// numbers.
JsonValue NoticeJson(const dsl::Notice& notice, const dsl::SourceSet& sources);
// {"findings": [..], "errors": 2, "warnings": 1, "dropped": 0}, by file and place.
JsonValue DiagnosticsJson(const dsl::Diagnostics& diagnostics, const dsl::SourceSet& sources);

}  // namespace portvakt::server
