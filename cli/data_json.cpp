// The one place that names the members of such a finding.
#include "cli/data_json.h"

#include <utility>

namespace portvakt::cli {

server::JsonValue DataFindingsJson(const std::vector<engine::DataFinding>& findings) {
  server::JsonValue list = server::JsonValue::Array();
  for (const engine::DataFinding& finding : findings) {
    server::JsonValue value = server::JsonValue::Object();
    value.Set("file", finding.file);
    value.Set("line", finding.line);
    value.Set("column", finding.column);
    value.Set("message", finding.message);
    value.Set("help", finding.help);
    list.Append(std::move(value));
  }
  return list;
}

}  // namespace portvakt::cli
