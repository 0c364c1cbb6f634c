// `portvakt who-can`, `what-can`, `where-can` and `find`. Where a permission admits several types,
// each is searched and the results stand together.
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "cli/asker.h"
#include "cli/change_text.h"
#include "cli/reports.h"
#include "cli/search_text.h"
#include "cli/supplied.h"
#include "server/search_json.h"

namespace portvakt::cli {

namespace {

using What = SearchCommand::What;

engine::Error Wrong(std::string message) {
  return {engine::Error::Code::kInvalid, std::move(message)};
}

// Types that the searched place is tried with.
engine::Result<std::vector<std::string>> TypesOf(const SearchCommand& command,
                                                 const dsl::Module& module, QuestionPlace place) {
  if (!command.type.empty()) {
    if (FindType(module, command.type) == nullptr) {
      return Wrong("no entity type is called `" + command.type + "`");
    }
    return std::vector<std::string>{command.type};
  }
  std::vector<std::string> names;
  for (const dsl::TypeId type : AdmittedTypes(module, command.permission, place)) {
    names.push_back(module.types[type].name);
  }
  return names;
}

// The names that the question gives; the searched one has neither type nor id yet.
engine::Result<engine::SearchQuery> QueryOf(const SearchCommand& command, const Asker& asker) {
  const dsl::Module& module = asker.module();
  engine::SearchQuery query;
  query.request.action = command.permission;
  if (command.what != What::kSubjects) {
    auto subject = ReadName(asker, command.subject,
                            AdmittedTypes(module, command.permission, QuestionPlace::kSubject));
    if (!subject) return subject.error();
    query.request.subject = *std::move(subject);
  }
  if (command.what != What::kResources) {
    auto object = ReadName(asker, command.object,
                           AdmittedTypes(module, command.permission, QuestionPlace::kObject));
    if (!object) return object.error();
    query.request.resource = *std::move(object);
  }
  const auto status = ApplySupplied(module, command.supplied, query.request);
  if (!status) return status.error();
  auto viewer =
      ReadOptionalName(asker, command.viewer, AdmittedTypes(module, "", QuestionPlace::kSubject));
  if (!viewer) return viewer.error();
  query.viewer = *std::move(viewer);
  query.request.now_us = NowOf(command);
  return query;
}

engine::Result<engine::SearchPage> SearchTypes(const SearchCommand& command, Asker& asker,
                                               engine::SearchQuery query) {
  if (command.what == What::kActions) {
    query.through = engine::SearchQuery::Through::kActions;
    return asker.Search(query);
  }
  const bool subjects = command.what == What::kSubjects;
  const auto types =
      TypesOf(command, asker.module(), subjects ? QuestionPlace::kSubject : QuestionPlace::kObject);
  if (!types) return types.error();
  query.through =
      subjects ? engine::SearchQuery::Through::kSubjects : engine::SearchQuery::Through::kResources;
  engine::SearchPage all;
  for (const std::string& type : types.value()) {
    (subjects ? query.request.subject : query.request.resource).type = type;
    auto page = asker.Search(query);
    if (!page) return page;
    all.revision = page->revision;
    all.policy_version = page->policy_version;
    for (engine::SearchResult& result : page->results) all.results.push_back(std::move(result));
    if (page->error.empty()) continue;
    all.error_code = std::move(page->error_code);
    all.error = std::move(page->error);
    break;
  }
  return all;
}

const char* Nothing(What what) {
  switch (what) {
    case What::kSubjects: return "nobody";
    case What::kActions: return "nothing";
    case What::kResources: break;
  }
  return "nowhere";
}

void Print(const engine::SearchPage& page, Format format, const std::string& nothing,
           Console& console) {
  if (format == Format::kJson) {
    console.out << server::WriteJson(server::SearchPageJson(page), server::JsonStyle::kPretty)
                << '\n';
  } else {
    console.out << DescribeSearch(page, nothing);
  }
}

// What only may be is no yes; what is not complete is no answer.
int ExitCodeOf(const engine::SearchPage& page) {
  if (!page.error.empty()) return kExitUsage;
  const bool any = std::any_of(page.results.begin(), page.results.end(), [](const auto& result) {
    return result.verdict == engine::Tri::kTrue;
  });
  return any ? kExitOk : kExitFindings;
}

}  // namespace

int Run(const SearchCommand& command, Console& console) {
  const auto asker = OpenAsker(command, console);
  if (!asker) return kExitUsage;
  const auto query = QueryOf(command, *asker);
  if (!query) return Complain(console, query.error().message);
  const auto page = SearchTypes(command, *asker, query.value());
  if (!page) return Complain(console, page.error().message);
  Print(page.value(), command.format, Nothing(command.what), console);
  if (command.format == Format::kPretty) {
    const engine::Request& request = query.value().request;
    for (const std::string& hint : MisspeltNames(asker->module(), asker->known(), request)) {
      console.out << "  hint: " << hint << '\n';
    }
  }
  return ExitCodeOf(page.value());
}

int Run(const FindCommand& command, Console& console) {
  if (command.change && command.actor.empty()) {
    return Complain(console, "say who would change it: --actor NAME, or --actor ? to list who may");
  }
  const auto asker = OpenAsker(command, console);
  if (!asker) return kExitUsage;
  auto query = command.change ? ReadChangeSearch(asker->module(), asker->known(),
                                                 WholeChange(command.sentence), command.actor)
                              : ReadSearch(asker->module(), asker->known(), command.sentence);
  if (!query) return Complain(console, query.error().message);
  auto context = ReadContext(asker->module(), command.context);
  if (!context) return Complain(console, context.error().message);
  auto viewer = ReadOptionalName(*asker, command.viewer,
                                 AdmittedTypes(asker->module(), "", QuestionPlace::kSubject));
  if (!viewer) return Complain(console, viewer.error().message);
  query->request.context = *std::move(context);
  query->request.now_us = NowOf(command);
  query->viewer = *std::move(viewer);
  const auto page = asker->Search(*query);
  if (!page) return Complain(console, page.error().message);
  Print(page.value(), command.format, "nothing", console);
  return ExitCodeOf(page.value());
}

}  // namespace portvakt::cli
