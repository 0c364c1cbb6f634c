// The log: one JSON object a line, whatever is in it, and nothing below its level.
#include "server/log.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace portvakt::server {
namespace {

TEST(Log, WritesOneJsonObjectALine) {
  SetLogLevel(LogLevel::kInfo);
  testing::internal::CaptureStderr();
  Log(LogLevel::kInfo, "listening", {{"address", "127.0.0.1:1"}, {"workers", 2}});
  Log(LogLevel::kError, "odd", {{"text", "a\n\"b\" {} %v \xFF"}});
  SetLogLevel(LogLevel::kError);
  Log(LogLevel::kWarning, "unseen");
  SetLogLevel(LogLevel::kOff);
  Log(LogLevel::kError, "unseen");
  SetLogLevel(LogLevel::kError);
  std::istringstream lines(testing::internal::GetCapturedStderr());

  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  JsonRead read = ReadJson(line);
  ASSERT_TRUE(read.value) << line << ": " << read.error.message;
  EXPECT_EQ(read.value->Find("time")->text().size(), 27u);
  EXPECT_EQ(read.value->Find("level")->text(), "info");
  EXPECT_EQ(read.value->Find("event")->text(), "listening");
  EXPECT_EQ(read.value->Find("address")->text(), "127.0.0.1:1");
  EXPECT_EQ(read.value->Find("workers")->integer(), 2);
  ASSERT_TRUE(std::getline(lines, line));
  read = ReadJson(line);
  ASSERT_TRUE(read.value) << line << ": " << read.error.message;
  EXPECT_EQ(read.value->Find("level")->text(), "error");
  EXPECT_EQ(read.value->Find("text")->text(), "a\n\"b\" {} %v \xEF\xBF\xBD");
  EXPECT_FALSE(std::getline(lines, line)) << line;
}

}  // namespace
}  // namespace portvakt::server
