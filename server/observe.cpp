// Counted always, written where there is an access log.
#include "server/observe.h"

#include "server/access_log.h"
#include "server/request_counters.h"
#include "server/trace_context.h"
#include "server/wire.h"

namespace portvakt::server {

void Observe(Service& service, const HttpRequest& request, const Peer& peer,
             const Exchange& exchange, int status, size_t bytes) {
  const auto took = std::chrono::steady_clock::now() - exchange.began;
  const auto duration_ns =
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(took).count());
  service.counters->CountAnswer(exchange.endpoint, status, duration_ns);
  if (service.access_log == nullptr) return;
  AccessRecord record;
  record.instant_us = engine::SystemNow();
  record.method = request.method;
  record.endpoint = exchange.endpoint;
  record.status = status;
  record.bytes = bytes;
  record.duration_ns = duration_ns;
  if (exchange.caller != nullptr) record.caller = exchange.caller->name;
  record.peer = peer.address;
  record.over_tls = peer.over_tls;
  record.request_id = EchoedRequestId(request);
  record.trace_id = TraceIdOf(request);
  service.access_log->Take(record);
}

}  // namespace portvakt::server
