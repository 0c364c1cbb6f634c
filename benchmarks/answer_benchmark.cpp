// What does Portvakt add to a request once its bytes are there? The handlers without a socket: body
// in, answer out, over policies/byra, for one decision and for a batch of 1,000.
#include <benchmark/benchmark.h>

#include <string>
#include <variant>
#include <vector>

#include "benchmarks/world.h"
#include "server/handlers.h"
#include "server/json.h"

namespace portvakt::benchmarks {
namespace {

using server::JsonValue;

JsonValue ItemOf(const engine::Request& request) {
  return JsonValue::Object(
      {{"action", JsonValue::Object({{"name", request.action}})},
       {"resource", JsonValue::Object({{"type", "client"}, {"id", request.resource.id}})}});
}

JsonValue SubjectOf(const std::string& id) {
  return JsonValue::Object({{"type", "user"}, {"id", id}});
}

std::vector<std::string> SingleBodies(const World& world) {
  std::vector<std::string> bodies;
  for (const engine::Request& request : world.requests) {
    JsonValue body = ItemOf(request);
    bodies.push_back(WriteJson(body.Set("subject", SubjectOf(request.subject.id))));
  }
  return bodies;
}

// A consultant's clients, ten permissions each.
std::vector<std::string> BatchBodies(const World& world) {
  JsonValue items = JsonValue::Array();
  const std::string& consultant = world.agency.pairs.front().consultant;
  for (const Agency::Pair& pair : world.agency.pairs) {
    if (pair.consultant != consultant) continue;
    for (size_t i = 0; i < 10 && items.elements().size() < 1000; ++i) {
      const auto& from = i % 2 == 0 ? pair.ticked : world.agency.permissions;
      engine::Request request;
      request.action = from[items.elements().size() * 7 % from.size()];
      request.resource.id = pair.client;
      items.Append(ItemOf(request));
    }
  }
  JsonValue body = JsonValue::Object();
  body.Set("subject", SubjectOf(consultant)).Set("evaluations", std::move(items));
  return {WriteJson(body)};
}

void Answer(benchmark::State& state, const char* target,
            std::vector<std::string> (*make)(const World&)) {
  World* world = WorldOf(static_cast<uint64_t>(state.range(0)));
  auto session = world == nullptr ? engine::Result<engine::Session>(engine::Error{})
                                  : world->engine->NewSession();
  if (!session.ok()) {
    state.SkipWithError("the agency could not be made");
    return;
  }
  const std::vector<std::string> bodies = make(*world);
  server::Service service(*world->engine);
  const server::Peer peer;
  server::HttpRequest request;
  request.method = "POST";
  request.target = target;
  request.fields = {{"Host", "localhost"}, {"Content-Type", "application/json"}};
  size_t next = 0, bytes = 0;
  for (auto _ : state) {
    request.body = bodies[next];
    server::Answering answering{*session, service, peer, false, nullptr, {}};
    const server::Reply reply = server::Answer(request, answering);
    bytes += std::get<server::HttpResponse>(reply).body.size();
    next = (next + 1) % bodies.size();
  }
  state.counters["bytes"] = static_cast<double>(bytes) / static_cast<double>(state.iterations());
}

void AnswerOne(benchmark::State& state) { Answer(state, "/access/v1/evaluation", SingleBodies); }
void AnswerBatch(benchmark::State& state) { Answer(state, "/access/v1/evaluations", BatchBodies); }
BENCHMARK(AnswerOne)->Arg(10'000)->Arg(1'000'000);
BENCHMARK(AnswerBatch)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace portvakt::benchmarks
