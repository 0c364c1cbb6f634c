// Stores that leave and come back: as a backup made under a server that writes, and as data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include "tests/cli/serving.h"
#include "tests/cli/support.h"

namespace portvakt::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kAgency[] = PORTVAKT_SOURCE_DIR "/policies/byra";
constexpr char kPeople[] = PORTVAKT_SOURCE_DIR "/examples/norr/after.yaml";

std::string LibraryStore(const TestFolder& folder, const std::string& name) {
  const Ran ran = RunHere(LoadCommand{.store = folder.Path(name),
                                      .policy = LibraryPath(),
                                      .files = {LibraryPath("data.yaml")},
                                      .reason = ""});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  return folder.Path(name);
}

Ran Backup(const std::string& store, const std::string& file) {
  return RunHere(BackupCommand{.store = store, .file = file});
}
Ran Restore(const std::string& file, const std::string& store) {
  return RunHere(RestoreCommand{.file = file, .folder = store});
}
std::string Export(const std::string& store) {
  const Ran ran = RunHere(ExportCommand{.store = store, .file = "-"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  return ran.out;
}
std::vector<std::string> SortedLines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST(Backup, ComesBackWithItsHistory) {
  const TestFolder folder;
  const std::string store = LibraryStore(folder, "store");
  const Ran backup = Backup(store, folder.Path("copy"));
  ASSERT_EQ(backup.exit_code, 0) << backup.err;
  struct stat status {};
  ASSERT_EQ(::stat(folder.Path("copy").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u) << "all that is stored is in it";

  const Ran restored = Restore(folder.Path("copy"), folder.Path("back"));
  ASSERT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_THAT(restored.out, HasSubstr("verified; head "));
  EXPECT_EQ(Export(folder.Path("back")), Export(store));
  AuditCommand audit;
  audit.store = store;
  const Ran before = RunHere(audit);
  audit.store = folder.Path("back");
  EXPECT_EQ(RunHere(audit).out, before.out) << "the same chain of revisions";
  EXPECT_THAT(folder.Names(), testing::UnorderedElementsAre("store", "copy", "back"));
}

TEST(Backup, ReplacesNothing) {
  const TestFolder folder;
  const std::string store = LibraryStore(folder, "store");
  folder.Write("copy", "mine");
  const Ran taken = Backup(store, folder.Path("copy"));
  EXPECT_EQ(taken.exit_code, 2);
  EXPECT_THAT(taken.err, HasSubstr("copy: is there already"));
  EXPECT_EQ(ReadText(folder.Path("copy")), "mine");
  EXPECT_EQ(Backup(folder.Path("none"), folder.Path("other")).exit_code, 2);

  ASSERT_EQ(Backup(store, folder.Path("good")).exit_code, 0);
  const Ran full = Restore(folder.Path("good"), store);
  EXPECT_EQ(full.exit_code, 2);
  EXPECT_THAT(full.err, HasSubstr("is not empty"));
  EXPECT_EQ(Restore(folder.Path("none"), folder.Path("back")).exit_code, 2);
}

// Cut off anywhere, or with any byte changed, it does not become a store.
TEST(Backup, DamageIsFoundBeforeAnythingIsMadeOfIt) {
  const TestFolder folder;
  const std::string store = LibraryStore(folder, "store");
  ASSERT_EQ(Backup(store, folder.Path("copy")).exit_code, 0);
  const std::string whole = ReadText(folder.Path("copy"));
  std::vector<std::string> damaged = {"", "short", whole.substr(0, whole.size() / 2),
                                      whole.substr(0, whole.size() - 1), whole + "x"};
  for (const size_t at :
       {size_t{0}, size_t{5000}, whole.size() / 2, whole.size() - 1, whole.size() - 40}) {
    damaged.push_back(whole);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ 1);
  }
  for (const std::string& bytes : damaged) {
    folder.Write("damaged", bytes);
    const Ran ran = Restore(folder.Path("damaged"), folder.Path("back"));
    EXPECT_EQ(ran.exit_code, 1) << bytes.size();
    EXPECT_THAT(ran.err, HasSubstr("is no whole backup"));
    EXPECT_TRUE(std::filesystem::is_empty(folder.Path("back")));
  }
}

TEST(Backup, IsMadeWhileOthersWriteAndAsk) {
  const TestFolder folder;
  const std::string store = LibraryStore(folder, "store");
  Child server(folder, {"serve", "--store", store, "--listen", "127.0.0.1:0"});
  const int port = PortOf(server.WaitForLine("listening on http://"));
  ASSERT_NE(port, 0) << server.err();
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      const std::string file = folder.Write(
          "more.txt", "reader r" + std::to_string(i) + " { age: " + std::to_string(i) + " }\n");
      const Ran ran =
          RunHere(LoadCommand{.store = store, .policy = "", .files = {file}, .reason = ""});
      EXPECT_EQ(ran.exit_code, 0) << ran.err;
    }
  });
  for (int round = 0; round < 5; ++round) {
    const std::string name = folder.Path("copy" + std::to_string(round));
    const Ran backup = RunBinary(folder, {"backup", "--store", store, name});
    EXPECT_EQ(backup.exit_code, 0) << backup.err;
    EXPECT_THAT(Ask(port, "ada", "atlas"), HasSubstr(R"({"decision":true)"));
    const Ran restored = RunBinary(folder, {"restore", name, name + "-back"});
    EXPECT_EQ(restored.exit_code, 0) << restored.err;
  }
  stop = true;
  writer.join();
  ::kill(server.pid(), SIGTERM);
  EXPECT_EQ(server.Wait(), 0) << server.err();
}

