// Searches: who may, what may he, where may he, and of what a definition holds; each as an ordinary
// check would say, page by page.
#include <atomic>
#include <thread>

#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

constexpr const char* kPolicy = R"(policy desk
entity team
entity user { team : team  trust : int from request }
entity folder { team : team  level : enum { low < high } }
open entity note { writer : user from request }
context { login : enum { password < bankid } }
role lead on team held by user gives read
role helper on team for program held by user
licence full held by user from team covers read
program books in folder { permission count }
program mail in folder { permission send }
permission read on folder
permission write on folder
permission comment on note
permission visit on folder
fact user opens folder
fact user shut_from folder
define user sees folder as thing
  if user.team is thing.team
define user near folder
  if user opens folder
  or ( user.team is folder.team and context.login is at least bankid )
define user can permission on folder
  if user may permission on folder
permit reading
  user may read on folder
  if user opens folder
permit writing
  user may write on folder
  if user opens folder
  and ( folder.level is low or context.login is at least bankid )
permit commenting
  user may comment on note
  if note.writer is user and user.trust is at least 3
permit visiting
  user may visit on folder
  if not user shut_from folder
forbid shut
  user may permission on folder
  if user shut_from folder
permit invite
  add user opens folder
  by user as actor
  if actor opens folder
  and actor is not user
  and ( folder.level is high or actor is lead on folder.team
        or context.login is at least bankid )
permit appoint
  add user is role on team
  by user as actor
  if actor is lead on team
permit appoint_helper
  add user is helper for program on team
  by user as actor
  if actor is lead on team
permit order
  add seats of licence in team
  by user as actor
  if actor is lead on team
permit hire
  add user
  by user as actor
  if actor.team is user.team
note careful "{folder} is {folder.level}"
  user may write on folder
  if folder.level is high
)";

constexpr const char* kData = R"(
entities:
  team: { red: , blue: }
  user: { anna: { team: red }, bo: { team: red }, cia: { team: blue } }
  folder:
    f1: { team: red, level: low }
    f2: { team: red, level: high }
    f3: { team: blue, level: low }
facts:
  - anna opens f1
  - anna opens f2
  - bo opens f1
  - bo opens f3
  - bo shut_from f3
  - cia opens f3
  - anna is lead on red
)";

using Through = SearchQuery::Through;

class Search : public ::testing::Test {
 protected:
  Search() : world(kPolicy, kData) {}

  static SearchQuery Acts(Through through, EntityName subject, std::string action,
                          EntityName resource) {
    SearchQuery query;
    query.through = through;
    query.request.subject = std::move(subject);
    query.request.action = std::move(action);
    query.request.resource = std::move(resource);
    return query;
  }
  static SearchQuery Where(const std::string& user, const std::string& action) {
    return Acts(Through::kResources, {"user", user}, action, {"folder", ""});
  }
  static SearchQuery Who(const std::string& action, const std::string& folder) {
    return Acts(Through::kSubjects, {"user", ""}, action, {"folder", folder});
  }
  static SearchQuery Defined(const std::string& verb, std::vector<Place> places) {
    SearchQuery query;
    query.through = Through::kDefine;
    query.verb = verb;
    query.places = std::move(places);
    return query;
  }
  static Place Of(const std::string& type, const std::string& id) {
    return {false, {type, id}, ""};
  }
  static Place Hole(const std::string& type) { return {true, {type, ""}, ""}; }

  // `f1 f2?(login)`: what depends is marked.
  static std::string Text(const SearchPage& page) {
    std::string text = page.error_code;
    for (const SearchResult& result : page.results) {
      if (!text.empty()) text += " ";
      text += result.symbol.empty() ? result.entity.id : result.symbol;
      if (result.verdict != Tri::kUnknown) continue;
      text += "?(";
      for (const std::string& name : result.missing_context) text += name;
      text += ")";
    }
    return text;
  }
  std::string Find(const SearchQuery& query) { return Text(world.NewSession().Search(query)); }

