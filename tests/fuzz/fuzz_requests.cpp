// No body crashes the interface of /v1, or is answered with anything but JSON and a status that the
// pages name; questions get the same bytes when asked again. Changes are dry runs of a real engine
// over a small policy, so that the store stays as it was.
#include <cstdint>
#include <string>
#include <string_view>

#include "server/json.h"
#include "tests/fuzz/fuzz_world.h"

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
  static World world(kPolicy);
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
