// JSON over the connection to a server: what of its answers is an answer, and what a complaint.
#pragma once

#include <memory>
#include <string>

#include "cli/http_client.h"
#include "engine/result.h"
#include "server/json.h"

namespace portvakt::cli {

// With the key and the authorities that the environment names: PORTVAKT_KEY, PORTVAKT_CA.
engine::Result<std::unique_ptr<HttpClient>> OpenClient(const std::string& url);

// The answer's value, if its status is a success, or it tells what came of changes; else what the
// problem (RFC 9457) says.
engine::Result<server::JsonValue> ExchangeJson(HttpClient& client, const HttpExchange& exchange);

}  // namespace portvakt::cli
