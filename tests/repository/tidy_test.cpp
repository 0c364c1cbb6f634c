// The habits of the repository, held by a test: walls between rooms, one place for each library,
// sizes, widths and words. Each rule says why it is there.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = PORTVAKT_SOURCE_DIR;
const std::vector<std::string> kFolders = {"dsl",        "engine", "server",  "cli",
                                           "benchmarks", "tests",  "examples"};

struct File {
  std::string path;  // relative to the root
  std::vector<std::string> lines;
};

std::vector<File> Sources() {
  std::vector<File> files;
  for (const std::string& folder : kFolders) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const std::string extension = entry.path().extension().string();
      if (!entry.is_regular_file() || (extension != ".h" && extension != ".cpp")) continue;
      File file{fs::relative(entry.path(), kRoot).string(), {}};
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) file.lines.push_back(line);
      files.push_back(std::move(file));
    }
  }
  return files;
}

std::string RoomOf(const std::string& path) { return path.substr(0, path.find('/')); }

TEST(Tidy, RoomsIncludeOnlyWhatLiesBelowThem) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> allowed = {
      {"dsl", {"dsl"}},
      {"engine", {"dsl", "engine"}},
      {"server", {"dsl", "engine", "server"}},
      {"cli", {"dsl", "engine", "server", "cli"}}};
  const std::regex include("#include \"([a-z]+)/.*");
  for (const File& file : Sources()) {
    for (const auto& [room, below] : allowed) {
      if (RoomOf(file.path) != room) continue;
      for (size_t i = 0; i < file.lines.size(); ++i) {
        std::smatch match;
        if (!std::regex_match(file.lines[i], match, include)) continue;
        EXPECT_TRUE(std::count(below.begin(), below.end(), match[1].str()))
            << file.path << ":" << i + 1 << " includes from " << match[1]
            << "; arrows go server -> engine -> dsl, with cli on top";
      }
    }
  }
}

// A library is included by few files, so that it can be replaced, and because the seam is what
// keeps the build short. CONTRIBUTING.md says where each lives.
TEST(Tidy, LibrariesStayBehindTheirFiles) {
  struct Wall {
    const char* header;
    std::vector<std::string> files;
  };
  const std::vector<Wall> walls = {
      {"<tao/", {"dsl/parser.cpp", "dsl/grammar_tokens.h", "dsl/actions.h"}},
      {"<lmdb.h>", {"engine/lmdb_environment.cpp", "engine/lmdb_environment.h"}},
      {"<yaml-cpp/", {"engine/read_yaml.cpp", "cli/scenario_file.cpp"}},
      {"<openssl/",
       {"engine/sha256.cpp", "server/api_key.cpp", "server/cursor.cpp", "server/jwks.cpp",
        "server/tls.cpp"}},
      {"<date/", {"engine/calendar.cpp"}},
      {"<boost/json", {"server/json_document.cpp", "examples/clients/cpp/portvakt.h"}},
      {"<boost/beast",
       {"server/worker_reader.cpp", "server/worker_state.h", "cli/http_client.cpp"}},
      {"<boost/asio",
       {"server/worker.cpp", "server/worker_connection.cpp", "server/worker_state.h",
        "cli/http_client.cpp"}},
      {"<CLI/", {"cli/options.h"}},
      {"<spdlog/", {"server/access_log.cpp", "server/log.cpp"}},
      {"<prometheus/", {"server/metrics_page.cpp"}},
  };
  for (const File& file : Sources()) {
    if (RoomOf(file.path) == "tests" || RoomOf(file.path) == "benchmarks") continue;
    for (const std::string& line : file.lines) {
      if (line.rfind("#include", 0) != 0) continue;
      for (const Wall& wall : walls) {
        if (line.find(wall.header) == std::string::npos) continue;
        EXPECT_TRUE(std::count(wall.files.begin(), wall.files.end(), file.path))
            << file.path << " includes " << wall.header;
      }
    }
  }
}

