// Tokens of pages: what was sealed comes back, and nothing else opens.
#include "server/cursor.h"

#include <gtest/gtest.h>

#include <set>

namespace portvakt::server {
namespace {

const std::string kSecret(32, 's');
const CursorBinding kBinding{kSecret, "/v1/search", R"({"through":"subjects"})", 3};

TEST(Cursor, OpensToWhatWasSealed) {
  for (const uint64_t after : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 40, ~uint64_t{0}}) {
    const auto cursor = OpenCursor(SealCursor({after, 25}, kBinding), kBinding);
    ASSERT_TRUE(cursor);
    EXPECT_EQ(cursor->after, after);
    EXPECT_EQ(cursor->limit, 25u);
  }
}

TEST(Cursor, IsBoundToEverythingAroundIt) {
  const std::string token = SealCursor({7, 25}, kBinding);
  const std::string other_secret(32, 't');
  for (const CursorBinding& other :
       {CursorBinding{other_secret, kBinding.endpoint, kBinding.query, 3},
        CursorBinding{kSecret, "/access/v1/search/subject", kBinding.query, 3},
        CursorBinding{kSecret, kBinding.endpoint, R"({"through":"actions"})", 3},
        CursorBinding{kSecret, kBinding.endpoint, kBinding.query, 4},
        // The same bytes, cut elsewhere.
        CursorBinding{kSecret, "/v1/searc", R"(h{"through":"subjects"})", 3}}) {
    EXPECT_FALSE(OpenCursor(token, other));
  }
  EXPECT_TRUE(OpenCursor(token, kBinding));
}

TEST(Cursor, DoesNotOpenWhenAnyLetterIsAnother) {
  const std::string token = SealCursor({7, 25}, kBinding);
  for (size_t index = 0; index < token.size(); ++index) {
    for (const char letter : {'A', 'B', 'z', '_', '=', ' ', '\0'}) {
      std::string altered = token;
      if (altered[index] == letter) continue;
      altered[index] = letter;
      EXPECT_FALSE(OpenCursor(altered, kBinding)) << index << " " << letter;
    }
  }
  for (const std::string& foreign :
       {std::string(), token.substr(1), token + "A", token + token, std::string(100'000, 'A')}) {
    EXPECT_FALSE(OpenCursor(foreign, kBinding)) << foreign.size();
  }
}

TEST(Cursor, HasOneTextAlone) {
  std::set<std::string> tokens;
  for (int turn = 0; turn < 3; ++turn) tokens.insert(SealCursor({7, 25}, kBinding));
  EXPECT_EQ(tokens.size(), 1u);
  EXPECT_EQ(tokens.begin()->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                              "0123456789-_"),
            std::string::npos);
}

}  // namespace
}  // namespace portvakt::server
