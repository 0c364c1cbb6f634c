// Typed reading of a configuration file. A section is read by naming its keys; what it does not
// name is a mistake, told with the key that was probably meant. A value of the wrong kind is told
// and leaves its target as it was, so that one run finds all mistakes.
//
//   void ReadLimits(ConfigMap& map, Limits& limits) {
//     map.Number("header_bytes", 1024, 1u << 20, limits.header_bytes);
//     map.Read("proxies", [&](const ConfigValue& value) {
//       value.Items([&](const ConfigValue& item) { item.Text(limits.proxies.emplace_back()); });
//     });
//   }
//
// Readers return whether the value was there and right. All of it lives while one file is read, on
// one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/config_node.h"

namespace portvakt::server {

// What a path in the file is for; `portvakt config check` looks at it accordingly.
enum class PathUse : uint8_t {
  kReadFile,      // a file that is there and can be read
  kSecretFile,    // the same, and only its owner (or group) may read it
  kFileOrFolder,  // one of the two, readable
  kStateFolder,   // made when it is not there, and written to
  kWrittenFile,   // made when it is not there, and written to; its folder is there
};

struct ConfigPath {
  std::string key;  // "certificate"
  std::string path;
  PathUse use;
  dsl::Span span;
};

// Where the values of keys stand, by the keys from the root: "tls.certificate", "data[1]".
using ConfigPlaces = std::map<std::string, dsl::Span, std::less<>>;

// What reading one file has come to.
struct ConfigState {
  ConfigText text;
  std::vector<ConfigPath> paths = {};
  ConfigPlaces places = {};
};

class ConfigMap;

// A value and the key it stands under, or the list that it stands in.
class ConfigValue {
 public:
  // `place` is the key from the root.
  ConfigValue(ConfigState& state, const ConfigNode& node, std::string key, std::string place = "");

  // Not empty.
  bool Text(std::string& text) const;
  // The same, and a text that is `${NAME}` and nothing else is the value of that environment
  // variable: for passwords and the like. Never repeated in a message.
  bool Secret(std::string& text) const;
  // A relative one counts from the folder of the file.
  bool Path(PathUse use, std::string& path) const;
  bool Flag(bool& flag) const;
  template <class Whole>
  bool Number(Whole least, Whole most, Whole& number) const {
    uint64_t whole = 0;
    if (!ReadWhole(least, most, whole)) return false;
    number = static_cast<Whole>(whole);
    return true;
  }
  // With at most six digits behind the point: shares and rates.
  bool Decimal(double least, double most, double& number) const;
  // One of the words; its place among them.
  bool Choice(const std::vector<std::string>& words, size_t& index) const;
  // Each item of a list; one value stands for a list of itself.
  void Items(const std::function<void(const ConfigValue&)>& read) const;
  // Keys that the section names.
  bool Map(const std::function<void(ConfigMap&)>& read) const;
  // Names that the user gives.
  bool Entries(const std::function<void(const std::string& name, const ConfigValue&)>& read) const;

  // A fault that the section finds by itself: lower case, no final period, code in backticks.
  void Complain(std::string message, std::string help = "") const;
  const std::string& key() const { return key_; }

 private:
  bool ReadWhole(uint64_t least, uint64_t most, uint64_t& number) const;
  bool IsMap() const;

  ConfigState* state_;
  const ConfigNode* node_;
  std::string key_;
  std::string place_;
};

class ConfigMap {
 public:
  ConfigMap(ConfigState& state, const ConfigNode& node, std::string place)
      : state_(&state), node_(&node), place_(std::move(place)) {}

  // The value of a key, which the map now knows to be one; empty when it is not there.
  std::optional<ConfigValue> Find(const std::string& key);
  // The same, and a complaint at the map when it is not there.
  std::optional<ConfigValue> Need(const std::string& key);
  // Whether `read` was called.
  bool Read(const std::string& key, const std::function<void(const ConfigValue&)>& read);

  bool Text(const std::string& key, std::string& text);
  bool Secret(const std::string& key, std::string& text);
  bool Path(const std::string& key, PathUse use, std::string& path);
  bool Flag(const std::string& key, bool& flag);
  bool Decimal(const std::string& key, double least, double most, double& number);
  bool Map(const std::string& key, const std::function<void(ConfigMap&)>& read);
  template <class Whole>
  bool Number(const std::string& key, Whole least, Whole most, Whole& number) {
    const std::optional<ConfigValue> value = Find(key);
    return value && value->Number(least, most, number);
  }
  // At the map itself: what is missing in it, or does not go together.
  void Complain(std::string message, std::string help = "") const;

 private:
  friend class ConfigValue;
  // Complains about the keys that nobody asked for.
  void Finish() const;

  ConfigState* state_;
  const ConfigNode* node_;
  std::string place_;
  std::vector<std::string> known_;
};

}  // namespace portvakt::server
