// No body crashes the decision interface; it answers 200 or 400 with JSON of the right shape, and
// the same bytes when asked again. Decisions are real: an engine over a small policy in a store
// that lives as long as the process.
#include <cstdint>
#include <string_view>

#include "server/json.h"
#include "tests/fuzz/fuzz_world.h"

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

bool IsDecision(const server::JsonValue& value) {
  const server::JsonValue* decision = value.Find("decision");
  return decision != nullptr && decision->is(server::JsonValue::Kind::kBool);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static World world(kPolicy);
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
