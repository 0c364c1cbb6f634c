// What do searches and matrices cost? policies/byra: every permission over every pair of the medium
// agency, the client list of one consultant with 5,000 clients, and who may do a thing in a client.
#include <benchmark/benchmark.h>

#include <sstream>

#include "benchmarks/world.h"
#include "engine/load.h"

namespace portvakt::benchmarks {
namespace {

constexpr size_t kListedClients = 5'000;

void MatrixOfAll(benchmark::State& state) {
  World* world = MediumWorld();
  if (!world) return state.SkipWithError("the agency could not be made");
  auto session = world->engine->NewSession();
  if (!session.ok() || !session->Refresh().ok()) return state.SkipWithError("no session");
  engine::MatrixQuery query;
  query.subject_type = "user";
  query.resource_type = "client";
  engine::Matrix matrix;
  for (auto _ : state) matrix = session->FillMatrix(query);
  if (!matrix.complete) return state.SkipWithError("the matrix is not complete");
  state.counters["rows"] = static_cast<double>(matrix.rows.size());
  state.counters["columns"] = static_cast<double>(matrix.permissions.size());
}
BENCHMARK(MatrixOfAll)->Unit(benchmark::kMillisecond)->MinTime(1.0);

// A world with one more consultant, who has all the clients that are added.
World* ListedWorld() {
  static const std::unique_ptr<World> world = []() -> std::unique_ptr<World> {
    auto made = MakeWorld(1'000, Sync::kOff);
    if (!made) return nullptr;
    auto module = made->engine->ActiveModule();
    if (!module.ok()) return nullptr;
    std::ostringstream text;
    text
        << "seats of kh in norr is 100\nperson lister\nuser lister { person: lister, home: norr }\n"
        << "lister holds kh from norr\n";
    for (size_t i = 0; i < kListedClients; ++i) {
      text << "client listed" << i << " { status: active, attest_on: false }\n"
           << "norr serves listed" << i << "\n"
           << "lister assigned_to listed" << i << "\n"
           << "lister switched_on in listed" << i << "\n";
    }
    std::istringstream data(text.str());
    return engine::LoadText(*made->engine, **module, "listed", data).ok() ? std::move(made)
                                                                          : nullptr;
  }();
  return world.get();
}

void ClientList(benchmark::State& state) {
  World* world = ListedWorld();
  if (!world) return state.SkipWithError("the clients could not be made");
  auto session = world->engine->NewSession();
  if (!session.ok() || !session->Refresh().ok()) return state.SkipWithError("no session");
  engine::SearchQuery query;
  query.through = engine::SearchQuery::Through::kResources;
  query.request.subject = {"user", "lister"};
  query.request.action = "enter";
  query.request.resource.type = "client";
  size_t found = 0;
  for (auto _ : state) found = session->Search(query).results.size();
  if (found != kListedClients) return state.SkipWithError("clients are missing");
  state.counters["clients"] = static_cast<double>(found);
}
BENCHMARK(ClientList)->Unit(benchmark::kMillisecond)->MinTime(1.0);

void WhoMay(benchmark::State& state) {
  World* world = MediumWorld();
  if (!world) return state.SkipWithError("the agency could not be made");
  auto session = world->engine->NewSession();
  if (!session.ok() || !session->Refresh().ok()) return state.SkipWithError("no session");
  size_t next = 0;
  size_t found = 0;
  for (auto _ : state) {
    engine::SearchQuery query;
    query.request = world->requests[next];
    query.request.subject.id.clear();
    found += session->Search(query).results.size();
    next = (next + 1) % world->requests.size();
  }
  state.counters["found"] = static_cast<double>(found) / static_cast<double>(state.iterations());
}
BENCHMARK(WhoMay)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace portvakt::benchmarks
