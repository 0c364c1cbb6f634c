// docs/http.md runs: each request in it is sent to a real server, and what comes back must say what
// the page says.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "server/json.h"
#include "tests/server/http_client.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

struct Block {
  size_t line = 0;
  std::vector<std::string> head;
  std::string body;
};

// The page's fenced blocks of HTTP: head lines, an empty line, a body.
std::vector<Block> ReadBlocks(const std::string& path) {
  std::ifstream file(path);
  std::vector<Block> blocks;
  std::string line;
  bool is_inside = false;
  bool is_head = true;
  for (size_t number = 1; std::getline(file, line); ++number) {
    if (!is_inside && line == "```http") {
      blocks.push_back({number, {}, ""});
      is_inside = is_head = true;
    } else if (is_inside && line == "```") {
      is_inside = false;
    } else if (is_inside && is_head && line.empty()) {
      is_head = false;
    } else if (is_inside && is_head) {
      blocks.back().head.push_back(line);
    } else if (is_inside) {
      blocks.back().body += line + "\n";
    }
  }
  return blocks;
}

std::string RequestOf(const Block& block) {
  std::string text;
  for (const std::string& line : block.head) text += line + "\r\n";
  text += "Host: localhost\r\n";
  if (!block.body.empty()) text += "Content-Length: " + std::to_string(block.body.size()) + "\r\n";
  return text + "\r\n" + block.body;
}

// "..." stands for any value, and at the end of an array for any elements that follow.
bool Matches(const JsonValue& shown, const JsonValue& found) {
  const auto is_ellipsis = [](const JsonValue& value) { return value == JsonValue("..."); };
  if (is_ellipsis(shown)) return true;
  if (shown.is(JsonValue::Kind::kArray) && found.is(JsonValue::Kind::kArray)) {
    const bool is_open = !shown.elements().empty() && is_ellipsis(shown.elements().back());
    const size_t count = shown.elements().size() - (is_open ? 1 : 0);
    if (is_open ? found.elements().size() < count : found.elements().size() != count) return false;
    for (size_t index = 0; index < count; ++index) {
      if (!Matches(shown.elements()[index], found.elements()[index])) return false;
    }
    return true;
  }
  if (shown.is(JsonValue::Kind::kObject) && found.is(JsonValue::Kind::kObject)) {
    if (shown.members().size() != found.members().size()) return false;
    for (size_t index = 0; index < shown.members().size(); ++index) {
      const auto& [name, value] = shown.members()[index];
      if (name != found.members()[index].first) return false;
      if (!Matches(value, found.members()[index].second)) return false;
    }
    return true;
  }
  return shown == found;
}

void ExpectShown(const Block& shown, const TestResponse& response) {
  ASSERT_FALSE(shown.head.empty());
  EXPECT_EQ(shown.head[0].substr(9, 3), std::to_string(response.status)) << response.body;
  for (size_t index = 1; index < shown.head.size(); ++index) {
    const size_t colon = shown.head[index].find(": ");
    ASSERT_NE(colon, std::string::npos) << shown.head[index];
    EXPECT_EQ(response.Field(shown.head[index].substr(0, colon)),
              shown.head[index].substr(colon + 2));
  }
  const JsonRead wanted = ReadJson(shown.body);
  const JsonRead found = ReadJson(response.body);
  ASSERT_TRUE(wanted.value) << wanted.error.message;
  ASSERT_TRUE(found.value) << response.body;
  EXPECT_TRUE(Matches(*wanted.value, *found.value)) << WriteJson(*found.value, JsonStyle::kPretty);
}

TEST(Documentation, ShowsWhatTheServerAnswers) {
  const std::string root = PORTVAKT_SOURCE_DIR;
  TestWorld world;
  world.InstallPath(root + "/policies/byra");
  world.LoadData(root + "/examples/norr/after.yaml");
  const auto server = world.ServeChanges();
  const std::vector<Block> blocks = ReadBlocks(root + "/docs/http.md");
  ASSERT_GE(blocks.size(), 12u);
  ASSERT_EQ(blocks.size() % 2, 0u);
  TestConnection connection(server->port());
  for (size_t index = 0; index < blocks.size(); index += 2) {
    SCOPED_TRACE("docs/http.md:" + std::to_string(blocks[index].line));
    connection.Send(RequestOf(blocks[index]));
    const auto response = connection.Read();
    ASSERT_TRUE(response);
    ExpectShown(blocks[index + 1], *response);
  }
}

}  // namespace
}  // namespace portvakt::server