  PolicyWorld world;
};

TEST_F(Search, FindsWhoMay) {
  EXPECT_EQ(Find(Who("read", "f1")), "anna bo");
  EXPECT_EQ(Find(Who("read", "f3")), "cia");
  EXPECT_EQ(Find(Who("visit", "f3")), "anna cia");
}

TEST_F(Search, FindsWhereHeMay) {
  EXPECT_EQ(Find(Where("anna", "read")), "f1 f2");
  EXPECT_EQ(Find(Where("bo", "read")), "f1");
}

TEST_F(Search, FindsWhatHeMayInTheOrderOfTheirNumbers) {
  EXPECT_EQ(Find(Acts(Through::kActions, {"user", "anna"}, "", {"folder", "f1"})),
            "read write visit");
  EXPECT_EQ(Find(Acts(Through::kActions, {"user", "anna"}, "", {"folder", "f2"})),
            "read write?(context.login) visit");
}

TEST_F(Search, TellsWhatAResultDependsOn) {
  SearchQuery query = Where("anna", "write");
  EXPECT_EQ(Find(query), "f1 f2?(context.login)");
  query.with_depends = false;
  EXPECT_EQ(Find(query), "f1");
  query.request.context = {{"login", TextInput("bankid")}};
  EXPECT_EQ(Find(query), "f1 f2");
}

TEST_F(Search, TellsTheObligationsOfAPermit) {
  SearchQuery query = Where("anna", "write");
  query.request.context = {{"login", TextInput("bankid")}};
  const SearchPage page = world.NewSession().Search(query);
  ASSERT_EQ(page.results.size(), 2u);
  EXPECT_TRUE(page.results[0].obligations.empty());
  ASSERT_EQ(page.results[1].obligations.size(), 1u);
  EXPECT_EQ(page.results[1].obligations[0].code, "careful");
  EXPECT_EQ(page.results[1].obligations[0].text, "f2 is high");
}

TEST_F(Search, ReadsThePropertiesOfTheEndsThatAreGiven) {
  SearchQuery query = Acts(Through::kSubjects, {"user", ""}, "comment", {"note", "n1"});
  query.request.resource_properties = {{"writer", TextInput("anna")}};
  EXPECT_EQ(Find(query), "anna?(user.trust)");
  // What is said of the one who is sought says nothing of anybody.
  query.request.subject_properties = {{"trust", IntegerInput(9)}};
  EXPECT_EQ(Find(query), "anna?(user.trust)");
}

TEST_F(Search, GoesPageByPageAndSaysWhenThereIsMore) {
  SearchQuery query = Who("visit", "f1");
  query.limit = 2;
  SearchPage page = world.NewSession().Search(query);
  EXPECT_EQ(Text(page), "anna bo");
  ASSERT_TRUE(page.next.has_value());
  query.after = *page.next;
  page = world.NewSession().Search(query);
  EXPECT_EQ(Text(page), "cia");
  EXPECT_FALSE(page.next.has_value());
  query.after = 0;
  query.limit = 3;
  EXPECT_FALSE(world.NewSession().Search(query).next.has_value());
}

