// A request for changes as bytes that tell it from every other: what an idempotency key is kept
// with, and how much of the queue the request takes.
#pragma once

#include <string>

#include "engine/change.h"

namespace portvakt::engine {

// All of it but the key.
std::string BytesOf(const ChangeRequest& request);

}  // namespace portvakt::engine
