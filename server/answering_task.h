// What a handler has done on another thread: whatever happens there, its caller is answered.
#pragma once

#include <functional>

#include "server/reply.h"

namespace portvakt::server {

// Answers with what `make` returns, or with 500 when that throws, which is logged. Called once,
// from any thread.
std::function<void()> AnsweringTask(std::function<HttpResponse()> make, Respond respond);

}  // namespace portvakt::server
