// Values checked and complained about. Numbers are read as written: no signs, no exponents, no
// other bases.
#include "server/config_reader.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace portvakt::server {
namespace {

void Add(ConfigState& state, const ConfigNode& node, std::string message, std::string help = "",
         std::vector<std::string> suggestions = {}) {
  std::vector<std::string> helps;
  if (!help.empty()) helps.push_back(std::move(help));
  state.text.Add({.severity = dsl::Severity::kError,
                  .code = "",
                  .message = std::move(message),
                  .span = state.text.SpanOf(node),
                  .label = "",
                  .related = {},
                  .help = std::move(helps),
                  .suggestions = std::move(suggestions)});
}

std::string InTicks(const std::string& text) { return "`" + text + "`"; }

std::string ScalarOf(const ConfigNode& node) {
  return node.kind == ConfigNode::Kind::kScalar ? node.text : "";
}

// NAME of `${NAME}`; empty when the text is none.
std::optional<std::string> VariableOf(const std::string& text) {
  if (!text.starts_with("${") || !text.ends_with("}")) return std::nullopt;
  return text.substr(2, text.size() - 3);
}

// A number without its trailing zeros.
std::string Shown(double number) {
  std::string text = std::to_string(number);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text;
}

bool IsDecimal(const std::string& text) {
  constexpr size_t kMaxFraction = 6;
  const size_t point = text.find('.');
  const std::string whole = text.substr(0, point);
  const std::string fraction = point == std::string::npos ? "0" : text.substr(point + 1);
  const auto digits = [](const std::string& part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
  };
  return digits(whole) && digits(fraction) && fraction.size() <= kMaxFraction;
}

}  // namespace

// ---- a value ------------------------------------------------------------------------------------

ConfigValue::ConfigValue(ConfigState& state, const ConfigNode& node, std::string key,
                         std::string place)
    : state_(&state), node_(&node), key_(std::move(key)), place_(std::move(place)) {
  if (!place_.empty()) state.places.emplace(place_, state.text.SpanOf(node));
}

void ConfigValue::Complain(std::string message, std::string help) const {
  Add(*state_, *node_, std::move(message), std::move(help));
}

bool ConfigValue::Text(std::string& text) const {
  if (node_->kind == ConfigNode::Kind::kScalar && !node_->text.empty()) {
    text = node_->text;
    return true;
  }
  Complain(InTicks(key_) + " must be a text");
  return false;
}

bool ConfigValue::Secret(std::string& text) const {
  std::string written;
  if (!Text(written)) return false;
  const std::optional<std::string> variable = VariableOf(written);
  if (!variable) {
    text = written;
    return true;
  }
  const char* found = std::getenv(variable->c_str());
  if (found == nullptr || *found == '\0') {
    Complain("the environment variable " + InTicks(*variable) + " is not set",
             "set it where the server is started");
    return false;
  }
  text = found;
  return true;
}

bool ConfigValue::Path(PathUse use, std::string& path) const {
  namespace fs = std::filesystem;
  std::string text;
  if (!Text(text)) return false;
  const fs::path written(text);
  path = written.is_absolute()
             ? text
             : (fs::path(state_->text.path()).parent_path() / written).lexically_normal().string();
  state_->paths.push_back({key_, path, use, state_->text.SpanOf(*node_)});
  return true;
}

bool ConfigValue::Flag(bool& flag) const {
  const std::string text = ScalarOf(*node_);
  if (text == "true" || text == "false") {
    flag = text == "true";
    return true;
  }
  Complain(InTicks(key_) + " must be true or false");
  return false;
}

bool ConfigValue::ReadWhole(uint64_t least, uint64_t most, uint64_t& number) const {
  const std::string text = ScalarOf(*node_);
  uint64_t whole = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), whole);
  const bool is_whole =
      !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (is_whole && whole >= least && whole <= most) {
    number = whole;
    return true;
  }
  Complain(InTicks(key_) + " must be a whole number from " + std::to_string(least) + " to " +
           std::to_string(most));
  return false;
}

bool ConfigValue::Decimal(double least, double most, double& number) const {
  const std::string text = ScalarOf(*node_);
  double read = 0;
  const bool is_number =
      IsDecimal(text) &&
      std::from_chars(text.data(), text.data() + text.size(), read).ec == std::errc();
  if (is_number && read >= least && read <= most) {
    number = read;
    return true;
  }
  Complain(InTicks(key_) + " must be a number from " + Shown(least) + " to " + Shown(most));
  return false;
}

