// How decisions come about: Kleene's three values, permits, forbids and what a permission requires,
// and what is refused before any rule. sentences_test.cpp holds what sentences say.
#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

constexpr Tri F = Tri::kFalse;
constexpr Tri U = Tri::kUnknown;
constexpr Tri T = Tri::kTrue;

TEST(ThreeValues, AreKleenes) {
  const Tri all[] = {F, U, T};
  const Tri conjunction[3][3] = {{F, F, F}, {F, U, U}, {F, U, T}};
  const Tri disjunction[3][3] = {{F, U, T}, {U, U, T}, {T, T, T}};
  for (Tri x : all) {
    for (Tri y : all) {
      EXPECT_EQ(And(x, y), conjunction[static_cast<int>(x)][static_cast<int>(y)]);
      EXPECT_EQ(Or(x, y), disjunction[static_cast<int>(x)][static_cast<int>(y)]);
    }
  }
  EXPECT_EQ(Not(U), U);
}

// Context `a` and `b` are true, false or left out; the formula of the permit decides.
TEST(ThreeValues, GoThroughConditions) {
  struct Case {
    const char* condition;
    Tri a, b, wanted;
  };
  const Case cases[] = {
      {"context.a and context.b", T, T, T},
      {"context.a and context.b", T, U, U},
      {"context.a and context.b", F, U, F},
      {"context.a or context.b", T, U, T},
      {"context.a or context.b", F, U, U},
      {"context.a or context.b", F, F, F},
      {"not context.a", U, T, U},
      {"not context.a", F, T, T},
      {"not ( context.a and context.b )", F, U, T},
      {"not ( context.a or context.b )", F, U, U},
      {"context.a or ( context.b and not context.a )", F, U, U},
  };
  for (const Case& each : cases) {
    PolicyWorld world(std::string("policy p\nentity user\nopen entity thing\n"
                                  "context { a : bool b : bool }\npermission see on thing\n"
                                  "permit p\n  user may see on thing\n  if ") +
                          each.condition + "\n",
                      "entities:\n  user: { u: }\n");
    InputValues context;
    if (each.a != U) context.push_back({"a", BoolInput(each.a == T)});
    if (each.b != U) context.push_back({"b", BoolInput(each.b == T)});
    EXPECT_EQ(world.Ask("user u see thing t", context), each.wanted) << each.condition;
  }
}

TEST(Decisions, CombinePermitForbidAndRequires) {
  // Each of permit, forbid and the required permit follows one attribute of the context.
  PolicyWorld world(R"(policy p
entity user
open entity thing
context { p : bool  f : bool  r : bool }
permission see, enter on thing
permission act on thing requires enter
permit acting   user may act on thing if context.p
permit entering user may enter on thing if context.r
forbid never    user may act on thing if context.f
)",
                    "entities:\n  user: { u: }\n");
  for (Tri permit : {F, U, T}) {
    for (Tri forbid : {F, U, T}) {
      for (Tri required : {F, U, T}) {
        InputValues context;
        if (permit != U) context.push_back({"p", BoolInput(permit == T)});
        if (forbid != U) context.push_back({"f", BoolInput(forbid == T)});
        if (required != U) context.push_back({"r", BoolInput(required == T)});
        EXPECT_EQ(world.Ask("user u act thing t", context),
                  And(And(permit, Not(forbid)), required));
      }
    }
  }
  EXPECT_EQ(world.Ask("user u see thing t"), F) << "what no rule permits is denied";
}

// What decided is known without an explanation, and says the same.
TEST(Decisions, TellWhatTheyComeFrom) {
  PolicyWorld world(R"(policy p
entity user
open entity thing
context { p : bool  f : bool  r : bool }
permission see, enter on thing
permission act on thing requires enter
permit first    user may act on thing if context.f and not context.f
permit acting   user may act on thing if context.p
permit entering user may enter on thing if context.r
forbid never    user may act on thing if context.f
)",
                    "entities:\n  user: { u: }\n");
  struct Case {
    const char* question;
    InputValues context;
    const char* wanted;
  };
  const auto given = [](bool p, bool f, bool r) {
    return InputValues{{"p", BoolInput(p)}, {"f", BoolInput(f)}, {"r", BoolInput(r)}};
  };
  const Case cases[] = {
      {"user u act thing t", given(true, false, true), "acting"},
      {"user u act thing t", given(true, true, true), "never"},
      {"user u act thing t", given(false, true, true), "no_rule"},
      {"user u act thing t", given(true, false, false), "no_rule"},
      {"user u enter thing t", given(true, false, true), "entering"},
      {"user u see thing t", given(true, false, true), "no_rule"},
      {"user u act thing t", {}, "missing_context"},
      {"robot u act thing t", {}, "unknown_type"},
      {"user u fly thing t", {}, "unknown_permission"},
      {"user nobody act thing t", {}, "unknown_entity"},
  };
  Session session = world.NewSession();
  for (const Case& each : cases) {
    Request request = PolicyWorld::ToRequest(each.question);
    request.context = each.context;
    session.Decide(request);
    EXPECT_EQ(session.DecidedBy(), each.wanted) << each.question;
    session.Explain(request);
    EXPECT_EQ(session.DecidedBy(), each.wanted) << each.question;
  }
}

TEST(Decisions, RefuseWhatThePolicyOrStoreDoesNotKnow) {
  PolicyWorld world(
      "policy p\nentity user\nentity room\nopen entity thing\npermission see on thing, room\n"
      "permit p\n  user may see on thing\n",
      "entities:\n  user: { u: }\n  room: { r: }\n");
  const std::pair<const char*, const char*> cases[] = {
      {"robot u see thing t", "unknown_type"},       {"user u see planet t", "unknown_type"},
      {"user u fly thing t", "unknown_permission"},  {"user nobody see thing t", "unknown_entity"},
      {"user u see room nowhere", "unknown_entity"}, {"user u see room r", "no_rule"},
  };
  for (const auto& [question, code] : cases) {
    EXPECT_EQ(world.Ask(question), F) << question;
    EXPECT_EQ(world.Codes(question), code) << question;
  }
  EXPECT_EQ(world.Ask("user u see thing t"), T);
}

}  // namespace
}  // namespace portvakt::engine
