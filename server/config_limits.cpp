// `limits`: each with the least and the most that may be set. Below the least the server would
// refuse good requests; above the most a limit protects nothing.
#include "server/config_sections.h"

namespace portvakt::server {

void ReadLimits(ConfigMap& map, Limits& limits) {
  map.Number("header_bytes", 1024u, 1u << 20, limits.header_bytes);
  map.Number("target_bytes", 256u, 1u << 20, limits.target_bytes);
  map.Number("body_bytes", 1024u, 64u << 20, limits.body_bytes);
  map.Number("connections", 1u, 1'000'000u, limits.connections);
  map.Number("connections_by_address", 1u, 1'000'000u, limits.connections_by_address);
  map.Number("requests_in_flight", 1u, 1'000'000u, limits.requests_in_flight);
  map.Number("requests_per_second", 0u, 10'000'000u, limits.requests_per_second);
  map.Number("requests_per_connection", 1u, 1'000'000'000u, limits.requests_per_connection);
  map.Number("handshake_ms", 100u, 600'000u, limits.handshake_ms);
  map.Number("header_ms", 100u, 600'000u, limits.header_ms);
  map.Number("body_ms", 100u, 600'000u, limits.body_ms);
  map.Number("write_ms", 100u, 600'000u, limits.write_ms);
  map.Number("idle_ms", 100u, 3'600'000u, limits.idle_ms);
  map.Number("drain_ms", 0u, 600'000u, limits.drain_ms);
}

}  // namespace portvakt::server
