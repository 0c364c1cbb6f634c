// The server's JSON as the engine's values: the other direction of server/*_json.h. Lenient, since
// a newer server may say more; what is not there stays empty.
#pragma once

#include "cli/asker.h"
#include "server/json.h"

namespace portvakt::cli {

engine::Explanation ReadExplanation(const server::JsonValue& json);
engine::SearchPage ReadSearchPage(const server::JsonValue& json);
engine::Matrix ReadMatrix(const server::JsonValue& json);
engine::MissingAnswer ReadMissing(const server::JsonValue& json);
engine::HistoryPage ReadHistory(const server::JsonValue& json);
engine::ChangeResult ReadChangeResult(const server::JsonValue& json);
engine::TransferResult ReadTransfer(const server::JsonValue& json);
StatusReport ReadStatus(const server::JsonValue& json);

}  // namespace portvakt::cli