TEST_F(Search, TellsWhatHoldsThroughoutOnceWhileOthersComeAndGo) {
  constexpr int kSteady = 40;
  std::string data;
  for (int i = 0; i < kSteady; ++i) {
    data += "folder steady" + std::to_string(i) + " { team: red, level: low }\n";
    data += "folder fleeting" + std::to_string(i) + " { team: red, level: low }\n";
    data += "user:anna opens folder:steady" + std::to_string(i) + "\n";
  }
  std::istringstream text(data);
  ASSERT_TRUE(LoadText(world.engine(), world.module(), "data", text).ok());
  std::atomic<bool> stop{false};
  std::atomic<int> commits{0};
  std::thread changing([&] {
    for (int round = 0; !stop; ++round) {
      ChangeRequest request;
      for (int i = 0; i < kSteady; ++i) {
        ChangeItem item;
        item.kind = round % 2 == 0 ? ChangeItem::Kind::kAdd : ChangeItem::Kind::kRemove;
        item.fact = {{"user", "anna"},
                     "opens",
                     "",
                     "",
                     EntityName{"folder", "fleeting" + std::to_string(i)}};
        request.changes.push_back(item);
      }
      EXPECT_TRUE(world.engine().Change(request).ok());
      ++commits;
    }
  });
  Session session = world.NewSession();
  for (uint32_t size : {1u, 2u, 3u, 7u, 0u}) {
    const int before = commits;
    while (commits < before + 2) std::this_thread::yield();
    SearchQuery query = Where("anna", "read");
    query.limit = size;
    std::map<std::string, int> told;
    for (;;) {
      ASSERT_TRUE(session.Refresh().ok());
      const SearchPage page = session.Search(query);
      for (const SearchResult& result : page.results) ++told[result.entity.id];
      if (!page.next) break;
      query.after = *page.next;
    }
    for (const auto& [id, times] : told) EXPECT_EQ(times, 1) << id << ", pages of " << size;
    for (int i = 0; i < kSteady; ++i) {
      EXPECT_EQ(told.count("steady" + std::to_string(i)), 1u) << "pages of " << size;
    }
  }
  stop = true;
  changing.join();
}

TEST_F(Search, FindsNothingForNamesThatNobodyHas) {
  EXPECT_EQ(Find(Who("read", "nowhere")), "");
  EXPECT_EQ(Find(Who("burn", "f1")), "");
  EXPECT_EQ(Find(Acts(Through::kSubjects, {"robot", ""}, "read", {"folder", "f1"})), "");
  EXPECT_EQ(Find(Defined("near", {Of("user", "nobody"), Hole("folder")})), "");
}

TEST_F(Search, FindsOfWhatADefinitionHolds) {
  EXPECT_EQ(Find(Defined("near", {Of("user", "anna"), Hole("folder")})), "f1 f2");
  EXPECT_EQ(Find(Defined("near", {Hole("user"), Of("folder", "f1")})), "anna bo");
  EXPECT_EQ(Find(Defined("near", {Of("user", "bo"), Hole("")})), "f1 f2?(context.login) f3");
  EXPECT_EQ(Find(Defined("can", {Of("user", "bo"), {true, {}, ""}, Of("folder", "f1")})),
            "read write visit");
  EXPECT_EQ(Find(Defined("can", {Hole("user"), {false, {}, "read"}, Of("folder", "f1")})),
            "anna bo");
}

TEST_F(Search, SaysWhatItCannotUnderstand) {
  EXPECT_EQ(Find(Defined("far", {Of("user", "anna"), Hole("folder")})), "bad_query");
  EXPECT_EQ(Find(Defined("near", {Hole("user"), Hole("folder")})), "bad_query");
  EXPECT_EQ(Find(Defined("near", {Of("user", "anna"), Of("folder", "f1")})), "bad_query");
  EXPECT_EQ(Find(Defined("near", {Hole("user")})), "bad_query");
}

TEST_F(Search, ShowsAViewerWhatThePolicyLetsHimSee) {
  SearchQuery query = Where("anna", "visit");
  query.viewer = {"user", "anna"};
  EXPECT_EQ(Find(query), "f1 f2");
  query.viewer = {"user", "cia"};  // does not see anna
  EXPECT_EQ(Find(query), "");
  query.viewer = {"user", "nobody"};
  EXPECT_EQ(Find(query), "");
  SearchQuery who = Who("read", "f1");
  who.viewer = {"user", "anna"};  // sees the folder, and no user but herself
  EXPECT_EQ(Find(who), "anna");
  SearchQuery what = Acts(Through::kActions, {"user", "anna"}, "", {"folder", "f1"});
  what.viewer = {"user", "anna"};
  EXPECT_EQ(Find(what), "read write visit");
  what.viewer = {"user", "bo"};
  EXPECT_EQ(Find(what), "");
}

