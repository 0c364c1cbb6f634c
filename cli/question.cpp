// Which types a permission admits is read off the heads of its rules.
#include "cli/question.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "dsl/dsl.h"

namespace portvakt::cli {

namespace {

// Ids compared with a misspelt one. Beyond it the search would take longer than the answer.
constexpr size_t kMaxIdsCompared = 20'000;

const dsl::Permission* FindPermission(const dsl::Module& module, const std::string& name,
                                      dsl::PermissionId& number) {
  for (number = 0; number < module.permissions.size(); ++number) {
    if (module.permissions[number].name == name) return &module.permissions[number];
  }
  return nullptr;
}

void AddTypes(const std::vector<dsl::TypeId>& types, std::set<dsl::TypeId>& all) {
  all.insert(types.begin(), types.end());
}

bool HasType(const dsl::Module& module, std::string_view name) {
  return std::any_of(module.types.begin(), module.types.end(),
                     [&](const dsl::Type& type) { return !type.is_union && type.name == name; });
}

// One word of a question; what stood before a quotation mark is kept apart.
struct Word {
  std::string before;
  std::string text;
  bool quoted = false;
};

std::optional<std::string> TakeQuoted(std::string_view& text) {
  std::string value;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    value.push_back(text[i]);
  }
  return std::nullopt;
}

engine::Result<std::vector<Word>> SplitWords(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  std::vector<Word> words;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty()) return words;
    Word word;
    const size_t end = std::min(text.find_first_of(" \t\r\n\""), text.size());
    word.text = std::string(text.substr(0, end));
    text.remove_prefix(end);
    if (text.starts_with('"')) {
      auto quoted = TakeQuoted(text);
      if (!quoted) {
        return engine::Error{engine::Error::Code::kInvalid, "a quotation mark is not closed"};
      }
      word.before = std::exchange(word.text, *std::move(quoted));
      word.quoted = true;
    }
    words.push_back(std::move(word));
  }
}

std::string Quoted(const std::string& id) {
  if (!id.empty() && id.find_first_of(" \t\r\n\"") == std::string::npos) return id;
  std::string text = "\"";
  for (const char c : id) {
    if (c == '"' || c == '\\') text.push_back('\\');
    text.push_back(c);
  }
  return text + "\"";
}

// `usr:ada` was read as an id, since no type is called so.
void SuggestType(const dsl::Module& module, const std::string& id,
                 std::vector<std::string>& sentences) {
  const size_t colon = id.find(':');
  if (colon == std::string::npos) return;
  std::vector<std::string> names;
  for (const dsl::Type& type : module.types) {
    if (!type.is_union) names.push_back(type.name);
  }
  const std::vector<std::string> meant = dsl::Suggest(id.substr(0, colon), names);
  if (meant.empty()) return;
  sentences.push_back("no type `" + id.substr(0, colon) + "`; did you mean `" + meant.front() +
                      id.substr(colon) + "`?");
}

void SuggestEntity(const dsl::Module& module, const Known& known, const engine::EntityName& name,
                   std::vector<std::string>& sentences) {
  const dsl::Type* declared = nullptr;
  for (const dsl::Type& type : module.types) {
    if (!type.is_union && type.name == name.type) declared = &type;
  }
  // Any id of an open type is right.
  if (name.id.empty() || declared == nullptr || declared->open || known.exists(name.type, name.id))
    return;
  SuggestType(module, name.id, sentences);
  const std::vector<std::string> ids = known.ids(name.type, kMaxIdsCompared);
  const std::vector<std::string> meant = dsl::Suggest(name.id, ids);
  if (meant.empty()) return;
  sentences.push_back("no " + name.type + " `" + name.id + "`; did you mean `" + meant.front() +
                      "`?");
}

}  // namespace

Known::Known(const engine::View& view) {
  exists = [&view](const std::string& type, std::string_view id) {
    const auto number = view.FindNumber(engine::Space::kType, type);
    return number && view.FindEntity(static_cast<uint16_t>(*number), id).has_value();
  };
  ids = [&view](const std::string& type, size_t most) {
    std::vector<std::string> found;
    const auto number = view.FindNumber(engine::Space::kType, type);
    if (!number) return found;
    std::vector<engine::EntityId> entities;
    view.Entities(static_cast<uint16_t>(*number), entities);
    if (entities.size() > most) return found;
    for (const engine::EntityId entity : entities) {
      found.emplace_back(view.FindRecord(entity).id());
    }
    return found;
  };
}

std::set<dsl::TypeId> AllTypes(const dsl::Module& module) {
  std::set<dsl::TypeId> types;
  for (dsl::TypeId type = 0; type < module.types.size(); ++type) {
    if (!module.types[type].is_union) types.insert(type);
  }
  return types;
}

