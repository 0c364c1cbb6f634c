// Tasks beside the workers: each caller is answered, and none keeps the next from being done.
#include "server/errands.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "server/answering_task.h"
#include "server/log.h"

namespace portvakt::server {
namespace {

// What the caller of a task gets that is done by `errands`; status 0 when nothing comes.
HttpResponse Answer(Errands& errands, std::function<HttpResponse()> make) {
  const auto promise = std::make_shared<std::promise<HttpResponse>>();
  std::future<HttpResponse> answer = promise->get_future();
  const bool posted = errands.Post(AnsweringTask(
      std::move(make), [promise](HttpResponse made) { promise->set_value(std::move(made)); }));
  const bool came =
      posted && answer.wait_for(std::chrono::seconds(30)) == std::future_status::ready;
  HttpResponse none;
  none.status = 0;
  return came ? answer.get() : none;
}

TEST(Errands, AnswerThoughTheirTaskThrows) {
  SetLogLevel(LogLevel::kOff);
  Errands errands;
  const HttpResponse broken =
      Answer(errands, []() -> HttpResponse { throw std::runtime_error("on the way"); });
  EXPECT_EQ(broken.status, 500);
  EXPECT_NE(broken.body.find("internal_error"), std::string::npos) << broken.body;
  EXPECT_EQ(broken.body.find("on the way"), std::string::npos) << "what went wrong is for the log";
  EXPECT_EQ(Answer(errands, []() -> HttpResponse { throw std::bad_alloc(); }).status, 500);
  const HttpResponse made = Answer(errands, [] {
    HttpResponse response;
    response.body = "{}";
    return response;
  });
  EXPECT_EQ(made.status, 200) << "the next is done";
  EXPECT_EQ(made.body, "{}");
  SetLogLevel(LogLevel::kInfo);
}

}  // namespace
}  // namespace portvakt::server
