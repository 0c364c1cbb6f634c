// What those who keep a server running meet: a configuration that is checked before it is used, and
// one that changes under a running server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "server/json.h"
#include "tests/cli/serving.h"
#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

Ran CheckConfig(const std::string& path, Format format = Format::kPretty) {
  return RunHere(ConfigCheckCommand{.path = path, .format = format});
}

TEST(ConfigCheck, SaysThatAFileIsGood) {
  const TestFolder folder;
  const std::string path =
      folder.Write("good.yaml", "store: made/later\npolicy: " + LibraryPath() +
                                    "\ndata: " + LibraryPath("data.yaml") + "\n");
  const Ran ran = CheckConfig(path);
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, path + ": ok\n");
  EXPECT_THAT(folder.Names(), testing::ElementsAre("good.yaml")) << "looking makes nothing";
}

TEST(ConfigCheck, TellsAllMistakesAtTheirPlaces) {
  const TestFolder folder;
  folder.Write("bad/bad.vakt", "policy bad\npermit (\n");
  const std::string path = folder.Write("wrong.yaml",
                                        "lisen: 127.0.0.1:1\n"
                                        "store: wrong.yaml\n"
                                        "policy: bad\n"
                                        "data: [none.yaml, bad]\n"
                                        "workers: many\n");
  const Ran ran = CheckConfig(path);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("did you mean `listen`?"));
  EXPECT_THAT(ran.out, HasSubstr("wrong.yaml:2:8\n"));
  EXPECT_THAT(ran.out, HasSubstr("wrong.yaml: a file, where a folder is needed"));
  EXPECT_THAT(ran.out, HasSubstr("bad: 1 error in this policy"));
  EXPECT_THAT(ran.out, HasSubstr("none.yaml: No such file or directory"));
  EXPECT_THAT(ran.out, HasSubstr("bad: a folder, where a file is needed"));
  EXPECT_THAT(ran.out, HasSubstr("`workers` must be a whole number"));
  EXPECT_THAT(ran.out, EndsWith("wrong.yaml: 6 errors\n"));
}

TEST(ConfigCheck, WarnsWhereAServerWouldNotStartAlone) {
  const TestFolder folder;
  const std::string path = folder.Write("empty.yaml", "# nothing\n");
  const Ran ran = CheckConfig(path);
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.out, HasSubstr("warning: neither a `store` nor a `policy` is named"));
  EXPECT_THAT(ran.out, EndsWith("empty.yaml: ok, 1 warning\n"));
}

TEST(ConfigCheck, TellsMachinesThePlaces) {
  const TestFolder folder;
  const std::string path = folder.Write("wrong.yaml", "policy: none\nworkers: 1000\n");
  const Ran ran = CheckConfig(path, Format::kJson);
  EXPECT_EQ(ran.exit_code, 1);
  const server::JsonRead read = server::ReadJson(ran.out);
  ASSERT_TRUE(read.value) << ran.out;
  ASSERT_EQ(read.value->elements().size(), 2u) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("\"line\": 2"));
  EXPECT_THAT(ran.out, HasSubstr("\"column\": 10"));
  EXPECT_THAT(ran.out, HasSubstr("\"severity\": \"error\""));
}

TEST(ConfigCheck, AFileThatIsNotThereIsWrongUsage) {
  const Ran ran = CheckConfig("/nowhere/portvakt.yaml");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("/nowhere/portvakt.yaml: there is no such file"));
}

}  // namespace
}  // namespace portvakt::cli
