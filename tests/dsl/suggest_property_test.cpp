// "Did you mean" as properties over random names: whatever the vocabulary, a one-edit misspelling
// of a name finds it.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "dsl/dsl.h"

namespace portvakt::dsl {
namespace {

const rc::Gen<std::string> kNames = rc::gen::resize(
    12, rc::gen::suchThat(rc::gen::container<std::string>(rc::gen::inRange<char>('a', 'g')),
                          [](const std::string& name) { return name.size() >= 4; }));

// One deletion, insertion, replacement or swap of neighbours.
std::string Misspell(const std::string& name) {
  const size_t place = *rc::gen::inRange<size_t>(0, name.size() - 1);
  const char letter = *rc::gen::inRange<char>('a', 'z');
  std::string edited = name;
  switch (*rc::gen::inRange(0, 4)) {
    case 0: edited.erase(place, 1); break;
    case 1: edited.insert(place, 1, letter); break;
    case 2: edited[place] = letter; break;
    default: std::swap(edited[place], edited[place + 1]);
  }
  return edited;
}

RC_GTEST_PROP(Suggest, FindsTheOnlyNameThatWasMisspelt, ()) {
  const std::string name = *kNames;
  const std::string typed = Misspell(name);
  RC_PRE(typed != name);
  // Names of another alphabet are never near.
  std::vector<std::string> vocabulary = {"qqqqqqqq", "rrrrrrrr", name, "ssssssss", "tttttttt"};
  const auto found = Suggest(typed, vocabulary);
  RC_ASSERT(!found.empty());
  RC_ASSERT(found.front() == name);
}

RC_GTEST_PROP(Suggest, NamesOnlyWhatExistsAtMostThreeAndOnce, ()) {
  const auto names = *rc::gen::container<std::vector<std::string>>(kNames);
  const auto found = Suggest(*kNames, names);
  RC_ASSERT(found.size() <= 3u);
  RC_ASSERT(std::set<std::string>(found.begin(), found.end()).size() == found.size());
  for (const std::string& one : found) {
    RC_ASSERT(std::find(names.begin(), names.end(), one) != names.end());
  }
}

}  // namespace
}  // namespace portvakt::dsl
