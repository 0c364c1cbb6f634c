#include "server/answering_task.h"

#include <exception>
#include <utility>

#include "server/log.h"

namespace portvakt::server {

std::function<void()> AnsweringTask(std::function<HttpResponse()> make, Respond respond) {
  return [make = std::move(make), respond = std::move(respond)] {
    HttpResponse response;
    try {
      response = make();
    } catch (const std::exception& fault) {
      // Only the memory running out, or a bug of ours.
      Log(LogLevel::kError, "errand_failed", {{"fault", fault.what()}});
      response = Problem(500, "internal_error", "the server failed on this request");
    }
    respond(std::move(response));
  };
}

}  // namespace portvakt::server
