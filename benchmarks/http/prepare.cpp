// What the measurements are made on: an agency in a store, bodies of requests, and the same rules
// and facts as Cerbos takes them.
//
//   bench_prepare FOLDER TICKS
//
//   store/           policies/byra and the agency, for `portvakt serve --store`
//   single.jsonl     evaluations over random existing pairs, half of them permits
//   batch.jsonl      a consultant's clients, ten permissions each: 1,000 evaluations a body
//   wide.jsonl       evaluations that carry the facts of their pair too, for servers that store
//   none cerbos/          a policy that decides wide.jsonl from what the bodies carry
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include "benchmarks/world.h"
#include "server/json.h"

namespace portvakt::benchmarks {
namespace {

using server::JsonValue;

constexpr size_t kBatches = 64;
constexpr size_t kBatchItems = 1000;
constexpr size_t kPermissionsAClient = 10;

JsonValue Entity(const engine::EntityName& name) {
  return JsonValue::Object({{"type", name.type}, {"id", name.id}});
}

JsonValue Action(const std::string& name) { return JsonValue::Object({{"name", name}}); }

JsonValue Body(const engine::Request& request) {
  return JsonValue::Object({{"subject", Entity(request.subject)},
                            {"action", Action(request.action)},
                            {"resource", Entity(request.resource)}});
}

// For each permission those whose tick leads to it.
using TicksFor = std::map<std::string, std::set<std::string>>;

TicksFor MapTicks(const dsl::Module& module, const Agency& agency) {
  TicksFor ticks;
  for (const dsl::Permission& permission : module.permissions) {
    const auto& all = agency.permissions;
    if (std::find(all.begin(), all.end(), permission.name) == all.end()) continue;
    for (dsl::PermissionId included : permission.includes) {
      ticks[module.permissions[included].name].insert(permission.name);
    }
  }
  return ticks;
}

// The rules that a consultant's work in a client obeys, with every fact taken from the request; the
// role is what Cerbos makes of the subject's type. A permission of which they are not all is left
// out of the questions to both servers.
void WriteCerbosPolicy(const std::string& file, const TicksFor& ticks) {
  std::ofstream out(file);
  out << "apiVersion: api.cerbos.dev/v1\nresourcePolicy:\n  resource: client\n"
         "  version: default\n  rules:\n";
  for (const auto& [permission, from] : ticks) {
    out << "    - actions: [\"" << permission << "\"]\n      effect: EFFECT_ALLOW\n"
        << "      roles: [user]\n      condition:\n        match:\n          all:\n"
        << "            of:\n";
    for (const char* needed : {"P.attr.licensed", "P.attr.assigned", "P.attr.switched_on",
                               "R.attr.linked", "R.attr.status == 'active'"}) {
      out << "              - expr: " << needed << '\n';
    }
    out << "              - expr: hasIntersection(P.attr.ticks, [";
    const char* comma = "";
    for (const std::string& name : from) {
      out << comma << '\'' << name << '\'';
      comma = ", ";
    }
    out << "])\n";
  }
}

void WriteWide(const std::string& file, World& world, const TicksFor& ticks) {
  std::map<std::pair<std::string, std::string>, const Agency::Pair*> pairs;
  for (const Agency::Pair& pair : world.agency.pairs) pairs[{pair.consultant, pair.client}] = &pair;
  auto session = world.engine->NewSession();
  if (!session.ok() || !session->Refresh().ok()) return;

  // Rules beyond the common ones show as decisions that differ from the ticks.
  const auto is_ticked = [&](const engine::Request& request) {
    const auto& own = pairs.at({request.subject.id, request.resource.id})->ticked;
    const auto& from = ticks.at(request.action);
    return std::any_of(own.begin(), own.end(), [&](const auto& name) { return from.count(name); });
  };
  std::set<std::string> special;
  for (const engine::Request& request : world.requests) {
    if (session->Decide(request).permit != is_ticked(request)) special.insert(request.action);
  }
  std::ofstream out(file);
  size_t written = 0;
  for (const engine::Request& request : world.requests) {
    if (special.count(request.action)) continue;
    JsonValue held = JsonValue::Array();
    for (const std::string& name : pairs.at({request.subject.id, request.resource.id})->ticked) {
      held.Append(name);
    }
    JsonValue facts = JsonValue::Object({{"licensed", true},
                                         {"assigned", true},
                                         {"switched_on", true},
                                         {"ticks", std::move(held)}});
    JsonValue subject = Entity(request.subject);
    subject.Set("properties", std::move(facts));
    JsonValue resource = Entity(request.resource);
    resource.Set("properties", JsonValue::Object({{"linked", true}, {"status", "active"}}));
    JsonValue body = JsonValue::Object();
    body.Set("subject", std::move(subject)).Set("action", Action(request.action));
    out << WriteJson(body.Set("resource", std::move(resource))) << '\n';
    ++written;
  }
  std::cout << written << " wide bodies, without " << special.size() << " permissions of "
            << ticks.size() << " that other rules bear on too\n";
}

void WriteBatches(const std::string& file, const Agency& agency) {
  std::map<std::string, std::vector<const Agency::Pair*>> by_consultant;
  for (const Agency::Pair& pair : agency.pairs) by_consultant[pair.consultant].push_back(&pair);
  std::mt19937_64 random(kSeed + 2);
  std::ofstream out(file);
  size_t written = 0;
  for (const auto& [consultant, pairs] : by_consultant) {
    if (written++ == kBatches) return;
    JsonValue items = JsonValue::Array();
    for (size_t i = 0; i < kBatchItems; ++i) {
      const Agency::Pair& pair = *pairs[i / kPermissionsAClient % pairs.size()];
      const auto& from = i % 2 == 0 ? pair.ticked : agency.permissions;
      items.Append(JsonValue::Object({{"action", Action(from[random() % from.size()])},
                                      {"resource", Entity({"client", pair.client})}}));
    }
    JsonValue body = JsonValue::Object();
    body.Set("subject", Entity({"user", consultant})).Set("evaluations", std::move(items));
    out << WriteJson(body) << '\n';
  }
}

int Prepare(const std::string& folder, uint64_t ticks) {
  // So that the store can be moved to where it stays.
  setenv("TMPDIR", folder.c_str(), 1);
  const auto world = MakeWorld(ticks, Sync::kOff);
  if (!world) {
    std::cerr << "bench_prepare: the agency could not be made\n";
    return 2;
  }
  std::ofstream single(folder + "/single.jsonl");
  for (const engine::Request& request : world->requests) single << WriteJson(Body(request)) << '\n';
  WriteBatches(folder + "/batch.jsonl", world->agency);
  const auto module = world->engine->ActiveModule();
  const TicksFor ticks_for = MapTicks(**module, world->agency);
  WriteWide(folder + "/wide.jsonl", *world, ticks_for);
  std::filesystem::create_directory(folder + "/cerbos");
  WriteCerbosPolicy(folder + "/cerbos/client.yaml", ticks_for);
  std::cout << world->agency.ticks << " ticks, " << world->agency.pairs.size() << " pairs\n";
  world->engine.reset();
  std::filesystem::rename(world->directory, folder + "/store");
  world->directory.clear();
  return 0;
}

}  // namespace
}  // namespace portvakt::benchmarks

int main(int count, char** words) {
  if (count != 3) return 2;
  return portvakt::benchmarks::Prepare(words[1], std::stoull(words[2]));
}
