// Paths of requests to applications: clear ones are read in one way, all others are refused.
#include "server/request_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace portvakt::server {
namespace {

using testing::HasSubstr;

std::vector<std::string> SegmentsOf(const std::string& target) {
  RequestPath path;
  const std::string_view fault = path.Read(target);
  EXPECT_EQ(fault, "") << target;
  std::vector<std::string> segments;
  for (size_t index = 0; index < path.count(); ++index) {
    segments.emplace_back(path.segment(index));
  }
  return segments;
}

TEST(RequestPath, ReadsSegmentsDecodedOnce) {
  using Segments = std::vector<std::string>;
  const std::pair<std::string, Segments> rows[] = {
      {"/", {""}},
      {"/a", {"a"}},
      {"/a/b.c/d", {"a", "b.c", "d"}},
      {"/a/", {"a", ""}},
      {"/a?x=/../b", {"a"}},
      {"/?x", {""}},
      {"/alfa%20ab", {"alfa ab"}},
      {"/r%c3%a4kning", {"räkning"}},
      {"/%f0%9f%93%92/%E2%82%AC", {"\xf0\x9f\x93\x92", "€"}},
      {"/%61%2e%62", {"a.b"}},
      {"/100%25", {"100%"}},
      {"/100%25x", {"100%x"}},
      {"/.../.a/a..", {"...", ".a", "a.."}},
      {"/a+b=c,d:e@f!$&'()*~_-", {"a+b=c,d:e@f!$&'()*~_-"}},
      {"/a%3Bb/%23/%3F", {"a;b", "#", "?"}},
  };
  for (const auto& [target, segments] : rows) EXPECT_EQ(SegmentsOf(target), segments) << target;
}

TEST(RequestPath, RefusesWhatCouldBeReadInTwoWays) {
  const std::pair<std::string, std::string> rows[] = {
      {"", "begin"},
      {"a", "begin"},
      {"http://h/a", "begin"},
      {"*", "begin"},
      {"?/a", "begin"},
      {"//a", "empty segment"},
      {"/a//b", "empty segment"},
      {"/a//", "empty segment"},
      {"/.", "dots"},
      {"/..", "dots"},
      {"/a/./b", "dots"},
      {"/a/../b", "dots"},
      {"/a/%2e%2e/b", "dots"},
      {"/a/.%2E", "dots"},
      {"/a%2fb", "slash"},
      {"/a%2Fb", "slash"},
      {"/a%5cb", "slash"},
      {"/a\\b", "backslash"},
      {"/a%00b", "control"},
      {"/a%0d%0ab", "control"},
      {"/a%7f", "control"},
      {std::string("/a\0b", 4), "control"},
      {"/a b", "blank"},
      {"/a\tb", "control"},
      {"/a;x=1/b", "semicolon"},
      {"/a#b", "fragment"},
      {"/a%", "broken escape"},
      {"/a%2", "broken escape"},
      {"/a%zz", "broken escape"},
      {"/%u002f", "broken escape"},
      {"/%252e%252e/b", "twice"},
      {"/a%252fb", "twice"},
      {"/%2541", "twice"},
      {"/%25%34%31", "twice"},
      {"/r\xc3\xa4kning", "ASCII"},
      {"/\xe4", "ASCII"},
      {"/%e4", "UTF-8"},
      {"/%c3", "UTF-8"},
      {"/%c0%af", "UTF-8"},          // an overlong slash
      {"/%c0%ae%c0%ae/b", "UTF-8"},  // overlong dots
      {"/%e0%80%af", "UTF-8"},       // the same in three bytes
      {"/%ed%a0%80", "UTF-8"},       // half of a surrogate pair
      {"/%f4%90%80%80", "UTF-8"},    // beyond the last character
      {"/%80", "UTF-8"},
  };
  for (const auto& [target, reason] : rows) {
    RequestPath path;
    const std::string_view fault = path.Read(target);
    EXPECT_THAT(std::string(fault), HasSubstr(reason)) << target;
    EXPECT_EQ(path.count(), 0u) << target;
  }
}

TEST(RequestPath, EndsAtItsLimits) {
  RequestPath path;
  const std::string longest = "/" + std::string(kMaxPathBytes - 1, 'a');
  EXPECT_EQ(path.Read(longest), "");
  EXPECT_EQ(path.Read(longest + "?" + longest), "");
  EXPECT_EQ(path.Read(longest + "a"), "is too long");
  std::string deepest;
  for (size_t count = 0; count < kMaxPathSegments; ++count) deepest += "/a";
  EXPECT_EQ(path.Read(deepest), "");
  EXPECT_EQ(path.count(), kMaxPathSegments);
  EXPECT_EQ(path.Read(deepest + "/a"), "has too many segments");
  EXPECT_EQ(path.Read(deepest + "/"), "has too many segments");
}

TEST(RequestPath, GivesTheRestWithItsSlashes) {
  RequestPath path;
  ASSERT_EQ(path.Read("/files/a%20b/c/"), "");
  EXPECT_EQ(path.From(0), "files/a b/c/");
  EXPECT_EQ(path.From(1), "a b/c/");
  EXPECT_EQ(path.From(3), "");
  EXPECT_EQ(path.text(), "/files/a b/c/");
}

}  // namespace
}  // namespace portvakt::server
