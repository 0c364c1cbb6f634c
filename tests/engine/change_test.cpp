// What a request for changes promises (engine/change.h), one test a promise.
#include "engine/change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/change_office.h"

namespace portvakt::engine {
namespace {

using testing::HasSubstr;
using Outcome = ChangeResult::Outcome;
using One = ChangeVerdict::Outcome;

class ChangeTest : public testing::Test {
 protected:
  // The only change is invalid, for this reason, and nothing was written.
  void ExpectInvalid(const ChangeItem& item, const std::string& code, const std::string& text) {
    SCOPED_TRACE(code + ": " + text);
    const uint64_t before = office_.Revision();
    const ChangeResult result = office_.Change("", {item});
    EXPECT_EQ(result.outcome, Outcome::kInvalid);
    ASSERT_EQ(result.verdicts.size(), 1u);
    EXPECT_EQ(result.verdicts[0].outcome, One::kInvalid);
    EXPECT_EQ(CodesOf(result.verdicts[0]), code);
    EXPECT_THAT(result.verdicts[0].reasons[0].text, HasSubstr(text));
    EXPECT_EQ(office_.Revision(), before);
  }
  void ExpectRefused(const std::string& actor, const ChangeItem& item, const std::string& codes) {
    SCOPED_TRACE(actor + ": " + codes);
    const uint64_t before = office_.Revision();
    const ChangeResult result = office_.Change(actor, {item});
    EXPECT_EQ(result.outcome, Outcome::kRefused);
    ASSERT_EQ(result.verdicts.size(), 1u);
    EXPECT_EQ(CodesOf(result.verdicts[0]), codes);
    EXPECT_EQ(office_.Revision(), before);
  }
  ChangeResult ExpectApplied(const std::string& actor, std::vector<ChangeItem> items) {
    ChangeResult result = office_.Change(actor, std::move(items));
    EXPECT_EQ(result.outcome, Outcome::kApplied) << result.error;
    for (const ChangeVerdict& verdict : result.verdicts) {
      for (const ReasonText& reason : verdict.reasons) {
        EXPECT_TRUE(result.ok()) << reason.code << ": " << reason.text;
      }
    }
    return result;
  }