bool ConfigValue::Choice(const std::vector<std::string>& words, size_t& index) const {
  const std::string text = ScalarOf(*node_);
  const auto found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) {
    index = static_cast<size_t>(found - words.begin());
    return true;
  }
  std::string list;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) list += i + 1 == words.size() ? " or " : ", ";
    list += InTicks(words[i]);
  }
  Add(*state_, *node_, InTicks(key_) + " must be " + list, "", dsl::Suggest(text, words));
  return false;
}

void ConfigValue::Items(const std::function<void(const ConfigValue&)>& read) const {
  if (node_->kind != ConfigNode::Kind::kList) {
    read(*this);
    return;
  }
  for (size_t index = 0; index < node_->items.size(); ++index) {
    read(ConfigValue(*state_, node_->items[index], key_,
                     place_ + "[" + std::to_string(index) + "]"));
  }
}

bool ConfigValue::IsMap() const {
  if (node_->kind == ConfigNode::Kind::kMap) return true;
  Complain((key_.empty() ? "the file" : InTicks(key_)) + " must be a map of keys and values");
  return false;
}

bool ConfigValue::Map(const std::function<void(ConfigMap&)>& read) const {
  if (!IsMap()) return false;
  ConfigMap map(*state_, *node_, place_);
  read(map);
  map.Finish();
  return true;
}

bool ConfigValue::Entries(
    const std::function<void(const std::string& name, const ConfigValue&)>& read) const {
  if (!IsMap()) return false;
  for (size_t i = 0; i < node_->entry_count(); ++i) {
    const std::string& name = node_->key(i).text;
    read(name, ConfigValue(*state_, node_->value(i), name, place_ + "." + name));
  }
  return true;
}

// ---- a map --------------------------------------------------------------------------------------

std::optional<ConfigValue> ConfigMap::Find(const std::string& key) {
  known_.push_back(key);
  for (size_t i = 0; i < node_->entry_count(); ++i) {
    if (node_->key(i).text != key) continue;
    return ConfigValue(*state_, node_->value(i), key, place_.empty() ? key : place_ + "." + key);
  }
  return std::nullopt;
}

std::optional<ConfigValue> ConfigMap::Need(const std::string& key) {
  std::optional<ConfigValue> value = Find(key);
  if (!value) Complain("there is no " + InTicks(key) + " here, and it is needed");
  return value;
}

bool ConfigMap::Read(const std::string& key, const std::function<void(const ConfigValue&)>& read) {
  const std::optional<ConfigValue> value = Find(key);
  if (value) read(*value);
  return value.has_value();
}

bool ConfigMap::Text(const std::string& key, std::string& text) {
  const std::optional<ConfigValue> value = Find(key);
  return value && value->Text(text);
}

bool ConfigMap::Secret(const std::string& key, std::string& text) {
  const std::optional<ConfigValue> value = Find(key);
  return value && value->Secret(text);
}

bool ConfigMap::Path(const std::string& key, PathUse use, std::string& path) {
  const std::optional<ConfigValue> value = Find(key);
  return value && value->Path(use, path);
}

bool ConfigMap::Flag(const std::string& key, bool& flag) {
  const std::optional<ConfigValue> value = Find(key);
  return value && value->Flag(flag);
}

bool ConfigMap::Decimal(const std::string& key, double least, double most, double& number) {
  const std::optional<ConfigValue> value = Find(key);
  return value && value->Decimal(least, most, number);
}

bool ConfigMap::Map(const std::string& key, const std::function<void(ConfigMap&)>& read) {
  const std::optional<ConfigValue> value = Find(key);
  return value && value->Map(read);
}

void ConfigMap::Complain(std::string message, std::string help) const {
  Add(*state_, *node_, std::move(message), std::move(help));
}

void ConfigMap::Finish() const {
  for (size_t i = 0; i < node_->entry_count(); ++i) {
    const ConfigNode& key = node_->key(i);
    if (std::find(known_.begin(), known_.end(), key.text) != known_.end()) continue;
    std::vector<std::string> near = dsl::Suggest(key.text, known_);
    std::string help;
    if (near.empty()) {
      for (const std::string& known : known_) help += (help.empty() ? "" : ", ") + InTicks(known);
      help = "the keys here are " + help;
    }
    Add(*state_, key, "no such key " + InTicks(key.text), std::move(help), std::move(near));
  }
}

}  // namespace portvakt::server
