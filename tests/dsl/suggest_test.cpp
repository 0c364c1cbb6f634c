// Which names a misspelt one is taken for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

using Names = std::vector<std::string>;

TEST(Suggest, FindsWhatWasMeant) {
  struct Case {
    std::string name;
    Names candidates;
    Names meant;
  };
  const Case cases[] = {
      {"usr", {"client", "user", "tenant"}, {"user"}},
      {"User", {"user", "uses"}, {"user"}},  // case alone settles it
      {"ÅTGÄRD", {"atgard", "åtgärd"}, {"åtgärd"}},
      {"lon", {"lön", "las"}, {"lön"}},  // one character, though two bytes
      {"lno", {"lon"}, {"lon"}},         // a swap is one edit
      {"assinged_to", {"assigned_to", "active_in"}, {"assigned_to"}},
      {"to_assigned", {"assigned_to", "active_in"}, {"assigned_to"}},  // words in another order
      {"las.bokforing", {"bokforing.las", "fakturering.las"}, {"bokforing.las"}},
      {"bokforing.lsa", {"bokforing.las", "fakturering.las"}, {"bokforing.las"}},
      {"lon.attestera", {"lon.lonekorning.attestera", "lon.oppna"}, {"lon.lonekorning.attestera"}},
      {"attestera", {"lon.lonekorning.attestera", "lon.oppna"}, {"lon.lonekorning.attestera"}},
      // Nearer ones first, at most three, in the order given among equals.
      {"colour", {"dolours", "color", "colours"}, {"color", "colours", "dolours"}},
      {"part", {"parta", "partb", "partc", "partd"}, {"parta", "partb", "partc"}},
      // A last word that many share says nothing.
      {"oppna.las", {"a.las", "b.las", "c.las", "d.las"}, {}},
      // One or two letters are near to everything.
      {"ab", {"ac", "cb", "abc"}, {}},
      {"ab", {"AB", "ac"}, {"AB"}},
      {"client", {"document", "user"}, {}},
      {"user", {"user"}, {}},  // the name itself is no suggestion
      {"usr", {"user", "user"}, {"user"}},
      {"", {"user"}, {}},
      {"user", {}, {}},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(Suggest(test.name, test.candidates), test.meant) << test.name;
  }
}

// Every slip of one edit in a name of four letters or more is found.
TEST(Suggest, FindsEverySingleEdit) {
  for (const std::string meant : {"user", "client", "member_of", "lon.lonekorning.attestera"}) {
    const Names candidates = {"zzzz", meant, "qqqqqqqqqqqq"};
    std::vector<std::string> slips;
    for (size_t at = 0; at < meant.size(); ++at) {
      std::string slip = meant;
      slips.push_back(slip.erase(at, 1));
      slip = meant;
      slips.push_back(slip.insert(at, 1, 'x'));
      slip = meant;
      slip[at] = 'x';
      slips.push_back(slip);
      slip = meant;
      if (at > 0) std::swap(slip[at - 1], slip[at]);
      slips.push_back(slip);
    }
    for (const std::string& slip : slips) {
      if (slip == meant) continue;
      EXPECT_EQ(Suggest(slip, candidates), Names{meant}) << slip;
    }
  }
}

TEST(Suggest, ToleratesWhatIsNotText) {
  const Names candidates = {"user", "\xff\xfe\xfd\xfc", std::string(10'000, 'a')};
  EXPECT_EQ(Suggest("\xff\xfe\xfd\xfb", candidates), Names{});
  EXPECT_EQ(Suggest(std::string(1'000'000, 'a'), candidates), Names{});
  EXPECT_EQ(Suggest("....", candidates), Names{});
  EXPECT_EQ(Suggest("user\xc3", candidates), Names{"user"});
}

TEST(Suggest, FindsOneAmongThousands) {
  Names candidates;
  for (int number = 0; number < 4096; ++number) {
    candidates.push_back("program" + std::to_string(number % 40) + ".area" +
                         std::to_string(number) + ".redigera");
  }
  EXPECT_EQ(Suggest("program7.aera47.redigera", candidates).front(), "program7.area47.redigera");
}

}  // namespace
}  // namespace portvakt::dsl
