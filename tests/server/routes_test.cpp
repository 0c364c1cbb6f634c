// Which route a request takes, and which tables are refused.
#include "server/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace portvakt::server {
namespace {

using testing::HasSubstr;

RouteOptions Row(std::vector<std::string> methods, const std::string& path,
                 const std::string& permission, const std::string& id = "all") {
  return {std::move(methods), path, permission, "thing", id, {}};
}

RouteTable Compiled(const std::vector<RouteOptions>& rows) {
  auto table = RouteTable::Compile(rows);
  EXPECT_TRUE(table.ok()) << table.error().message;
  return table.ok() ? std::move(*table) : RouteTable();
}

// "permission id", or "method" where only that does not fit, or "none".
std::string Taken(const RouteTable& table, std::string_view method, const std::string& target) {
  RequestPath path;
  EXPECT_EQ(path.Read(target), "") << target;
  RouteMatch match;
  if (!table.Find(method, path, match)) return match.has_template ? "method" : "none";
  return match.route->permission + " " + std::string(match.ValueOf(match.route->resource_id));
}

TEST(Routes, TakeTheMostSpecificTemplateWhateverTheOrder) {
  std::vector<RouteOptions> rows = {
      Row({}, "/clients/{client}", "one", "{client}"),
      Row({}, "/clients/new", "make"),
      Row({}, "/clients/{client}/payroll/{run}", "run", "{run}"),
      Row({}, "/clients/new/payroll/first", "first"),
      Row({}, "/clients/{rest...}", "rest", "{rest}"),
      Row({}, "/{any...}", "any", "{any}"),
      Row({}, "/", "root"),
  };
  const std::pair<std::string, std::string> wanted[] = {
      {"/", "root all"},
      {"/clients/new", "make all"},
      {"/clients/alfa", "one alfa"},
      {"/clients/alfa%20ab", "one alfa ab"},
      {"/clients/alfa/payroll/7", "run 7"},
      {"/clients/new/payroll/first", "first all"},
      {"/clients/new/payroll/7", "run 7"},  // back from the literal that led nowhere
      {"/clients/new/payroll", "rest new/payroll"},
      {"/clients/alfa/", "rest alfa/"},
      {"/clients/", "any clients/"},
      {"/clients", "any clients"},
      {"/Clients/new", "any Clients/new"},
      {"/else/where", "any else/where"},
  };
  for (int turn = 0; turn < 2; ++turn) {
    const RouteTable table = Compiled(rows);
    for (const auto& [target, taken] : wanted) {
      EXPECT_EQ(Taken(table, "GET", target), taken) << target;
    }
    std::reverse(rows.begin(), rows.end());
  }
}

TEST(Routes, FitWholePathsAlone) {
  const RouteTable table = Compiled({Row({}, "/a/{b}/c", "abc", "{b}"), Row({}, "/a/", "slash")});
  for (const char* target : {"/", "/a", "/a/b", "/a/b/c/", "/a/b/c/d", "/x/b/c", "/A/b/c"}) {
    EXPECT_EQ(Taken(table, "GET", target), "none") << target;
  }
  EXPECT_EQ(Taken(table, "GET", "/a/"), "slash all");
  EXPECT_EQ(Taken(table, "GET", "/a/%7Bb%7D/c"), "abc {b}");
}

TEST(Routes, LookAtTheMethodOfThePathTheyChose) {
  const RouteTable table = Compiled({
      Row({"GET"}, "/clients/{client}", "read", "{client}"),
      Row({"PUT", "PATCH"}, "/clients/{other}", "write", "{other}"),
      Row({"POST"}, "/clients/new", "make"),
      Row({"GET"}, "/both", "read"),
      Row({"HEAD"}, "/both", "head"),
  });
  EXPECT_EQ(Taken(table, "GET", "/clients/alfa"), "read alfa");
  EXPECT_EQ(Taken(table, "HEAD", "/clients/alfa"), "read alfa");
  EXPECT_EQ(Taken(table, "PATCH", "/clients/alfa"), "write alfa");
  EXPECT_EQ(Taken(table, "DELETE", "/clients/alfa"), "method");
  EXPECT_EQ(Taken(table, "get", "/clients/alfa"), "method");
  EXPECT_EQ(Taken(table, "", "/clients/alfa"), "method");
  // What is said about `new` is not answered by `{client}`.
  EXPECT_EQ(Taken(table, "GET", "/clients/new"), "method");
  EXPECT_EQ(Taken(table, "HEAD", "/both"), "head all");
  EXPECT_EQ(Taken(table, "GET", "/both"), "read all");
}

TEST(Routes, FillContextFromThePathAndFromTheTable) {
  RouteOptions row = Row({}, "/c/{client}/p/{run}", "read", "{client}");
  row.context = {{"run", "{run}"}, {"login", "bankid"}, {"route", "/c/{client}/p/{run}"}};
  const RouteTable table = Compiled({row});
  RequestPath path;
  ASSERT_EQ(path.Read("/c/alfa/p/2026-11"), "");
  RouteMatch match;
  ASSERT_TRUE(table.Find("GET", path, match));
  ASSERT_EQ(match.route->context.size(), 3u);
  EXPECT_EQ(match.ValueOf(match.route->context[0].second), "2026-11");
  EXPECT_EQ(match.ValueOf(match.route->context[1].second), "bankid");
  EXPECT_EQ(match.ValueOf(match.route->context[2].second), "/c/{client}/p/{run}");
}

TEST(Routes, MayNeedTheMethodAsPermissionOnTheTemplate) {
  const RouteTable table = Compiled({Row({}, "/todos/{todoId}", "{method}", "/todos/{todoId}")});
  EXPECT_EQ(Taken(table, "DELETE", "/todos/7"), " /todos/{todoId}");
}

TEST(Routes, SayWhatIsWrongWithATable) {
  const std::pair<RouteOptions, std::string> rows[] = {
      {Row({}, "", "p"), "begin with a slash"},
      {Row({}, "a", "p"), "begin with a slash"},
      {Row({}, "/a//b", "p"), "empty segment"},
      {Row({}, "/a/../b", "p"), "dots"},
      {Row({}, "/a%20b", "p"), "not escaped"},
      {Row({}, "/a?b", "p"), "not escaped"},
      {Row({}, "/a\xff", "p"), "UTF-8"},
      {Row({}, "/x{a}", "p"), "whole segment"},
      {Row({}, "/{a", "p"), "whole segment"},
      {Row({}, "/{}", "p"), "whole segment"},
      {Row({}, "/{a-b}", "p"), "whole segment"},
      {Row({}, "/{a}/{a}", "p"), "`a` twice"},
      {Row({}, "/{a...}/b", "p"), "all the rest"},
      {Row({}, "/{a}", "p", "{b}"), "whole variable"},
      {Row({}, "/{a}", "p", "x-{a}"), "whole variable"},
      {Row({}, "/{a}", "p", "{a}{a}"), "whole variable"},
      {Row({}, "/{a}", "{a}"), "only an id"},
      {Row({}, "/a", ""), "no permission"},
      {Row({}, "/a", "p", ""), "no resource id"},
      {Row({"get"}, "/a", "p"), "capital"},
      {Row({""}, "/a", "p"), "capital"},
      {Row({"GET"}, "/ok/{b}", "p"), "same paths as `/ok/{a}` (route 1)"},
      {Row({}, "/ok/{a}", "p"), "same paths"},
  };
  for (const auto& [row, reason] : rows) {
    const auto table = RouteTable::Compile({Row({"GET", "PUT"}, "/ok/{a}", "p"), row});
    ASSERT_FALSE(table.ok()) << row.path << " " << reason;
    EXPECT_THAT(table.error().message, HasSubstr("route 2 (`" + row.path + "`)"));
    EXPECT_THAT(table.error().message, HasSubstr(reason));
  }
  std::string deep;
  for (size_t count = 0; count <= kMaxPathSegments; ++count) deep += "/a";
  EXPECT_THAT(RouteTable::Compile({Row({}, deep, "p")}).error().message, HasSubstr("segments"));
  std::string many;
  for (size_t count = 0; count <= kMaxRouteVariables; ++count) {
    many += "/{v" + std::to_string(count) + "}";
  }
  EXPECT_THAT(RouteTable::Compile({Row({}, many, "p")}).error().message, HasSubstr("variables"));
  std::vector<RouteOptions> full;
  for (size_t count = 0; count <= kMaxRoutes; ++count) {
    full.push_back(Row({}, "/" + std::to_string(count), "p"));
  }
  EXPECT_THAT(RouteTable::Compile(full).error().message, HasSubstr("one too many"));
  full.pop_back();
  EXPECT_TRUE(RouteTable::Compile(full).ok());
}

}  // namespace
}  // namespace portvakt::server
