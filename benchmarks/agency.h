// A seeded agency of any size, as data for policies/byra: one agency, its consultants and clients,
// and ticks over three programs, in the proportions of a medium agency (20 consultants, 900
// clients, about 2.2 clients' consultants a client, some 40 ticks a pair).
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "dsl/module.h"
#include "engine/engine.h"

namespace portvakt::benchmarks {

struct Agency {
  struct Pair {
    std::string consultant;
    std::string client;
    std::vector<std::string> ticked;     // sorted
    std::vector<std::string> effective;  // ticked, or included in what is; sorted
  };
  std::vector<std::string> permissions;  // all that may be ticked here
  std::vector<Pair> pairs;
  std::string sentences;  // the data in the bulk text format
  uint64_t ticks = 0;
};

Agency MakeAgency(const dsl::Module& module, uint64_t ticks, uint64_t seed);

// `count` requests over random existing pairs; every second one asks for a ticked permission, the
// others for one that no tick in that client leads to.
std::vector<engine::Request> MakeRequests(const Agency& agency, size_t count, uint64_t seed);

}  // namespace portvakt::benchmarks
