// Paths followed name by name. Objects inside values come as their JSON text (server/request_json),
// so only a path that leads into one has it read again.
#include "server/masking.h"

#include <optional>
#include <span>
#include <utility>

#include "server/json.h"
#include "server/json_text.h"

namespace portvakt::server {
namespace {

using Names = std::span<const std::string>;

bool Meets(const std::string& wanted, std::string_view name) {
  return wanted == "*" || wanted == name;
}

// The rest of the paths that go on below `name`; nothing when one of them ends there.
std::optional<std::vector<Names>> Below(const std::vector<Names>& paths, std::string_view name) {
  std::vector<Names> below;
  for (const Names& path : paths) {
    if (!Meets(path.front(), name)) continue;
    if (path.size() == 1) return std::nullopt;
    below.push_back(path.subspan(1));
  }
  return below;
}

void MaskInside(const std::vector<Names>& paths, JsonValue& value) {
  if (value.is(JsonValue::Kind::kArray)) {
    for (JsonValue& element : value.elements()) MaskInside(paths, element);
  }
  if (!value.is(JsonValue::Kind::kObject)) return;
  for (auto& [name, member] : value.members()) {
    const auto below = Below(paths, name);
    if (!below) {
      member = JsonValue(kMasked);
    } else if (!below->empty()) {
      MaskInside(*below, member);
    }
  }
}

engine::InputValue WithMasksInside(const std::vector<Names>& paths,
                                   const engine::InputValue& value) {
  engine::InputValue masked = value;
  for (engine::InputValue& element : masked.list) element = WithMasksInside(paths, element);
  if (value.kind != engine::InputValue::Kind::kObject) return masked;
  JsonRead read = ReadJson(value.text);
  if (read.value) MaskInside(paths, *read.value);
  masked.text = WriteJson(read.value ? *read.value : JsonValue(kMasked));
  return masked;
}

std::vector<std::string> Split(std::string_view path) {
  std::vector<std::string> names;
  while (true) {
    const size_t point = path.find('.');
    names.emplace_back(path.substr(0, point));
    if (point == std::string_view::npos) return names;
    path.remove_prefix(point + 1);
  }
}

}  // namespace

void MaskedPaths::AppendJsonObject(const engine::InputValues& values, std::string& out) const {
  out.push_back('{');
  bool is_first = true;
  for (const auto& [name, value] : values) {
    if (!is_first) out.push_back(',');
    is_first = false;
    AppendJsonText(name, out);
    out.push_back(':');
    if (paths_.empty()) {
      AppendJsonValue(value, out);
      continue;
    }
    const std::vector<Names> all(paths_.begin(), paths_.end());
    const auto below = Below(all, name);
    if (!below) {
      AppendJsonText(kMasked, out);
    } else {
      AppendJsonValue(below->empty() ? value : WithMasksInside(*below, value), out);
    }
  }
  out.push_back('}');
}

engine::Result<Masks> Masks::Of(const std::vector<std::string>& paths) {
  Masks masks;
  const std::pair<std::string_view, MaskedPaths*> objects[] = {
      {"context.", &masks.context},
      {"subject.properties.", &masks.subject_properties},
      {"action.properties.", &masks.action_properties},
      {"resource.properties.", &masks.resource_properties}};
  for (const std::string& path : paths) {
    bool is_known = path == "subject.id" || path == "resource.id";
    masks.subject_id |= path == "subject.id";
    masks.resource_id |= path == "resource.id";
    for (const auto& [prefix, object] : objects) {
      if (!path.starts_with(prefix)) continue;
      std::vector<std::string> names = Split(std::string_view(path).substr(prefix.size()));
      is_known = true;
      for (const std::string& name : names) is_known &= !name.empty();
      object->Add(std::move(names));
    }
    if (is_known) continue;
    return engine::Error{
        engine::Error::Code::kInvalid,
        "`" + path +
            "` is no path that can be masked; write `subject.id`, `resource.id`, or a name or `*` "
            "after `context.`, `subject.properties.`, `action.properties.` or "
            "`resource.properties.`"};
  }
  return masks;
}

}  // namespace portvakt::server