std::set<dsl::TypeId> AdmittedTypes(const dsl::Module& module, const std::string& permission,
                                    QuestionPlace place) {
  dsl::PermissionId number = 0;
  const dsl::Permission* found = FindPermission(module, permission, number);
  const size_t variable = place == QuestionPlace::kSubject ? 0 : 2;
  std::set<dsl::TypeId> of_permission;
  std::set<dsl::TypeId> of_any;
  for (const dsl::ActRule& rule : module.acts) {
    if (rule.variables.size() <= variable) continue;
    const std::vector<dsl::TypeId>& types = rule.variables[variable].types;
    AddTypes(types, of_any);
    const auto& named = rule.permissions;
    if (found != nullptr && std::binary_search(named.begin(), named.end(), number)) {
      AddTypes(types, of_permission);
    }
  }
  if (found != nullptr && place == QuestionPlace::kObject) {
    // A rule about a union narrows to what the permission acts on.
    std::erase_if(of_permission, [&](dsl::TypeId type) {
      return std::find(found->on.begin(), found->on.end(), type) == found->on.end();
    });
    if (of_permission.empty()) AddTypes(found->on, of_permission);
  }
  if (!of_permission.empty()) return of_permission;
  if (!of_any.empty()) return of_any;
  return AllTypes(module);
}

engine::Result<engine::EntityName> ResolveEntity(const dsl::Module& module, const Known& known,
                                                 const WrittenEntity& written,
                                                 const std::set<dsl::TypeId>& admitted) {
  if (!written.type.empty()) return engine::EntityName{written.type, written.id};
  if (admitted.size() == 1) {
    return engine::EntityName{module.types[*admitted.begin()].name, written.id};
  }
  std::vector<std::string> stored;
  const dsl::Type* open = nullptr;
  for (const dsl::TypeId number : admitted) {
    const dsl::Type& type = module.types[number];
    if (known.exists(type.name, written.id)) stored.push_back(type.name);
    if (type.open && open == nullptr) open = &type;
  }
  if (stored.size() == 1) return engine::EntityName{stored.front(), written.id};
  if (stored.size() > 1) {
    std::string message = "`" + written.id + "` could be several things; write ";
    for (size_t i = 0; i < stored.size(); ++i) {
      if (i > 0) message += i + 1 == stored.size() ? " or " : ", ";
      message += "`" + stored[i] + ":" + written.id + "`";
    }
    return engine::Error{engine::Error::Code::kInvalid, message};
  }
  if (open != nullptr) return engine::EntityName{open->name, written.id};
  const std::string type = admitted.empty() ? "" : module.types[*admitted.begin()].name;
  return engine::EntityName{type, written.id};
}

WrittenEntity ReadEntity(const dsl::Module& module, const std::string& text) {
  const size_t colon = text.find(':');
  if (colon != std::string::npos && HasType(module, std::string_view(text).substr(0, colon))) {
    return {text.substr(0, colon), text.substr(colon + 1)};
  }
  return {"", text};
}

engine::Result<Question> SplitQuestion(const dsl::Module& module, std::string_view text) {
  auto words = SplitWords(text);
  if (!words) return words.error();
  if (words->size() != 3) {
    return engine::Error{engine::Error::Code::kInvalid,
                         "a question has three words: subject, permission, object"};
  }
  Question question;
  question.permission = words.value()[1].text;
  for (const auto& [word, entity] : {std::pair(&words.value()[0], &question.subject),
                                     std::pair(&words.value()[2], &question.object)}) {
    if (!word->quoted) {
      *entity = ReadEntity(module, word->text);
    } else if (word->before.empty() || word->before.ends_with(':')) {
      *entity = {word->before.substr(0, word->before.find(':')), word->text};
    } else {
      return engine::Error{engine::Error::Code::kInvalid,
                           "`" + word->before + "` stands before a quotation mark"};
    }
  }
  return question;
}

std::string WriteQuestion(const Question& question) {
  const auto write = [](const WrittenEntity& entity) {
    return (entity.type.empty() ? "" : entity.type + ":") + Quoted(entity.id);
  };
  return write(question.subject) + " " + question.permission + " " + write(question.object);
}

engine::Result<engine::Request> Resolve(const dsl::Module& module, const Known& known,
                                        const Question& question) {
  engine::Request request;
  request.action = question.permission;
  auto subject = ResolveEntity(module, known, question.subject,
                               AdmittedTypes(module, question.permission, QuestionPlace::kSubject));
  if (!subject) return subject.error();
  auto object = ResolveEntity(module, known, question.object,
                              AdmittedTypes(module, question.permission, QuestionPlace::kObject));
  if (!object) return object.error();
  request.subject = *std::move(subject);
  request.resource = *std::move(object);
  return request;
}

std::vector<std::string> MisspeltNames(const dsl::Module& module, const Known& known,
                                       const engine::Request& request) {
  std::vector<std::string> sentences;
  SuggestEntity(module, known, request.subject, sentences);
  dsl::PermissionId number = 0;
  if (!request.action.empty() && FindPermission(module, request.action, number) == nullptr) {
    std::vector<std::string> names;
    for (const dsl::Permission& permission : module.permissions) names.push_back(permission.name);
    const std::vector<std::string> meant = dsl::Suggest(request.action, names);
    if (!meant.empty()) {
      sentences.push_back("no permission `" + request.action + "`; did you mean `" + meant.front() +
                          "`?");
    }
  }
  SuggestEntity(module, known, request.resource, sentences);
  return sentences;
}

}  // namespace portvakt::cli
