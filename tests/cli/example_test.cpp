// The example's script against the built binary: it ends well, and prints what its page shows. It
// takes curl and python3, which script/bootstrap installs.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

TEST(NewConsultantExample, PrintsTheStoryThatItsPageShows) {
  const TestFolder folder;
  const std::string example = std::string(PORTVAKT_SOURCE_DIR) + "/examples/new-consultant/";
  const std::string out = folder.Path("out");
  const std::string err = folder.Path("err");
  const int status = std::system(("PORTVAKT='" PORTVAKT_BINARY_DIR "/portvakt' '" + example +
                                  "run' >'" + out + "' 2>'" + err + "'")
                                     .c_str());
  EXPECT_EQ(status, 0) << ReadText(out) << ReadText(err);
  const std::string page = ReadText(example + "README.md");
  const size_t begin = page.find("```text\n") + 8;
  EXPECT_EQ(page.substr(begin, page.find("```\n", begin) - begin), ReadText(out));
}

}  // namespace
}  // namespace portvakt::cli
