// `key=value` and YAML scalars are both text; this is where they get a type.
#include "cli/supplied.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "dsl/dsl.h"

namespace portvakt::cli {

namespace {

using Kind = engine::InputValue::Kind;

std::optional<engine::InputValue> ReadBool(const std::string& text) {
  if (text != "true" && text != "false") return std::nullopt;
  engine::InputValue value;
  value.kind = Kind::kBool;
  value.boolean = text == "true";
  return value;
}

std::optional<engine::InputValue> ReadInteger(const std::string& text) {
  engine::InputValue value;
  value.kind = Kind::kInteger;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value.integer);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<engine::InputValue> ReadDouble(const std::string& text) {
  engine::InputValue value;
  value.kind = Kind::kDouble;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value.number);
  if (error != std::errc() || stop != end || !std::isfinite(value.number)) return std::nullopt;
  return value;
}

engine::InputValue Text(const std::string& text) {
  engine::InputValue value;
  value.kind = Kind::kString;
  value.text = text;
  return value;
}

engine::InputValue ReadScalar(dsl::ValueKind kind, const std::string& text) {
  std::optional<engine::InputValue> value;
  if (kind == dsl::ValueKind::kBool) value = ReadBool(text);
  if (kind == dsl::ValueKind::kInt || kind == dsl::ValueKind::kDecimal) value = ReadInteger(text);
  if (kind == dsl::ValueKind::kDecimal && !value) value = ReadDouble(text);
  return value ? *std::move(value) : Text(text);
}

engine::InputValue ReadUndeclared(const std::string& text) {
  if (auto value = ReadBool(text)) return *std::move(value);
  if (auto value = ReadInteger(text)) return *std::move(value);
  return Text(text);
}

engine::Error Wrong(std::string message) {
  return {engine::Error::Code::kInvalid, std::move(message)};
}

engine::Status Fill(const std::vector<std::string>& written,
                    const std::vector<dsl::Attribute>& declared, const std::string& option,
                    engine::InputValues& values) {
  for (const std::string& text : written) {
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return Wrong("--" + option + " takes KEY=VALUE, not `" + text + "`");
    }
    const std::string name = text.substr(0, equals);
    const bool twice = std::any_of(values.begin(), values.end(),
                                   [&](const auto& value) { return value.first == name; });
    if (twice) return Wrong("--" + option + " gives `" + name + "` twice");
    values.emplace_back(name, ReadInput(FindAttribute(declared, name), text.substr(equals + 1)));
  }
  return engine::Done{};
}

}  // namespace

const dsl::Attribute* FindAttribute(const std::vector<dsl::Attribute>& attributes,
                                    const std::string& name) {
  for (const dsl::Attribute& attribute : attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

const dsl::Type* FindType(const dsl::Module& module, const std::string& name) {
  for (const dsl::Type& type : module.types) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

engine::InputValue ReadInputs(const dsl::Attribute* declared,
                              const std::vector<std::string>& texts) {
  engine::InputValue list;
  list.kind = Kind::kList;
  for (const std::string& text : texts) {
    list.list.push_back(declared != nullptr ? ReadScalar(declared->type.kind, text)
                                            : ReadUndeclared(text));
  }
  return list;
}

engine::InputValue ReadInput(const dsl::Attribute* declared, const std::string& text) {
  if (declared == nullptr) return ReadUndeclared(text);
  if (!declared->type.is_set) return ReadScalar(declared->type.kind, text);
  std::vector<std::string> elements;
  for (size_t begin = 0; begin < text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    elements.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return ReadInputs(declared, elements);
}

std::string NoSuchContext(const dsl::Module& module, const std::string& name) {
  std::vector<std::string> names;
  for (const dsl::Attribute& attribute : module.context) names.push_back(attribute.name);
  std::string message = "the policy's context has no `" + name + "`";
  const std::vector<std::string> meant = dsl::Suggest(name, names);
  if (!meant.empty()) message += "; did you mean `" + meant.front() + "`?";
  return message;
}

engine::Result<engine::InputValues> ReadContext(const dsl::Module& module,
                                                const std::vector<std::string>& written) {
  engine::InputValues values;
  const auto status = Fill(written, module.context, "context", values);
  if (!status) return status.error();
  for (const auto& [name, value] : values) {
    if (FindAttribute(module.context, name) == nullptr) return Wrong(NoSuchContext(module, name));
  }
  return values;
}

engine::Status ApplySupplied(const dsl::Module& module, const Supplied& supplied,
                             engine::Request& request) {
  static const std::vector<dsl::Attribute> none;
  const dsl::Type* subject = FindType(module, request.subject.type);
  const dsl::Type* object = FindType(module, request.resource.type);
  auto context = ReadContext(module, supplied.context);
  if (!context) return context.error();
  request.context = *std::move(context);
  auto status = Fill(supplied.subject, subject != nullptr ? subject->attributes : none, "subject",
                     request.subject_properties);
  if (status) {
    status = Fill(supplied.action, module.action, "action", request.action_properties);
  }
  if (status) {
    status = Fill(supplied.resource, object != nullptr ? object->attributes : none, "object",
                  request.resource_properties);
  }
  return status;
}

}  // namespace portvakt::cli
