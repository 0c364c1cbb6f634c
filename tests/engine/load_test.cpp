// Loading data: what is written is stored, the same twice changes nothing, and whatever is wrong is
// told with its place and stores nothing.
#include <gmock/gmock.h>

#include "engine/data_sentence.h"
#include "tests/engine/small_office.h"

namespace portvakt::engine {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kDay_us = int64_t{86'400} * 1'000'000;

constexpr const char* kOffice = R"(
entities:
  user:
    anna: { person: p1, home: norr }
    bo: { person: p2, home: alfa }
  person: { p1: , p2: {} }
  agency:
    norr:
  client:
    alfa:
      status: active
      attest_on: true
      ceiling: -12.5
      staff: 42
      since: 2026-03-29
      seen: 2026-03-29
      notice: 30 days
      network: 10.0.0.0/8
      title: "Alfa: \"bygg\""
      tags: [b, a, b]
      owners: [p2, p1]
      party: agency:norr
    beta: { status: dormant }
facts:
  - norr serves alfa
  - anna assigned_to alfa
  - anna granted lon.attestera in client:alfa
  - anna holds kh from norr
  - norr holds byrapartner
  - anna is boss on norr
  - anna is program_administrator for lon on alfa
  - p1 is auditor
  - seats of bok in alfa is 2
  - bo retired
  - x mentions y
  - { fact: bo stands_in_for anna, from: 2026-07-05, until: 2026-07-20T12:00:00+02:00 }
)";

class LoadTest : public SmallOfficeTest {
 protected:
  static std::string Told(const LoadReport& report) {
    std::string text;
    for (const DataFinding& finding : report.findings) {
      text += finding.file + ":" + std::to_string(finding.line) + ":" +
              std::to_string(finding.column) + ": " + finding.message +
              (finding.help.empty() ? "" : " (" + finding.help + ")") + "\n";
    }
    return text;
  }
  void LoadOffice() {
    const LoadReport report = Yaml(kOffice);
    ASSERT_TRUE(report.ok()) << Told(report);
  }
  EntityId Entity(std::string_view type, std::string_view id) {
    const Snapshot snapshot = Read();
    const auto number = snapshot.FindNumber(Space::kType, type);
    if (!number) return kNoEntity;
    return snapshot.FindEntity(static_cast<uint16_t>(*number), id).value_or(kNoEntity);
  }
  FactKey Key(std::string_view relation, Space space, std::string_view symbol, EntityId subject,
              EntityId object = kNoEntity) {
    const Snapshot snapshot = Read();
    FactKey key{
        static_cast<uint16_t>(snapshot.FindNumber(Space::kRelation, relation).value_or(9999)), 0,
        subject, object};
    if (!symbol.empty()) {
      key.symbol = static_cast<uint16_t>(snapshot.FindNumber(space, symbol).value_or(9999));
    }
    return key;
  }
  bool Holds(const FactKey& key) {
    const Snapshot snapshot = Read();
    const Cell::Row row = snapshot.FindCell(key.subject, key.object)
                              .Find(key.relation, static_cast<uint16_t>(key.symbol / 64));
    return ((row.bits >> (key.symbol % 64)) & 1) != 0;
  }
  StoredValue Attribute(EntityId entity, std::string_view name) {
    const Snapshot snapshot = Read();
    const auto number = snapshot.FindNumber(Space::kAttribute, name);
    for (const StoredAttribute& attribute : snapshot.FindRecord(entity).All()) {
      if (number && attribute.attribute == *number) return attribute.value;
    }
    ADD_FAILURE() << "no attribute " << name;
    return {};
  }
};

TEST_F(LoadTest, YamlStoresAttributesOfEveryType) {
  ASSERT_NO_FATAL_FAILURE(LoadOffice());
  const EntityId alfa = Entity("client", "alfa");
  EXPECT_EQ(Attribute(alfa, "status").number, Read().FindNumber(Space::kLabel, "active"));
  EXPECT_EQ(Attribute(alfa, "attest_on").number, 1);
  EXPECT_EQ(Attribute(alfa, "ceiling").number, -12'500'000);
  EXPECT_EQ(Attribute(alfa, "staff").number, 42);
  EXPECT_EQ(Attribute(alfa, "since").number, 20'541);
  EXPECT_EQ(Attribute(alfa, "seen").number, 20'541 * kDay_us - kDay_us / 24)
      << "midnight of the policy's zone, an hour east of Greenwich until that day's summer time";
  EXPECT_EQ(Attribute(alfa, "notice").number, 30 * kDay_us);
  EXPECT_EQ(Attribute(alfa, "network").text,
            std::string(10, '\0') + "\xff\xff\x0a" + std::string(3, '\0') + "\x68");
  EXPECT_EQ(Attribute(alfa, "title").text, "Alfa: \"bygg\"");
  ASSERT_EQ(Attribute(alfa, "tags").set.size(), 2u);
  EXPECT_EQ(Attribute(alfa, "tags").set[0].text, "a");
  EXPECT_EQ(Attribute(alfa, "owners").set.size(), 2u);
  EXPECT_EQ(Attribute(alfa, "party").entity(), Entity("agency", "norr"));
  EXPECT_EQ(Attribute(Entity("user", "bo"), "home").entity(), alfa);
  EXPECT_EQ(Read().FindRecord(Entity("client", "beta")).All().size(), 1u);
  EXPECT_NE(Entity("person", "p1"), kNoEntity);
}

TEST_F(LoadTest, YamlStoresFactsOfEveryForm) {
  ASSERT_NO_FATAL_FAILURE(LoadOffice());
  const EntityId anna = Entity("user", "anna");
  const EntityId bo = Entity("user", "bo");
  const EntityId norr = Entity("agency", "norr");
  const EntityId alfa = Entity("client", "alfa");
  const Space none = Space::kPermission;
  EXPECT_TRUE(Holds(Key("serves", none, "", norr, alfa)));
  EXPECT_TRUE(Holds(Key("granted", Space::kPermission, "lon.attestera", anna, alfa)));
  EXPECT_FALSE(Holds(Key("granted", Space::kPermission, "lon.skapa", anna, alfa)));
  EXPECT_TRUE(Holds(Key("holds", Space::kLicence, "kh", anna, norr)));
  EXPECT_TRUE(Holds(Key("holds", Space::kLicence, "byrapartner", norr)));
  EXPECT_TRUE(Holds(Key("is", Space::kRole, "boss", anna, norr)));
  EXPECT_TRUE(Holds(Key("is program_administrator for", Space::kProgram, "lon", anna, alfa)));
  EXPECT_TRUE(Holds(Key("is", Space::kRole, "auditor", Entity("person", "p1"))));
  EXPECT_TRUE(Holds(Key("retired", none, "", bo)));
  EXPECT_TRUE(Holds(Key("mentions", none, "", Entity("todo", "x"), Entity("todo", "y"))))
      << "entities of open types come into being by being named";
  const auto bok = Read().FindNumber(Space::kLicence, "bok");
  EXPECT_EQ(Read().FindSeats(alfa, static_cast<uint16_t>(*bok)), 2u);
  const FactKey covers = Key("stands_in_for", none, "", bo, anna);
  EXPECT_TRUE(Holds(covers));
  EXPECT_EQ(Read().FindValidity(covers).from_us, 1'783'202'400'000'000) << "2026-07-04T22:00Z";
  EXPECT_EQ(Read().FindValidity(covers).until_us, 1'784'541'600'000'000) << "2026-07-20T10:00Z";
}

TEST_F(LoadTest, TextSaysTheSameAsYaml) {
  ASSERT_NO_FATAL_FAILURE(LoadOffice());
  const LoadReport report = Text(
      R"(# the same, one a line
person p1
person p2 {}
agency norr
client beta { status: dormant }
client alfa { status: active, attest_on: true, ceiling: -12.5, staff: 42, )"
      R"(since: 2026-03-29, seen: 2026-03-28T23:00:00Z, notice: 30 days, network: 10.0.0.0/8, )"
      R"(title: "Alfa: \"bygg\"", tags: [b, a, b], owners: [p2, p1], party: agency:norr }
user anna { person: p1, home: norr }
user bo { person: p2, home: alfa }

norr serves alfa
"anna" assigned_to "alfa"
   anna granted "lon.attestera" in client:alfa
anna holds kh from norr
norr holds byrapartner
anna is boss on norr
anna is program_administrator for lon on alfa
p1 is auditor
seats of bok in alfa is 2
bo retired
x mentions y
bo stands_in_for anna from 2026-07-05 until 2026-07-20T10:00:00Z
)");
  ASSERT_TRUE(report.ok()) << Told(report);
  EXPECT_EQ(report.statements, 19u);
  EXPECT_EQ(report.changed, 0u);
  EXPECT_EQ(report.revision, 1u);
}

TEST_F(LoadTest, TheSameTwiceChangesNothing) {
  const LoadReport first = Yaml(kOffice);
  ASSERT_TRUE(first.ok()) << Told(first);
  EXPECT_EQ(first.revision, 1u);
  EXPECT_EQ(first.statements, 19u);
  EXPECT_EQ(first.changed, 19u);
  const LoadReport second = Yaml(kOffice);
  EXPECT_EQ(second.revision, 1u);
  EXPECT_EQ(second.statements, 19u);
  EXPECT_EQ(second.changed, 0u);
  const auto info = Read().FindRevision(1);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->actor, "operator");
  EXPECT_EQ(info->instant_us, now_us_);
}

TEST_F(LoadTest, QuotesKeepOddIds) {
  const std::string id = R"(odd \"id\", {x}: åäö # \\)";
  const LoadReport report =
      Text("person p1\nagency norr\nuser \"" + id + "\" { person: p1, home: norr }\n" + "\"" + id +
           "\" retired\nuser { person: p1, home: norr }\n");
  EXPECT_THAT(Told(report), HasSubstr("data.txt:5:1: attributes stand behind a type and an id"));
  const LoadReport good = Text("person p1\nagency norr\nuser \"" + id +
                               "\" { person: p1, home: norr }\n" + "\"" + id + "\" retired\n");
  ASSERT_TRUE(good.ok()) << Told(good);
  EXPECT_NE(Entity("user", "odd \"id\", {x}: åäö # \\"), kNoEntity);
}

TEST_F(LoadTest, LastingFactsEnd) {
  ASSERT_NO_FATAL_FAILURE(LoadOffice());
  ASSERT_TRUE(Yaml("facts: [norr leaving alfa]").ok());
  const FactKey leaving =
      Key("leaving", Space::kRole, "", Entity("agency", "norr"), Entity("client", "alfa"));
  EXPECT_EQ(Read().FindValidity(leaving).until_us, now_us_ + 7 * kDay_us);
  now_us_ += kDay_us;
  EXPECT_EQ(Yaml("facts: [norr leaving alfa]").changed, 0u) << "it still lasts";
  now_us_ += 7 * kDay_us;
  EXPECT_EQ(Yaml("facts: [norr leaving alfa]").changed, 1u) << "it was over";
  ASSERT_TRUE(Text("norr leaving alfa from 2026-01-01 until 2026-01-03").ok());
  EXPECT_LT(Read().FindValidity(leaving).until_us, now_us_);
}

TEST_F(LoadTest, RemovingTakesFactsAway) {
  ASSERT_NO_FATAL_FAILURE(LoadOffice());
  const LoadTarget target{*store_, SmallOffice(), now_us_, options_};
  const LoadReport report =
      RemoveSentencesFrom(target, {"anna assigned_to alfa", "anna assigned_to beta"});
  ASSERT_TRUE(report.ok()) << Told(report);
  EXPECT_EQ(report.changed, 1u);
  EXPECT_EQ(report.revision, 2u);
  EXPECT_FALSE(Holds(
      Key("assigned_to", Space::kRole, "", Entity("user", "anna"), Entity("client", "alfa"))));
  EXPECT_FALSE(RemoveSentencesFrom(target, {"seats of bok in alfa is 2"}).ok());
  EXPECT_FALSE(RemoveSentencesFrom(target, {"new mentions todo"}).ok())
      << "removing creates nothing";
}

TEST_F(LoadTest, TextIsCommittedInBatches) {
  std::string text = "agency norr\n";
  const size_t clients = kSentencesPerRevision + 5;
  for (size_t i = 0; i < clients; ++i) {
    text += "client c" + std::to_string(i) + " { status: active }\n";
  }
  const LoadReport report = Text(text);
  ASSERT_TRUE(report.ok()) << Told(report);
  EXPECT_EQ(report.revision, 2u);
  EXPECT_EQ(report.statements, clients + 1);
  EXPECT_EQ(report.changed, clients + 1);
  std::vector<EntityId> all;
  Read().Entities(TypeOf(Entity("client", "c0")), all);
  EXPECT_EQ(all.size(), clients);
}

struct WrongData {
  const char* text;
  const char* told;
};

TEST_F(LoadTest, WrongYamlIsToldWithItsPlace) {
  const WrongData kWrong[] = {
      {"entities: [", "data.yaml:1:1: this is no YAML: "},
      {"- a", "data.yaml:1:1: here stands a list instead of a mapping"},
      {"entitys: {}",
       "1:1: there is no section `entitys` (a data file has `entities` and `facts`)"},
      {"facts: []\nfacts: []", "2:1: `facts` stands here for the second time"},
      {"entities:\n  clint: {}", "2:3: there is no entity type `clint` (did you mean `client`?)"},
      {"entities:\n  tenant: {}",
       "2:3: `tenant` is a word for several types (put each entity "
       "under its own: agency or client)"},
      {"entities: { client: { c: {} } }", "1:23: client `c` lacks `status`"},
      {"entities: { client: { c: { statsu: active } } }",
       "1:28: `client` has no attribute `statsu` (did you mean `status`?)"},
      {"entities: { client: { c: { status: activ } } }",
       "1:36: `activ` is none of the labels (did you mean `active`?)"},
      {"entities: { client: { c: { status: x } } }",
       "`x` is none of the labels (write one of active dormant blocked)"},
      {"entities: { client: { c: { status: } } }", "1:28: `status` has no value"},
      {"entities: { client: { c: { status: [active] } } }",
       "1:36: here stands a list instead of a value"},
      {"entities: { client: { c: { status: active, origin: x } } }",
       "1:44: `origin` comes with requests and is not stored"},
      {"entities: { client: { c: { status: active, attest_on: yes } } }",
       "1:55: `yes` does not fit the attribute's type (write true or false)"},
      {"entities: { client: { c: { status: active, staff: 1.5 } } }", "`1.5` does not fit"},
      {"entities: { client: { c: { status: active, staff: 9223372036854775808 } } }",
       "`9223372036854775808` does not fit"},
      {"entities: { client: { c: { status: active, ceiling: 1.0000001 } } }",
       "`1.0000001` does not fit the attribute's type (write a number like 1250.50, with at most "
       "six decimals)"},
      {"entities: { client: { c: { status: active, ceiling: 10000000000000 } } }",
       "`10000000000000` does not fit"},
      {"entities: { client: { c: { status: active, since: 2026-02-29 } } }",
       "`2026-02-29` does not fit the attribute's type (write a date like 2026-01-31)"},
      {"entities: { client: { c: { status: active, seen: 2026-02-28T25:00Z } } }",
       "`2026-02-28T25:00Z` does not fit"},
      {"entities: { client: { c: { status: active, seen: \"2026-02-28T20:00:00\" } } }",
       "does not fit the attribute's type (write an instant like 2026-01-31T12:00:00Z, or a date)"},
      {"entities: { client: { c: { status: active, notice: 30 moons } } }",
       "`30 moons` does not fit the attribute's type (write a duration like 30 days)"},
      {"entities: { client: { c: { status: active, network: 10.0.0.1/8 } } }",
       "`10.0.0.1/8` does not fit"},
      {"entities: { client: { c: { status: active, tags: a } } }",
       "1:50: the attribute is a set, here stands a value (write a list like [a, b])"},
      {"entities: { client: { c: { status: active, owners: [p9] } } }",
       "1:53: there is no person `p9` (declare it among the entities first)"},
      {"entities: { client: { c: 5 } }", "1:26: here stands a value instead of attributes"},
      {"entities: { person: [p1] }", "1:21: here stands a list instead of a mapping"},
      {"entities: { person: { ? [a] : {} } }", "a key is a name, not a list"},
      {"facts: { a: b }", "1:8: here stands a mapping instead of a list"},
      {"facts:\n  - [a]", "2:5: here stands a list instead of a sentence"},
      {"facts:\n  - anna", "2:5: a sentence needs a thing and what is said of it"},
      {"facts:\n  - anna asigned_to alfa",
       "2:5: no fact is called `asigned_to` (did you mean `assigned_to`?)"},
      {"facts:\n  - anna granted lon.attestra in alfa",
       "2:5: `lon.attestra` is no permission (did you mean `lon.attestera`?)"},
      {"facts:\n  - anna granted enter in alfa",
       "2:5: `enter` is not one of `boxes` (the policy says `user granted boxes in tenant`)"},
      {"facts:\n  - anna granted lon.skapa on alfa",
       "2:5: here stands `on` instead of `in` (write `user granted boxes in tenant`)"},
      {"facts:\n  - anna granted lon.skapa in", "2:5: the sentence ends too soon"},
      {"facts:\n  - anna granted lon.skapa", "2:5: the sentence ends before `in`"},
      {"facts:\n  - bo retired yesterday", "2:5: the sentence goes on with `yesterday`"},
      {"facts:\n  - nobody retired",
       "2:5: there is no user `nobody` (declare it among the entities first)"},
      {"facts:\n  - alfa retired",
       "2:5: there is no user `alfa` (`alfa` is of type client, not user)"},
      {"facts:\n  - anna is bos on norr", "2:5: `bos` is no role (did you mean `boss`?)"},
      {"facts:\n  - anna is boss", "2:5: the sentence ends before `on`"},
      {"facts:\n  - anna is program_administrator on norr",
       "2:5: here stands `on` instead of `for`"},
      {"facts:\n  - p1 is auditor on norr", "2:5: the sentence goes on with `on`"},
      {"facts:\n  - anna holds byrapartner", "2:5: there is no agency `anna`"},
      {"facts:\n  - anna holds bok", "2:5: the sentence ends before `from`"},
      {"facts:\n  - anna holds bokk from norr", "2:5: `bokk` is no licence (did you mean `bok`?)"},
      {"facts:\n  - seats of byrapartner in norr is 2", "2:5: `byrapartner` has no seats"},
      {"facts:\n  - seats of bok in alfa is -1", "2:5: `-1` is no number of seats"},
      {"facts:\n  - seats of bok in alfa is 4294967296", "2:5: `4294967296` is no number of seats"},
      {"facts:\n  - { from: 2026-01-01 }", "2:5: a fact without its sentence"},
      {"facts:\n  - { fact: bo retired, form: 2026-01-01 }", "2:25: a fact has no `form`"},
      {"facts:\n  - { fact: bo retired, from: tomorrow }",
       "2:31: `tomorrow` is no date and no instant"},
      {"facts:\n  - { fact: bo retired from 2026-01-01, from: 2026-01-01 }",
       "the sentence itself says this already"},
      {"facts:\n  - { fact: bo retired, from: 2026-01-02, until: 2026-01-02 }",
       "`until` is not after `from`"},
      {"facts:\n  - { fact: seats of bok in alfa is 2, from: 2026-01-02 }",
       "2:5: seats have no `from` and `until`"},
      {"facts:\n  - bo stands_in_for anna",
       "`stands_in_for` needs an `until` (the policy says that it lasts 30 days at most)"},
      {"facts:\n  - bo stands_in_for anna until 2026-08-01",
       "`stands_in_for` ends at 2026-07-31T00:00:00Z at the latest"},
      {"facts:\n  - norr leaving alfa until 2026-07-09", "`leaving` ends at 2026-07-08T00:00:00Z"},
      {"a: &a [x]\nb: *a\n---\nc: d", "a file is one YAML document"},
  };
  ASSERT_NO_FATAL_FAILURE(LoadOffice());
  for (const WrongData& wrong : kWrong) {
    const LoadReport report = Yaml(wrong.text);
    EXPECT_THAT(Told(report), HasSubstr(wrong.told)) << wrong.text;
    EXPECT_EQ(Read().revision(), 1u) << wrong.text;
  }
}

TEST_F(LoadTest, WrongTextIsToldWithItsPlace) {
  const WrongData kWrong[] = {
      {"\n  bo retird", "data.txt:2:6: no fact is called `retird` (did you mean `retired`?)"},
      {"åsa \"unended", "1:5: a quote without its end"},
      {"\"bo\"x retired", "1:1: a quoted word goes on after its quote"},
      {"anna granted lon.skapa in beeta", "1:27: there is no agency or client `beeta`"},
      {"tenant alfa { status: active }", "1:1: `tenant` is a word for several types"},
      {"clint alfa { status: active }", "(did you mean `client`?)"},
      {"client alfa { status active }", "1:29: here stands `}` instead of `:`"},
      {"client alfa { status: active", "the line ends before `,`"},
      {"client alfa { status: active, status: active }",
       "1:31: `status` stands here for the second time"},
      {"client alfa { status: }", "here a value is missing"},
      {"client alfa { status: active } x", "1:32: the line goes on after its attributes"},
      {"client alfa { status: active, tags: [a }", "1:40: here stands `}` instead of `,`"},
      {"client alfa { status: \"active }", "a quote without its end"},
      {"bo retired from 2026-13-01", "1:17: `2026-13-01` is no date and no instant"},
      {"{ status: active }", "1:1: attributes stand behind a type and an id"},
  };
  ASSERT_NO_FATAL_FAILURE(LoadOffice());
  for (const WrongData& wrong : kWrong) {
    const LoadReport report = Text(wrong.text);
    EXPECT_THAT(Told(report), HasSubstr(wrong.told)) << wrong.text;
    EXPECT_EQ(Read().revision(), 1u) << wrong.text;
  }
}

TEST_F(LoadTest, AnIdOfTwoTypesMustBeQualified) {
  ASSERT_TRUE(Yaml("entities: { agency: { x: {} }, client: { x: { status: active } },"
                   " person: { p: {} }, user: { u: { person: p, home: 'agency:x' } } }")
                  .ok());
  const LoadReport report = Text("u granted lon.skapa in x");
  EXPECT_THAT(Told(report),
              HasSubstr("1:24: `x` is both agency and client here (write `agency:x` or "
                        "`client:x`)"));
  ASSERT_TRUE(Text("u granted lon.skapa in client:x").ok());
  EXPECT_TRUE(Holds(
      Key("granted", Space::kPermission, "lon.skapa", Entity("user", "u"), Entity("client", "x"))));
}

TEST_F(LoadTest, FindingsAreBounded) {
  std::string text;
  for (size_t i = 0; i < 2 * kMaxDataFindings; ++i) text += "bo retird\n";
  EXPECT_EQ(Text(text).findings.size(), kMaxDataFindings);
}

TEST_F(LoadTest, HostileYamlIsBounded) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_THAT(Told(Yaml("facts: " + deep)), HasSubstr("more than 16 deep"));
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i <= 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += before + (j < 9 ? ", " : "]\n");
  }
  EXPECT_THAT(Told(Yaml(bomb)), HasSubstr("values"));
  EXPECT_THAT(Told(Yaml("a: &a [*a]")), HasSubstr("1:8: an alias inside its own anchor"));
  EXPECT_THAT(Told(Yaml(std::string(kMaxYamlBytes + 1, ' '))), HasSubstr("bytes"));
  EXPECT_THAT(Told(Text("person " + std::string(200'000, 'x'))),
              HasSubstr("1:0: the line has more"));
  EXPECT_THAT(Told(Text("person " + std::string(kMaxIdBytes + 1, 'x'))),
              HasSubstr("an id has 1 to 400 bytes"));
  std::string words = "u";
  for (size_t count = 0; count < kMaxSentenceWords; ++count) words += " retired";
  EXPECT_THAT(Told(Text(words)),
              HasSubstr("at most " + std::to_string(kMaxSentenceWords) + " words"));
}

TEST_F(LoadTest, NothingIsNoChange) {
  for (const char* text : {"", "entities:\nfacts:\n", "# only a comment\n"}) {
    const LoadReport report = Yaml(text);
    EXPECT_TRUE(report.ok()) << Told(report);
    EXPECT_EQ(report.statements, 0u);
  }
  EXPECT_TRUE(Text("").ok());
  EXPECT_EQ(Read().revision(), 0u);
}

}  // namespace
}  // namespace portvakt::engine
