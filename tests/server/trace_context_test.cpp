// The trace id is taken from a field that is exactly as the standard has it, and from no other.
#include "server/trace_context.h"

#include <gtest/gtest.h>

#include <string>

namespace portvakt::server {
namespace {

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";

std::string TraceOf(std::initializer_list<std::string_view> values) {
  HttpRequest request;
  request.fields.emplace_back("Host", "a");
  for (const std::string_view value : values) request.fields.emplace_back("TraceParent", value);
  return std::string(TraceIdOf(request));
}

TEST(TraceContext, IsTakenWhenItIsWellFormed) {
  EXPECT_EQ(TraceOf({"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}), kTrace);
  EXPECT_EQ(TraceOf({"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"}), kTrace);
  // A later version, which may say more.
  EXPECT_EQ(TraceOf({"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}), kTrace);
  EXPECT_EQ(TraceOf({"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what"}), kTrace);
}

TEST(TraceContext, IsIgnoredWhenItIsNot) {
  const char* const cases[] = {
      "",
      "00",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-012",
      "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01what",
      "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e473\"-00f067aa0ba902b7-01",
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
      "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
      " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  };
  for (const char* value : cases) EXPECT_EQ(TraceOf({value}), "") << value;
  EXPECT_EQ(TraceOf({}), "");
  EXPECT_EQ(TraceOf({"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}),
            "");
}

}  // namespace
}  // namespace portvakt::server