TEST(Tidy, LinesFitAndFilesHoldOneIdea) {
  for (const File& file : Sources()) {
    EXPECT_LE(file.lines.size(), 700u) << file.path << ": split it by construct";
    for (size_t i = 0; i < file.lines.size(); ++i) {
      size_t width = 0;  // in characters: continuation bytes of UTF-8 do not count
      for (char c : file.lines[i]) width += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
      if (file.lines[i].find("https://") != std::string::npos) continue;
      EXPECT_LE(width, 100u) << file.path << ":" << i + 1;
      EXPECT_EQ(file.lines[i].find('\t'), std::string::npos) << file.path << ":" << i + 1;
    }
  }
}

TEST(Tidy, HeadersAreGuardedAndBeginWithTheirIdea) {
  for (const File& file : Sources()) {
    if (!file.path.ends_with(".h") || file.lines.empty()) continue;
    EXPECT_EQ(file.lines[0].rfind("//", 0), 0u) << file.path << ": say what the file is about";
    EXPECT_TRUE(std::count(file.lines.begin(), file.lines.end(), "#pragma once")) << file.path;
  }
}

// Words that stand for something left undone, and calls that have a safer neighbour.
TEST(Tidy, NothingIsLeftUndone) {
  const std::vector<std::pair<std::string, std::string>> banned = {
      {std::string("TO") + "DO", "finish it, or write it down in the docs"},
      {std::string("FIX") + "ME", "mend it"},
      {std::string("XX") + "X", "say what is wrong, or mend it"},
      {std::string("str") + "cpy(", "use std::string"},
      {std::string("spr") + "intf(", "use std::to_string or fmt"},
      {std::string("sleep") + "_for(", "wait for a condition with a deadline"},
  };
  for (const File& file : Sources()) {
    for (size_t i = 0; i < file.lines.size(); ++i) {
      for (const auto& [word, instead] : banned) {
        const size_t found = file.lines[i].find(word);
        // Templates of temporary names are six of the letter.
        if (word.front() == 'X' && file.lines[i].find(word + word) != std::string::npos) continue;
        EXPECT_EQ(found, std::string::npos) << file.path << ":" << i + 1 << ": " << instead;
      }
    }
  }
}

// g++ 12 destroys a capturing lambda inside the operand of co_await twice.
TEST(Tidy, NoLambdaInsideAnAwait) {
  const std::regex pattern("co_await[^;]*\\[[&=a-z]");
  for (const File& file : Sources()) {
    if (RoomOf(file.path) != "server") continue;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(file.lines[i], pattern))
          << file.path << ":" << i + 1 << ": give the lambda a name first";
    }
  }
}

TEST(Tidy, EveryRoomHasAPageAndEveryScriptRuns) {
  for (const char* room :
       {"dsl", "engine", "server", "cli", "policies", "examples", "benchmarks"}) {
    EXPECT_TRUE(fs::exists(kRoot / room / "README.md")) << room;
  }
  for (const auto& entry : fs::directory_iterator(kRoot / "script")) {
    EXPECT_NE(entry.status().permissions() & fs::perms::owner_exec, fs::perms::none)
        << entry.path();
  }
}

// Links of the pages lead to files that exist.
TEST(Tidy, LinksOfPagesLeadSomewhere) {
  const std::regex link("\\]\\(([^)#:]+)(#[^)]*)?\\)");
  for (const auto& entry : fs::recursive_directory_iterator(kRoot)) {
    const std::string path = fs::relative(entry.path(), kRoot).string();
    if (path.rfind("build", 0) == 0 || path.rfind(".git", 0) == 0) continue;
    if (entry.path().extension() != ".md") continue;
    std::ifstream in(entry.path());
    std::stringstream text;
    text << in.rdbuf();
    const std::string page = text.str();
    for (std::sregex_iterator it(page.begin(), page.end(), link), end; it != end; ++it) {
      EXPECT_TRUE(fs::exists(entry.path().parent_path() / (*it)[1].str()))
          << path << " links to " << (*it)[1];
    }
  }
}

}  // namespace
