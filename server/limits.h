// Every limit of the server in one place, with its unit and its reason. Beyond one there is a clear
// answer (or a closed connection where no answer can be given), never a crash, and each has a test
// in tests/server/. A configuration file can set those in Limits (docs/configuration.md).
#pragma once

#include <cstddef>
#include <cstdint>

namespace portvakt::server {

struct Limits {
  // Request line and fields. 431. Callers send well under 2 KiB; tokens may add some.
  uint32_t header_bytes = 16u << 10;
  // Of that, the request target alone. 414. Our longest targets with a query stay under 1 KiB.
  uint32_t target_bytes = 8u << 10;
  // One request's body. 413. A full batch with attributes stays under it.
  uint32_t body_bytes = 1u << 20;
  // Open connections of the whole server. 503. Each costs a descriptor and its buffers, with TLS
  // several times as many (benchmarks/idle_connections.py measures them).
  uint32_t connections = 4096;
  // Of those, from one address, or from the first 64 bits of an IPv6 one. 503. One gateway may have
  // a thousand, and yet leaves room for others.
  uint32_t connections_by_address = 2048;
  // Requests that are read or answered at one time. 503. Each may hold a whole body; more than one
  // address may have connections, so that a single one cannot use them up.
  uint32_t requests_in_flight = 3072;
  // Of one caller, with bursts of as many. 429. 0: any number, for callers are the operator's own
  // gateways.
  uint32_t requests_per_second = 0;
  // Requests on one connection, which is then closed: long-lived ones move to other workers.
  uint32_t requests_per_connection = 100'000;
  // From the connection to the end of the TLS handshake. Closed without a word.
  uint32_t handshake_ms = 10'000;
  // From the first byte of a request to the end of its fields. 408. Fields fit one packet or two.
  uint32_t header_ms = 10'000;
  // From there to the end of the body. 408. A full body over a slow link.
  uint32_t body_ms = 30'000;
  // For one answer to be taken by the operating system.
  uint32_t write_ms = 30'000;
  // Between requests, and before the first. Longer than the idle time of usual proxies (60 s), so
  // that they close first and never send into a closing connection.
  uint32_t idle_ms = 75'000;
  // From the order to stop until connections that are still busy are cut.
  uint32_t drain_ms = 10'000;
};

// Evaluations in one batch. 400. Keeps one request under some ten milliseconds of a worker.
inline constexpr size_t kMaxEvaluations = 1000;
// Bytes of a request id that is echoed; longer ones are not ours to repeat.
inline constexpr size_t kMaxRequestIdBytes = 200;
// Threads that answer. More than cores on any machine we know gains nothing.
inline constexpr uint32_t kMaxWorkers = 256;
// After an answer that ends a connection: how long, and how much, is read and thrown away, so that
// the answer is not lost to a reset.
inline constexpr uint32_t kLingerMs = 1000;
inline constexpr size_t kLingerBytes = 4u << 20;
// Requests of one worker that wait for an answer from elsewhere: changes and long polls. 503. Each
// costs a connection and, when it polls, a look at the store every sweep.
inline constexpr uint32_t kMaxWaiting = 1024;
// How long a long poll may ask to wait. 400. Under the idle time of usual proxies.
inline constexpr uint32_t kMaxPollSeconds = 50;
// Tasks that wait for the thread of server/errands.h. 503. Each may take a second.
inline constexpr size_t kMaxErrands = 64;
// Results of one page of a search, whatever a request asks for; the page says that there are more.
inline constexpr uint32_t kMaxSearchPage = 10'000;
// Plans, and names a step, that one question for what is missing may ask for. 400.
inline constexpr uint32_t kMaxPlans = 50;
inline constexpr uint32_t kMaxWhoNamed = 1000;
// Limits that are not kept, as the status lists them.
inline constexpr size_t kMaxBrokenLimits = 100;
// Files of one uploaded policy. 400.
inline constexpr size_t kMaxPolicyFiles = 1000;
// How often deadlines are looked at; what a time limit is exact to.
inline constexpr uint32_t kSweepMs = 50;
// After a failed accept (no descriptors left, say): neither spin nor give up.
inline constexpr uint32_t kAcceptPauseMs = 150;
// Connections above Limits::connections that are told 503; those beyond are closed without a word.
inline constexpr uint32_t kRefusedConnections = 64;

}  // namespace portvakt::server
