// No body crashes the decision interface; it answers 200 or 400 with JSON of the right shape, and
// the same bytes when asked again. Decisions are real: an engine over a small policy in a store
// that lives as long as the process.
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "dsl/dsl.h"
#include "engine/engine.h"
#include "server/handlers.h"
#include "server/json.h"

namespace {

using namespace portvakt;

constexpr char kPolicy[] = R"(policy fuzz "What the fuzzer asks about"

context { login : enum { password < sms < bankid }, place : ip }
action { amount : decimal, tags : set of string }

open entity user { since : date from request, vip : bool from request }
open entity doc { owner : user from request, size : int from request }

permission read, write on doc

permit reading
    user may read on doc
    if  doc.owner is user  else not_owner "{doc} is not {user}'s"

permit writing
    user may write on doc
    if  context.login is at least sms  else weak_login
    and action.amount is at most 100.50
    and ( user.vip or doc.size is less than 10 )

note careful
    user may write on doc
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

  server::HttpResponse Ask(std::string_view target, std::string_view body, bool explain) {
    server::HttpRequest request;
    request.method = "POST";
    request.target = target;
    request.body = body;
    request.fields.emplace_back("Content-Type", "application/json");
    if (explain) request.fields.emplace_back("Portvakt-Explain", "true");
    server::Service service(*engine_);
    const server::Peer peer;
    server::Answering answering{*session_, service, peer, false, nullptr, {}};
    return std::get<server::HttpResponse>(server::Answer(request, answering));
  }

 private:
  std::string directory_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Session> session_;
};

bool IsDecision(const server::JsonValue& value) {
  const server::JsonValue* decision = value.Find("decision");
  return decision != nullptr && decision->is(server::JsonValue::Kind::kBool);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static World world;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const char* target : {"/access/v1/evaluation", "/access/v1/evaluations"}) {
    for (const bool explain : {false, true}) {
      const server::HttpResponse response = world.Ask(target, body, explain);
      Require(response.status == 200 || response.status == 400);
      const server::JsonRead read = server::ReadJson(response.body);
      Require(read.value.has_value());
      if (response.status == 200 && !IsDecision(*read.value)) {
        const server::JsonValue* items = read.value->Find("evaluations");
        Require(items != nullptr && !items->elements().empty());
        for (const server::JsonValue& item : items->elements()) Require(IsDecision(item));
      }
      Require(world.Ask(target, body, explain).body == response.body);
    }
  }
  return 0;
}
