// The laws of the formatter hold for every text that parses: the same meaning, the same comments,
// and formatting twice is formatting once.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "dsl/dsl.h"

namespace {

using namespace portvakt::dsl;

struct Reading {
  std::string dump;
  std::vector<std::string> comments;
  std::optional<std::string> formatted;
};

Reading Read(const std::string& text) {
  SourceSet sources;
  sources.Add("fuzz.vakt", text);
  Diagnostics findings;
  const Tree tree = Parse(sources, findings).front();
  Reading reading;
  reading.dump = DumpTree(tree);
  for (const Comment& comment : tree.comments) {
    std::string words(sources.Text(comment.span));
    words.erase(words.find_last_not_of(" \t") + 1);
    reading.comments.push_back(words);
  }
  std::sort(reading.comments.begin(), reading.comments.end());
  reading.formatted = Format(sources, tree);
  return reading;
}

void Demand(bool holds, const char* law, const std::string& formatted) {
  if (holds) return;
  std::fprintf(stderr, "%s:\n%s\n", law, formatted.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Reading first = Read(std::string(data, data + size));
  if (!first.formatted.has_value()) return 0;
  const Reading second = Read(*first.formatted);
  Demand(second.formatted.has_value(), "formatted text does not parse", *first.formatted);
  Demand(second.dump == first.dump, "formatted text means something else", *first.formatted);
  Demand(second.comments == first.comments, "comments were lost", *first.formatted);
  Demand(second.formatted == first.formatted, "formatting again changes", *first.formatted);
  return 0;
}
