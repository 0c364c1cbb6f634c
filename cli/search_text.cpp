// Definitions are matched word by word with their shapes; all else is a question with a hole.
#include "cli/search_text.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/question.h"
#include "engine/data_sentence.h"

namespace portvakt::cli {

namespace {

using engine::Error;
using engine::Place;
using engine::Result;
using engine::SearchQuery;

constexpr std::string_view kHole = "?";

Error Wrong(std::string message) { return {Error::Code::kInvalid, std::move(message)}; }

bool IsHole(const WrittenEntity& written) { return written.id == kHole; }

Result<Place> EntityPlace(const dsl::Module& module, const Known& known,
                          const std::vector<dsl::TypeId>& types, std::string_view word) {
  const engine::EntityWord read = engine::ReadEntityWord(module, types, word, {1, 1});
  Place place;
  place.hole = read.id == kHole;
  if (place.hole && read.types.size() > 1) {
    return Wrong("say which type is searched: `" + module.types[read.types.front()].name + ":?`");
  }
  place.entity.type = module.types[read.types.front()].name;
  if (place.hole) return place;
  place.entity.id = std::string(read.id);
  for (const dsl::TypeId type : read.types) {
    const std::string& name = module.types[type].name;
    if (!known.exists(name, read.id)) continue;
    place.entity.type = name;
    return place;
  }
  return place;
}

Result<SearchQuery> ReadDefine(const dsl::Module& module, const Known& known,
                               const dsl::SentenceShape& shape,
                               const std::vector<engine::DataWord>& words) {
  SearchQuery query;
  query.through = SearchQuery::Through::kDefine;
  query.verb = shape.verb;
  const Error other = Wrong("write `" + shape.text + "`");
  size_t next = 0;
  for (size_t i = 0; i < shape.slots.size(); ++i) {
    if (next == words.size()) return other;
    const std::string_view word = words[next++].text;
    if (shape.slots[i].is_symbol) {
      query.places.push_back({word == kHole, {}, word == kHole ? "" : std::string(word)});
    } else {
      auto place = EntityPlace(module, known, shape.slots[i].types, word);
      if (!place) return place.error();
      query.places.push_back(*std::move(place));
    }
    if (i == 0) ++next;  // the verb
    if (i >= shape.words.size()) continue;
    for (const std::string& expected : shape.words[i]) {
      if (next == words.size() || words[next++].text != expected) return other;
    }
  }
  if (next != words.size()) return other;
  return query;
}

// The type of a hole that says none: the only one that stands there in the permission's rules.
Result<std::string> TypeOfHole(const dsl::Module& module, const std::string& permission,
                               size_t variable) {
  std::set<std::string> names;
  for (const dsl::ActRule& rule : module.acts) {
    for (const dsl::PermissionId number : rule.permissions) {
      const dsl::Permission& found = module.permissions[number];
      if (found.name != permission) continue;
      for (const dsl::TypeId type : rule.variables[variable].types) {
        const bool acts =
            variable == 0 || std::find(found.on.begin(), found.on.end(), type) != found.on.end();
        if (acts) names.insert(module.types[type].name);
      }
    }
  }
  if (names.size() == 1) return *names.begin();
  if (names.empty()) return Wrong("no rule is about `" + permission + "`");
  return Wrong("say which type is searched: `" + *names.begin() + ":?`");
}

Result<SearchQuery> ReadAct(const dsl::Module& module, const Known& known, std::string_view text) {
  auto question = SplitQuestion(module, text);
  if (!question) return question.error();
  SearchQuery query;
  const bool subject = IsHole(question->subject);
  const bool action = question->permission == kHole;
  const bool resource = IsHole(question->object);
  if (subject + action + resource != 1) return Wrong("a search has one `?`");
  for (const size_t variable : {size_t{0}, size_t{2}}) {
    WrittenEntity& written = variable == 0 ? question->subject : question->object;
    if (!IsHole(written) || !written.type.empty()) continue;
    auto type = TypeOfHole(module, question->permission, variable);
    if (!type) return type.error();
    written.type = *std::move(type);
  }
  auto request = Resolve(module, known, *question);
  if (!request) return request.error();
  query.request = *std::move(request);
  if (subject) query.through = SearchQuery::Through::kSubjects;
  if (action) query.through = SearchQuery::Through::kActions;
  if (resource) query.through = SearchQuery::Through::kResources;
  if (subject) query.request.subject.id.clear();
  if (action) query.request.action.clear();
  if (resource) query.request.resource.id.clear();
  return query;
}

}  // namespace

Result<SearchQuery> ReadSearch(const dsl::Module& module, const Known& known,
                               std::string_view text) {
  std::vector<engine::DataFinding> list;
  engine::DataFindings findings("", list);
  engine::DataWords words;
  size_t rest = 0;
  if (!engine::SplitWords(text, {1, 1}, words, rest, findings)) return Wrong(list.front().message);
  if (words.words.size() > 1) {
    for (const dsl::Define& define : module.defines) {
      if (define.shape.verb != words.words[1].text) continue;
      return ReadDefine(module, known, define.shape, words.words);
    }
  }
  return ReadAct(module, known, text);
}

}  // namespace portvakt::cli