TEST(Export, OfTheAgencyLoadsBack) {
  const TestFolder folder;
  ASSERT_EQ(
      RunHere(
          LoadCommand{
              .store = folder.Path("first"), .policy = kAgency, .files = {kPeople}, .reason = ""})
          .exit_code,
      0);
  const std::string text = Export(folder.Path("first"));
  const Ran loaded = RunHere(LoadCommand{.store = folder.Path("second"),
                                         .policy = kAgency,
                                         .files = {folder.Write("all.txt", text)},
                                         .reason = ""});
  ASSERT_EQ(loaded.exit_code, 0) << loaded.err;
  EXPECT_EQ(SortedLines(Export(folder.Path("second"))), SortedLines(text));
  EXPECT_THAT(text, HasSubstr("seats of "));
  for (const std::string user : {"david", "anna", "cia"}) {
    MatrixCommand matrix;
    matrix.subjects = {user};
    matrix.store = folder.Path("first");
    const Ran before = RunHere(matrix);
    matrix.store = folder.Path("second");
    const Ran after = RunHere(matrix);
    EXPECT_EQ(before.exit_code, 0) << before.err;
    EXPECT_EQ(after.out, before.out) << user;
  }
}

// Ids and values may hold anything: blanks, quotes, line breaks, what looks like a keyword.
TEST(Export, KeepsWhateverNamesHold) {
  const TestFolder folder;
  const std::string policy = folder.Write("odd.vakt",
                                          "policy odd\n\n"
                                          "entity box {\n"
                                          "    label : string\n"
                                          "    twin  : box optional\n"
                                          "    near  : set of box\n"
                                          "}\n"
                                          "fact box beside box\n");
  const std::string data = folder.Write(
      "odd.yaml",
      "entities:\n"
      "  box:\n"
      "    \"from\": { label: \"two\\nlines\\r\", twin: \"box:box:x\", near: [\"a b\"] }\n"
      "    \"box:x\": { label: \"say \\\"no\\\" \\\\n\", twin: from, near: [] }\n"
      "    \"a b\": { label: \"\", near: [\"box:from\", \"#\"] }\n"
      "    \"#\": { label: \"{ }, ] å\", near: [] }\n"
      "    \"line\\nbreak\": { label: x, near: [] }\n"
      "facts:\n"
      "  - { fact: \"from beside box:box:x\", from: 2020-01-01, until: 2020-02-01T01:02:03.000004Z "
      "}\n"
      "  - \"\\\"a b\\\" beside #\"\n"
      "  - \"\\\"line\\\\nbreak\\\" beside from\"\n");
  const auto load = [&](const std::string& store, const std::string& file) {
    return RunHere(
        LoadCommand{.store = folder.Path(store), .policy = policy, .files = {file}, .reason = ""});
  };
  const Ran first = load("first", data);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const std::string text = Export(folder.Path("first"));
  const Ran second = load("second", folder.Write("all.txt", text));
  ASSERT_EQ(second.exit_code, 0) << second.err << text;
  EXPECT_EQ(SortedLines(Export(folder.Path("second"))), SortedLines(text));
  EXPECT_THAT(text, HasSubstr("box:from beside box:box:x from 2020-01-01T00:00:00Z until "
                              "2020-02-01T01:02:03.000004Z\n"));
  EXPECT_THAT(text, HasSubstr("\"two\\nlines\\r\""));
}

TEST(Export, NeedsAStore) {
  const TestFolder folder;
  EXPECT_EQ(RunHere(ExportCommand{.store = folder.Path("none"), .file = "-"}).exit_code, 2);
  EXPECT_THAT(folder.Names(), IsEmpty());
}

}  // namespace
}  // namespace portvakt::cli
