// No body crashes the interface of /v1, or is answered with anything but JSON and a status that the
// pages name; questions get the same bytes when asked again. Changes are dry runs of a real engine
// over a small policy, so that the store stays as it was.
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "dsl/dsl.h"
#include "engine/engine.h"
#include "server/handlers.h"
#include "server/json.h"

namespace {

using namespace portvakt;

constexpr char kPolicy[] = R"(policy fuzz "What the fuzzer asks about"

context { login : enum { password < sms < bankid } }

open entity user { since : date from request }
open entity doc { owner : user from request }

permission read, write on doc

fact user trusted_with doc

permit reading
    user may read on doc
    if  doc.owner is user  else not_owner "{doc} is not {user}'s"

permit writing
    user may write on doc
    if  user trusted_with doc
    and context.login is at least sms  else weak_login

permit trusting
    change user trusted_with doc
    by  user as actor
)";

void Require(bool is_true) {
  if (!is_true) std::abort();
}

class World {
 public:
  World() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "portvakt-fuzz-").string() + std::string(6, 'X');
    Require(mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
    engine::Engine::Options options;
    options.store.map_bytes = uint64_t{64} << 20;
    options.store.sync = false;
    options.now_us = [] { return int64_t{0}; };
    auto opened = engine::Engine::Open(directory_, options);
    Require(opened.ok());
    engine_ = std::move(opened.value());
    dsl::SourceSet sources;
    dsl::Diagnostics findings;
    sources.Add("fuzz.vakt", kPolicy);
    const auto module = dsl::Compile(sources, findings);
    Require(module.has_value());
    Require(engine_->InstallPolicy(sources, *module, {}).ok());
    auto session = engine_->NewSession();
    Require(session.ok());
    session_ = std::make_unique<engine::Session>(std::move(session.value()));
  }
  ~World() {
    session_.reset();
    engine_.reset();
    std::filesystem::remove_all(directory_);
  }

  server::HttpResponse Ask(std::string_view target, std::string_view body) {
    server::HttpRequest request;
    request.method = "POST";
    request.target = target;
    request.body = body;
    request.fields.emplace_back("Content-Type", "application/json");
    server::Service service(*engine_);
    service.trust_callers = true;
    const server::Peer peer;
    server::Answering answering{*session_, service, peer, false, nullptr, {}};
    server::Reply reply = server::Answer(request, answering);
    if (auto* now = std::get_if<server::HttpResponse>(&reply)) return std::move(*now);
    std::promise<server::HttpResponse> promise;
    std::get<server::Later>(reply).start(
        [&](server::HttpResponse made) { promise.set_value(std::move(made)); });
    return promise.get_future().get();
  }

 private:
  std::string directory_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Session> session_;
};

// The body with `dry_run`, where it is an object at all.
std::string Dry(std::string_view body) {
  const server::JsonRead read = server::ReadJson(body);
  if (!read.value || !read.value->is(server::JsonValue::Kind::kObject)) return std::string(body);
  server::JsonValue dry = *read.value;
  dry.Set("dry_run", true);
  return server::WriteJson(dry);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static World world;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const char* target :
       {"/access/v1/search/subject", "/access/v1/search/resource", "/access/v1/search/action",
        "/v1/explain", "/v1/search", "/v1/matrix", "/v1/history"}) {
    const server::HttpResponse response = world.Ask(target, body);
    Require(response.status == 200 || response.status == 400);
    if (response.content_type == server::HttpResponse::kJson) {
      Require(server::ReadJson(response.body).value.has_value());
    }
    Require(world.Ask(target, body).body == response.body);
  }
  const std::string dry = Dry(body);
  for (const char* target : {"/v1/changes", "/v1/onboard", "/v1/offboard"}) {
    const server::HttpResponse response = world.Ask(target, dry);
    Require(response.status == 200 || response.status == 400 || response.status == 409 ||
            response.status == 422);
    Require(server::ReadJson(response.body).value.has_value());
  }
  return 0;
}
