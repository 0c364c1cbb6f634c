// A small number for each thread, by which it finds its own lane or counters.
#pragma once

#include <cstdint>

namespace portvakt::server {

// Given when a thread first asks, one after the other: the threads of one server, which begin
// together, get different remainders by their count.
uint32_t ThreadNumber();

}  // namespace portvakt::server
