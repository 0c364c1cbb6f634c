// `portvakt matrix`: all permissions of some subjects over some resources, as a table.
#include <set>
#include <utility>

#include "cli/asker.h"
#include "cli/supplied.h"
#include "server/matrix_json.h"

namespace portvakt::cli {

namespace {

engine::Status ReadNames(const Asker& asker, const std::vector<std::string>& texts,
                         const std::string& type, QuestionPlace place,
                         std::vector<engine::EntityName>& names) {
  const dsl::Module& module = asker.module();
  std::set<dsl::TypeId> types = AdmittedTypes(module, "", place);
  if (const dsl::Type* named = FindType(module, type)) {
    types = {static_cast<dsl::TypeId>(named - module.types.data())};
  } else if (!type.empty()) {
    return engine::Error{engine::Error::Code::kInvalid, "no entity type is called `" + type + "`"};
  }
  for (const std::string& text : texts) {
    auto name = ReadName(asker, text, types);
    if (!name) return name.error();
    names.push_back(*std::move(name));
  }
  return engine::Done{};
}

engine::Result<engine::MatrixQuery> QueryOf(const MatrixCommand& command, const Asker& asker) {
  engine::MatrixQuery query;
  auto status = ReadNames(asker, command.subjects, command.subject_type, QuestionPlace::kSubject,
                          query.subjects);
  if (status) {
    status = ReadNames(asker, command.resources, command.resource_type, QuestionPlace::kObject,
                       query.resources);
  }
  if (!status) return status.error();
  query.subject_type = command.subject_type;
  query.resource_type = command.resource_type;
  query.permissions = command.permissions;
  auto context = ReadContext(asker.module(), command.context);
  if (!context) return context.error();
  query.context = *std::move(context);
  query.now_us = NowOf(command);
  auto viewer = ReadOptionalName(asker, command.viewer,
                                 AdmittedTypes(asker.module(), "", QuestionPlace::kSubject));
  if (!viewer) return viewer.error();
  query.viewer = *std::move(viewer);
  return query;
}

}  // namespace

int Run(const MatrixCommand& command, Console& console) {
  const auto asker = OpenAsker(command, console);
  if (!asker) return kExitUsage;
  const auto query = QueryOf(command, *asker);
  if (!query) return Complain(console, query.error().message);
  const auto matrix = asker->FillMatrix(query.value());
  if (!matrix) return Complain(console, matrix.error().message);
  if (command.csv) {
    console.out << engine::MatrixCsv(matrix.value());
  } else if (command.format == Format::kJson) {
    console.out << server::WriteJson(server::MatrixJson(matrix.value()), server::JsonStyle::kPretty)
                << '\n';
  } else {
    console.out << engine::MatrixMarkdown(matrix.value());
  }
  if (matrix.value().complete) return kExitOk;
  return Complain(console, "the matrix is not complete: name fewer subjects or resources");
}

}  // namespace portvakt::cli