  ChangeOffice office_;
};

const ChangeItem kAnnaToAlfa = Add("user anna", "assigned_to", "", "client alfa");

// ---- rules ------------------------------------------------------------------------------------

TEST_F(ChangeTest, WhatAPermitCoversIsMadeInOneRevision) {
  const uint64_t before = office_.Revision();
  const ChangeResult result =
      ExpectApplied("bo", {kAnnaToAlfa, Add("user anna", "assigned_to", "", "client beta")});
  EXPECT_EQ(result.revision, before + 1);
  EXPECT_EQ(result.instant_us, kOfficeNow_us);
  EXPECT_EQ(result.policy_version, 1u);
  ASSERT_EQ(result.verdicts.size(), 2u);
  EXPECT_THAT(result.verdicts[0].decided_by, testing::ElementsAre("assign"));
  ASSERT_EQ(result.verdicts[0].obligations.size(), 1u);
  EXPECT_EQ(result.verdicts[0].obligations[0].text, "alfa is told");
  EXPECT_TRUE(result.verdicts[1].obligations.empty());  // beta is dormant
  EXPECT_TRUE(office_.Holds(kAnnaToAlfa));
  EXPECT_EQ(office_.Ask("user anna enter client beta"), Tri::kTrue);
}

TEST_F(ChangeTest, WhatNoPermitCoversIsRefusedWithReasons) {
  ExpectRefused("anna", Add("user cia", "assigned_to", "", "client beta"), "not_boss");
  ExpectRefused("bo", Add("user anna", "assigned_to", "", "client gamma"), "not_linked");
  ExpectRefused("bo", Add("agency norr", "serves", "", "client gamma"), "no_rule");
  ExpectRefused("bo", Seats("agency norr", "kh", 1), "no_rule");  // ordering is not terminating
}

TEST_F(ChangeTest, AForbidHoldsBack) {
  ExpectRefused("bo", Add("user bo", "assigned_to", "", "client alfa"), "themselves");
}

TEST_F(ChangeTest, TheOperatorNeedsNoRule) {
  ExpectApplied("", {Add("agency norr", "serves", "", "client gamma")});
}

TEST_F(ChangeTest, MissingContextIsNamedAndThenEnough) {
  const ChangeItem grant = Add("user anna", "granted", "lon.skapa", "agency norr");
  ChangeRequest request = RequestOf("bo", {grant});
  ChangeResult result = office_.engine().Change(request);
  EXPECT_EQ(result.outcome, Outcome::kRefused);
  EXPECT_THAT(result.verdicts[0].missing_context, testing::ElementsAre("context.signed"));
  request.context = {{"signed", BoolInput(true)}};
  EXPECT_EQ(office_.engine().Change(request).outcome, Outcome::kApplied);
  EXPECT_TRUE(office_.Holds(grant));
}

TEST_F(ChangeTest, LaterChangesSeeTheEarlierOnes) {
  // Anna runs nothing until bo's own change before it.
  ExpectRefused("bo", Add("user eva", "is", "boss", "client alfa"), "no_rule");
  ExpectApplied("", {Add("user bo", "is", "boss", "client alfa")});
  ExpectApplied("bo", {Add("user eva", "is", "boss", "client alfa"),
                       Remove("user bo", "is", "boss", "client alfa")});
  EXPECT_TRUE(office_.Holds(Add("user eva", "is", "boss", "client alfa")));
  // In the other order the second is refused, and with it the first.
  ExpectApplied("", {Add("user bo", "is", "boss", "client beta")});
  const ChangeResult result = office_.Change("bo", {Remove("user bo", "is", "boss", "client beta"),
                                                    Add("user eva", "is", "boss", "client beta")});
  EXPECT_EQ(result.outcome, Outcome::kRefused);
  EXPECT_EQ(result.verdicts[0].outcome, One::kDone);
  EXPECT_EQ(result.verdicts[1].outcome, One::kRefused);
  EXPECT_TRUE(office_.Holds(Add("user bo", "is", "boss", "client beta")));
}

TEST_F(ChangeTest, WhatIsSoAlreadyChangesNothing) {
  const uint64_t before = office_.Revision();
  const ChangeItem there = Add("user cia", "assigned_to", "", "client alfa");
  const ChangeResult result = office_.Change("bo", {there});
  EXPECT_EQ(result.outcome, Outcome::kUnchanged);
  EXPECT_EQ(result.verdicts[0].outcome, One::kAlready);
  EXPECT_EQ(result.revision, before);
  EXPECT_EQ(office_.Revision(), before);
  // It must be allowed all the same.
  ExpectRefused("anna", there, "not_boss");
}

TEST_F(ChangeTest, EachVerdictSpeaksOfItselfAlone) {
  const ChangeResult result =
      office_.Change("bo", {Add("user anna", "assigned_to", "", "client gamma"),  // not linked
                            Remove("user anna", "assigned_to", "", "client gamma"),
                            Add("user nobody", "assigned_to", "", "client alfa"), kAnnaToAlfa});
  EXPECT_EQ(result.outcome, Outcome::kInvalid);
  ASSERT_EQ(result.verdicts.size(), 4u);
  EXPECT_EQ(result.verdicts[0].outcome, One::kRefused);
  EXPECT_EQ(result.verdicts[1].outcome, One::kRefused);
  EXPECT_EQ(result.verdicts[2].outcome, One::kInvalid);
  EXPECT_EQ(result.verdicts[3].outcome, One::kDone);
  EXPECT_FALSE(office_.Holds(kAnnaToAlfa));
}

TEST_F(ChangeTest, ADryRunWritesNothing) {
  const uint64_t before = office_.Revision();
  ChangeRequest request = RequestOf("bo", {kAnnaToAlfa});
  request.dry_run = true;
  const ChangeResult result = office_.engine().Change(request);
  EXPECT_EQ(result.outcome, Outcome::kDryRun);
  EXPECT_EQ(result.verdicts[0].outcome, One::kDone);
  EXPECT_EQ(office_.Revision(), before);
  EXPECT_FALSE(office_.Holds(kAnnaToAlfa));
}

// ---- names ------------------------------------------------------------------------------------

TEST_F(ChangeTest, NamesThatAreNotThereAreTold) {
  ExpectInvalid(Add("usr anna", "removed"), "unknown_type", "did you mean `user`");
  ExpectInvalid(Add("user ann", "removed"), "unknown_entity", "there is no user `ann`");
  ExpectInvalid(Add("user anna", "asigned_to", "", "client alfa"), "unknown_name",
                "did you mean `assigned_to`");
  ExpectInvalid(Add("user anna", "is", "bos", "agency norr"), "unknown_name",
                "did you mean `boss`");
  ExpectInvalid(Add("user anna", "holds", "kx", "agency norr"), "unknown_name", "`kx`");
  ExpectInvalid(Add("user anna", "granted", "lon.skap", "agency norr"), "unknown_name",
                "did you mean `lon.skapa`");
  ExpectInvalid(Seats("agency norr", "kx", 3), "unknown_name", "`kx` is no licence");
  ExpectInvalid(Add("tenant norr", "removed"), "unknown_type", "agency or client");
}

TEST_F(ChangeTest, ShapesThatDoNotFitShowWhatWould) {
  ExpectInvalid(Add("user anna", "assigned_to"), "wrong_shape", "user assigned_to client");
  ExpectInvalid(Add("user anna", "removed", "", "client alfa"), "wrong_shape", "user removed");
  ExpectInvalid(Add("user anna", "removed", "boss"), "wrong_shape", "`boss` has no place");
  ExpectInvalid(Add("client alfa", "assigned_to", "", "client alfa"), "wrong_shape", "only user");
  ExpectInvalid(Add("user anna", "granted", "enter", "agency norr"), "wrong_shape",
                "`enter` is not one of `boxes`");
  ExpectInvalid(Add("user anna", "is", "clerk", "agency norr"), "wrong_shape", "for PROGRAM");
  ExpectInvalid(Add("user anna", "is", "boss"), "wrong_shape", "on agency or client");
  ExpectInvalid(Add("user anna", "holds", "kh", "client alfa"), "wrong_shape", "from agency");
  ExpectInvalid(Seats("client alfa", "kh", 3), "wrong_shape", "only agency");
}

TEST_F(ChangeTest, ARoleForAProgramIsItsOwnFact) {
  ChangeItem clerk = Add("user anna", "is", "clerk", "agency norr");
  clerk.fact.program = "lon";
  ExpectApplied("bo", {clerk});
  EXPECT_EQ(office_.Change("bo", {clerk}).outcome, Outcome::kUnchanged);
  clerk.kind = ChangeItem::Kind::kRemove;
  ExpectApplied("bo", {clerk});
  clerk.fact.program = "bok";
  ExpectInvalid(clerk, "unknown_name", "`bok` is no program");
}

TEST_F(ChangeTest, OpenEntitiesAreStoredWithTheirFirstFact) {
  ExpectApplied("anna", {Add("user anna", "watches", "", "todo 7")});
  EXPECT_TRUE(office_.Holds(Add("user anna", "watches", "", "todo 7")));
  ExpectRefused("anna", Add("user bo", "watches", "", "todo 8"), "no_rule");
}

// ---- times ------------------------------------------------------------------------------------

TEST_F(ChangeTest, CoverIsBounded) {
  const auto cover = [](int64_t days) {
    return Add("user anna", "stands_in_for", "", "user cia",
               {Validity::kAlways, kOfficeNow_us + days * kDay_us});
  };
  ExpectInvalid(cover(31), "bad_validity", "2026-07-31T00:00:00Z at the latest");
  ExpectInvalid(Add("user anna", "stands_in_for", "", "user cia"), "bad_validity",
                "needs an `until`");
  ExpectInvalid(Add("user anna", "removed", "", "", {20, 10}), "bad_validity", "not after");
  ExpectApplied("bo", {cover(30)});
  office_.now_us += 30 * kDay_us;
  EXPECT_FALSE(office_.Holds(cover(30)));
}

TEST_F(ChangeTest, WhatLastsForATimeEndsByItselfAndIsNotRenewedByAccident) {
  const ChangeItem visit = Add("user anna", "visits", "", "client alfa");
  ExpectApplied("bo", {visit});
  office_.now_us += 6 * kDay_us;
  EXPECT_EQ(office_.Change("bo", {visit}).outcome, Outcome::kUnchanged);
  office_.now_us += kDay_us;
  EXPECT_FALSE(office_.Holds(visit));
  ExpectApplied("bo", {visit});
  EXPECT_TRUE(office_.Holds(visit));
}

TEST_F(ChangeTest, WhoMayOnlyAddCannotShortenWhatOthersGave) {
  const auto cover = [](int64_t days) {
    return Add("user anna", "stands_in_for", "", "user cia",
               {Validity::kAlways, kOfficeNow_us + days * kDay_us});
  };
  ExpectApplied("bo", {cover(10)});
  ExpectRefused("bo", cover(5), "no_rule");  // there is a rule for adding alone
  ExpectApplied("bo", {cover(20)});
}

// ---- seats and limits -------------------------------------------------------------------------

TEST_F(ChangeTest, SeatsAreOrderedAndNeverFewerThanHeld) {
  ExpectApplied("bo", {Add("user anna", "holds", "kh", "agency norr")});
  ExpectRefused("bo", Add("user bo", "holds", "kh", "agency norr"), "seats_in_use");
  ExpectApplied("bo",
                {Seats("agency norr", "kh", 3), Add("user bo", "holds", "kh", "agency norr")});
  const ChangeResult result = office_.Change("", {Seats("agency norr", "kh", 2)});
  EXPECT_EQ(result.outcome, Outcome::kRefused);
  ASSERT_EQ(result.verdicts[0].limits.size(), 1u);
  const LimitReport& limit = result.verdicts[0].limits[0];
  EXPECT_EQ(limit.limit, "seats_in_use");
  EXPECT_EQ(limit.count, 3);
  EXPECT_EQ(limit.bound, 2);
  EXPECT_EQ(limit.conflicting.size(), 3u);
}

TEST_F(ChangeTest, TheLastBossStays) {
  ExpectRefused("bo", Remove("user bo", "is", "boss", "agency norr"), "last_boss");
  ExpectApplied("bo", {Add("user anna", "is", "boss", "agency norr"),
                       Remove("user bo", "is", "boss", "agency norr")});
}

TEST_F(ChangeTest, LimitsHoldForTheOperatorToo) {
  ExpectRefused("", Add("user cia", "removed"), "not_both");
  ExpectApplied("",
                {Remove("user cia", "assigned_to", "", "client alfa"), Add("user cia", "removed")});
}

TEST_F(ChangeTest, ALimitThatIsBrokenAlreadyFreezesNothing) {
  // A new agency has no boss yet.
  ExpectApplied("", {Create("agency vast")});
  ExpectApplied("", {Add("agency vast", "serves", "", "client alfa")});
  ExpectApplied("", {Add("user eva", "is", "boss", "agency vast")});
  ExpectRefused("", Remove("user eva", "is", "boss", "agency vast"), "last_boss");
}

// ---- entities ---------------------------------------------------------------------------------

TEST_F(ChangeTest, ANewEntityIsAskedForAsItWillBe) {
  const InputValues at_norr = {{"person", TextInput("p1")}, {"home", TextInput("norr")}};
  ExpectRefused("eva", Create("user david", at_norr), "no_rule");  // eva runs the other agency
  ExpectApplied(
      "bo", {Create("user david", at_norr), Add("user david", "assigned_to", "", "client alfa")});
  EXPECT_EQ(office_.Ask("user david enter client alfa"), Tri::kTrue);
  ExpectInvalid(Create("user david", at_norr), "already_exists", "there is a user `david`");
}

TEST_F(ChangeTest, AttributesAreReadByTheirTypes) {
  const auto client = [](InputValues more) {
    InputValues values = {{"status", TextInput("active")}};
    values.insert(values.end(), more.begin(), more.end());
    return Create("client delta", values);
  };
  ExpectInvalid(Create("client delta"), "wrong_value", "client needs a `status`");
  ExpectInvalid(Create("client delta", {{"status", TextInput("activ")}}), "wrong_value",
                "did you mean `active`");
  ExpectInvalid(client({{"notce", IntegerInput(1)}}), "unknown_name", "did you mean `notice`");
  ExpectInvalid(client({{"fee", BoolInput(true)}}), "wrong_value", "`fee`");
  ExpectInvalid(client({{"fee", DoubleInput(0.0000001)}}), "wrong_value", "six decimals");
  ExpectInvalid(client({{"since", IntegerInput(1)}}), "wrong_value", "`since`");
  ExpectInvalid(client({{"tags", TextInput("a")}}), "wrong_value", "is a set");
  ExpectInvalid(client({{"owner", TextInput("nowhere")}}), "unknown_entity", "there is no agency");
  ExpectInvalid(client({{"origin", TextInput("x")}}), "wrong_value", "comes with requests");
  ExpectInvalid(client({{"tags", ListInput({TextInput(std::string(70'000, 'x'))})}}), "wrong_value",
                "more than 65536");
  ExpectApplied("", {client({{"fee", DoubleInput(12.5)},
                             {"since", TextInput("2026-01-31")},
                             {"notice", IntegerInput(60)},
                             {"tags", ListInput({TextInput("b"), TextInput("a"), TextInput("b")})},
                             {"owner", TextInput("norr")}})});
  const Snapshot snapshot = std::move(*office_.engine().store().Read());
  const auto number = [&](Space space, const char* name) {
    return static_cast<uint16_t>(*snapshot.FindNumber(space, name));
  };
  const auto delta = snapshot.FindEntity(number(Space::kType, "client"), "delta");
  ASSERT_TRUE(delta);
  ValueView value;
  const Record record = snapshot.FindRecord(*delta);
  ASSERT_TRUE(record.Find(number(Space::kAttribute, "fee"), value));
  EXPECT_EQ(value.number(), 12'500'000);
  ASSERT_TRUE(record.Find(number(Space::kAttribute, "notice"), value));
  EXPECT_EQ(value.number(), 60'000'000);
  ASSERT_TRUE(record.Find(number(Space::kAttribute, "tags"), value));
  EXPECT_EQ(value.size(), 2u);
}

TEST_F(ChangeTest, AttributesAreSetOneByOne) {
  ExpectApplied("bo", {Set("user cia", {{"title", TextInput("partner")}})});
  EXPECT_EQ(office_.Change("bo", {Set("user cia", {{"title", TextInput("partner")}})}).outcome,
            Outcome::kUnchanged);
  ExpectRefused("eva", Set("user cia", {{"title", TextInput("x")}}), "no_rule");
  ExpectRefused("bo", Set("user cia", {{"title", TextInput("x")}, {"home", TextInput("soder")}}),
                "no_rule");
  ExpectApplied("bo", {Set("user cia", {{"title", InputValue{}}})});
  ExpectInvalid(Set("user cia", {{"home", InputValue{}}}), "wrong_value", "cannot be taken away");
  ExpectInvalid(Set("user cia", {}), "wrong_shape", "no attribute");
}

TEST_F(ChangeTest, DeletingAnEntityTakesAllItsFactsInOneRevision) {
  ExpectApplied("", {Add("user cia", "stands_in_for", "", "user anna",
                         {Validity::kAlways, kOfficeNow_us + kDay_us}),
                     Add("user anna", "stands_in_for", "", "user cia",
                         {Validity::kAlways, kOfficeNow_us + kDay_us})});
  const uint64_t before = office_.Revision();
  ExpectRefused("eva", Delete("user cia"), "no_rule");
  const ChangeResult result = ExpectApplied("bo", {Delete("user cia")});
  EXPECT_EQ(result.revision, before + 1);
  // Its number is not given again: who gets the name gets none of its facts.
  ExpectApplied("bo",
                {Create("user cia", {{"person", TextInput("p3")}, {"home", TextInput("norr")}})});
  EXPECT_FALSE(office_.Holds(Add("user cia", "assigned_to", "", "client alfa")));
  EXPECT_FALSE(office_.Holds(Add("user cia", "holds", "kh", "agency norr")));
  EXPECT_FALSE(office_.Holds(Add("user anna", "stands_in_for", "", "user cia")));
}

TEST_F(ChangeTest, WhatIsReferredToStays) {
  const ChangeResult result = office_.Change("", {Delete("agency norr")});
  EXPECT_EQ(result.outcome, Outcome::kRefused);
  ASSERT_EQ(CodesOf(result.verdicts[0]), "still_referred");
  EXPECT_THAT(result.verdicts[0].reasons[0].text, HasSubstr("client `beta`"));
  EXPECT_THAT(result.verdicts[0].reasons[0].text, HasSubstr("user `anna`"));
  // Who may not delete it is not told who refers to it.
  ExpectRefused("eva", Delete("person p1"), "no_rule");
  // Those that refer to it may go in the same request.
  ExpectApplied("", {Delete("user cia"), Delete("person p3")});
}

TEST_F(ChangeTest, DeletingTheLastBossIsRefused) {
  ExpectRefused("bo", Delete("user bo"), "last_boss");
}

// ---- the whole request ------------------------------------------------------------------------

TEST_F(ChangeTest, TheActorMustBeStored) {
  const ChangeResult result = office_.Change("nobody", {kAnnaToAlfa});
  EXPECT_EQ(result.outcome, Outcome::kInvalid);
  EXPECT_TRUE(result.verdicts.empty());
  EXPECT_THAT(result.error, HasSubstr("there is no user `nobody`"));
  ChangeRequest request = RequestOf("bo", {kAnnaToAlfa});
  request.second = EntityName{"user", "nobody"};
  EXPECT_EQ(office_.engine().Change(request).outcome, Outcome::kInvalid);
}

TEST_F(ChangeTest, RequestsAreBounded) {
  const auto error = [&](const ChangeRequest& request) {
    const ChangeResult result = office_.engine().Change(request);
    EXPECT_EQ(result.outcome, Outcome::kInvalid);
    return result.error;
  };
  EXPECT_THAT(error(RequestOf("bo", {})), HasSubstr("nothing to change"));
  EXPECT_THAT(error(RequestOf("bo", std::vector<ChangeItem>(kMaxChanges + 1, kAnnaToAlfa))),
              HasSubstr("at most 10000 changes"));
  ChangeRequest request = RequestOf("bo", {kAnnaToAlfa});
  request.idempotency_key.assign(kMaxIdempotencyKeyBytes + 1, 'k');
  EXPECT_THAT(error(request), HasSubstr("idempotency key has 129 bytes, more than 128"));
  request.idempotency_key.clear();
  request.reason.assign(kMaxReasonBytes + 1, 'r');
  EXPECT_THAT(error(request), HasSubstr("reason has 2001 bytes"));
  request.reason.clear();
  request.ticket.assign(kMaxTicketBytes + 1, 't');
  EXPECT_THAT(error(request), HasSubstr("ticket has 201 bytes"));
}

}  // namespace
}  // namespace portvakt::engine
