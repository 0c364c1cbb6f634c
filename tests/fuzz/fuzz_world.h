// An engine over a small policy, in a store that lives as long as the process, and its handlers:
// what the fuzz targets of bodies ask.
#pragma once

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

namespace portvakt {

inline void Require(bool is_true) {
  if (!is_true) std::abort();
}

class World {
 public:
  explicit World(std::string_view policy) {
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
    sources.Add("fuzz.vakt", std::string(policy));
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

  engine::Engine& engine() { return *engine_; }

  // What a POST is answered, waited for where it comes later.
  server::HttpResponse Ask(std::string_view target, std::string_view body, bool explain = false) {
    server::HttpRequest request;
    request.method = "POST";
    request.target = target;
    request.body = body;
    request.fields.emplace_back("Content-Type", "application/json");
    if (explain) request.fields.emplace_back("Portvakt-Explain", "true");
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

}  // namespace portvakt
