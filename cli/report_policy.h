// Policy versions, differences and impact as people read them. Pure functions from the JSON of
// server/policy_json.h to texts, lines ended.
#pragma once

#include <string>

#include "server/json.h"

namespace portvakt::cli {

// A table, oldest first; the active one is marked.
std::string DescribePolicies(const server::JsonValue& policies);
// "version 2 of byra is active".
std::string DescribePolicy(const server::JsonValue& version);
// Its files one after the other, each below its name.
std::string DescribeSources(const server::JsonValue& version);
std::string DescribeDiff(const server::JsonValue& diff);
std::string DescribeImpact(const server::JsonValue& impact);

}  // namespace portvakt::cli