TEST_F(Search, FindsWhoMayMakeAChangeAndWhichSomebodyMayMake) {
  SearchQuery query;
  query.through = Through::kChange;
  query.change = ChangeItem::Kind::kAdd;
  query.relation = "opens";
  query.actor = Hole("user");
  query.subject = Of("user", "cia");
  query.object = Of("folder", "f1");
  EXPECT_EQ(Find(query), "anna bo?(context.login)");
  query.actor = Of("user", "anna");
  query.object = Hole("folder");
  EXPECT_EQ(Find(query), "f1 f2");
  query.object = Of("folder", "f1");
  query.subject = Hole("");
  EXPECT_EQ(Find(query), "bo cia");  // not herself
  query.change = ChangeItem::Kind::kRemove;
  EXPECT_EQ(Find(query), "");
  query.change = ChangeItem::Kind::kAdd;
  query.viewer = {"user", "anna"};  // who sees no other user
  EXPECT_EQ(Find(query), "");
}

TEST_F(Search, FindsWhichRolesLicencesAndProgramsSomebodyMayGive) {
  SearchQuery query;
  query.through = Through::kChange;
  query.relation = "is";
  query.actor = Of("user", "anna");
  query.subject = Of("user", "bo");
  query.object = Of("team", "red");
  query.symbol.hole = true;
  EXPECT_EQ(Find(query), "lead");
  query.program.symbol = "books";
  EXPECT_EQ(Find(query), "helper");
  query.symbol = {false, {}, "helper"};
  query.program = {true, {}, ""};
  EXPECT_EQ(Find(query), "books mail");
  query = {};
  query.through = Through::kChange;
  query.change = ChangeItem::Kind::kSeats;
  query.actor = Hole("user");
  query.subject = Of("team", "red");
  query.symbol = {false, {}, "full"};
  EXPECT_EQ(Find(query), "anna");
  query = {};
  query.through = Through::kChange;
  query.change = ChangeItem::Kind::kCreate;
  query.actor = Hole("user");
  query.subject = Of("user", "new");
  EXPECT_EQ(Find(query), "anna?() bo?() cia?()");  // it hangs on what is not known of the new one
}

TEST_F(Search, CannotUnderstandAChangeOfAnotherShape) {
  SearchQuery query;
  query.through = Through::kChange;
  query.relation = "opens";
  query.actor = Hole("user");
  query.subject = Of("user", "cia");
  EXPECT_EQ(Find(query), "bad_query");  // no object
  query.object = Of("folder", "f1");
  query.symbol.symbol = "read";
  EXPECT_EQ(Find(query), "bad_query");
  query.symbol = {};
  query.relation = "closes";
  EXPECT_EQ(Find(query), "bad_query");
  query.relation = "opens";
  query.actor = {};
  query.subject = Hole("user");
  EXPECT_EQ(Find(query), "bad_query");  // nobody makes it
  query.actor = Hole("user");
  EXPECT_EQ(Find(query), "bad_query");  // two holes
  query.subject = Of("user", "nobody");
  EXPECT_EQ(Find(query), "");
}

TEST_F(Search, TellsItsPlan) {
  Session session = world.NewSession();
  EXPECT_EQ(session.SearchPlan(Where("anna", "read")),
            "permit reading\n"
            "  search folder\n"
            "    from objects of user {folder}\n");
  EXPECT_EQ(session.SearchPlan(Who("visit", "f1")),
            "permit visiting\n"
            "  search user\n"
            "    reads every user\n");
  EXPECT_EQ(session.SearchPlan(Defined("near", {Of("user", "bo"), Hole("folder")})),
            "define user near folder\n"
            "  search folder\n"
            "    from union\n"
            "      from objects of user {folder}\n"
            "      from referrers {folder}\n"
            "        from user.team\n");
}

}  // namespace
}  // namespace portvakt::engine
