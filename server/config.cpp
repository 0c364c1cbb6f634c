// The configuration file read key by key. The one file of the room that knows the YAML library.
#include "server/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>

#include "dsl/dsl.h"

namespace portvakt::server {
namespace {

struct LimitKey {
  const char* name;
  uint32_t Limits::*value;
  uint32_t least;
  uint32_t most;
};

// Below the least the server would refuse good requests; above the most a limit protects nothing.
constexpr LimitKey kLimitKeys[] = {
    {"header_bytes", &Limits::header_bytes, 1024, 1u << 20},
    {"body_bytes", &Limits::body_bytes, 1024, 64u << 20},
    {"connections", &Limits::connections, 1, 1'000'000},
    {"requests_per_connection", &Limits::requests_per_connection, 1, 1'000'000'000},
    {"header_ms", &Limits::header_ms, 100, 600'000},
    {"body_ms", &Limits::body_ms, 100, 600'000},
    {"write_ms", &Limits::write_ms, 100, 600'000},
    {"idle_ms", &Limits::idle_ms, 100, 3'600'000},
    {"drain_ms", &Limits::drain_ms, 0, 600'000},
};

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  ConfigRead Read(std::string_view text) {
    try {
      const YAML::Node root = YAML::Load(std::string(text));
      // A file of comments alone says nothing, which is no fault.
      if (!root.IsNull()) ReadRoot(root);
    } catch (const YAML::Exception& fault) {
      Complain(fault.mark, fault.msg);
    }
    if (!errors_.empty()) return {std::nullopt, std::move(errors_)};
    return {std::move(config_), {}};
  }

 private:
  void Complain(const YAML::Mark& mark, const std::string& message) {
    const std::string place =
        mark.is_null() ? "" : std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
    errors_.push_back(path_ + ":" + (place.empty() ? "1:1" : place) + ": " + message);
  }

  // Calls `take(name, key, value)` for each key of a map, which must be one of `known`.
  template <class Take>
  void ReadMap(const YAML::Node& map, const std::string& what,
               const std::vector<std::string>& known, Take take) {
    if (!map.IsMap()) {
      Complain(map.Mark(), what + " must be a map of keys and values");
      return;
    }
    std::set<std::string> seen;
    for (const auto& entry : map) {
      const YAML::Mark mark = entry.first.Mark();
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        const std::vector<std::string> near = dsl::Suggest(name, known);
        Complain(mark, "no such key `" + name + "`" +
                           (near.empty() ? "" : "; did you mean `" + near.front() + "`?"));
      } else if (!seen.insert(name).second) {
        Complain(mark, "the key `" + name + "` stands twice");
      } else {
        take(name, entry.second);
      }
    }
  }

  void ReadRoot(const YAML::Node& root) {
    static const std::vector<std::string> kKnown = {"listen",  "store",  "policy",       "data",
                                                    "workers", "limits", "trust_callers"};
    ReadMap(root, "the file", kKnown, [&](const std::string& name, const YAML::Node& value) {
      if (name == "listen") {
        config_.has_listen = true;
        ReadText(name, value, config_.server.listen);
      } else if (name == "store") {
        ReadPath(name, value, config_.store.emplace());
      } else if (name == "policy") {
        ReadPath(name, value, config_.policy.emplace());
      } else if (name == "data") {
        ReadData(value);
      } else if (name == "workers") {
        ReadNumber(name, value, 0, kMaxWorkers, config_.server.workers);
      } else if (name == "trust_callers") {
        ReadFlag(name, value, config_.server.trust_callers);
      } else {
        ReadLimits(value);
      }
    });
  }

  void ReadData(const YAML::Node& value) {
    if (!value.IsSequence()) {
      ReadPath("data", value, config_.data.emplace_back());
      return;
    }
    for (const auto& file : value) ReadPath("data", file, config_.data.emplace_back());
  }

  void ReadLimits(const YAML::Node& value) {
    std::vector<std::string> known;
    for (const LimitKey& key : kLimitKeys) known.emplace_back(key.name);
    ReadMap(value, "`limits`", known, [&](const std::string& name, const YAML::Node& number) {
      const auto key = std::find_if(std::begin(kLimitKeys), std::end(kLimitKeys),
                                    [&](const LimitKey& one) { return name == one.name; });
      ReadNumber(name, number, key->least, key->most, config_.server.limits.*key->value);
    });
  }

  bool ReadText(const std::string& name, const YAML::Node& value, std::string& text) {
    if (value.IsScalar() && !value.Scalar().empty()) {
      text = value.Scalar();
      return true;
    }
    Complain(value.Mark(), "`" + name + "` must be a text");
    return false;
  }

  void ReadFlag(const std::string& name, const YAML::Node& value, bool& flag) {
    const std::string text = value.IsScalar() ? value.Scalar() : "";
    if (text == "true" || text == "false") {
      flag = text == "true";
    } else {
      Complain(value.Mark(), "`" + name + "` must be true or false");
    }
  }

  void ReadPath(const std::string& name, const YAML::Node& value, std::string& path) {
    std::string text;
    if (!ReadText(name, value, text)) return;
    const std::filesystem::path written(text);
    path = written.is_absolute()
               ? text
               : (std::filesystem::path(path_).parent_path() / written).lexically_normal().string();
  }

  void ReadNumber(const std::string& name, const YAML::Node& value, uint32_t least, uint32_t most,
                  uint32_t& number) {
    const std::string text = value.IsScalar() ? value.Scalar() : "";
    uint32_t read_number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), read_number);
    const bool is_number =
        !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
    if (is_number && read_number >= least && read_number <= most) {
      number = read_number;
      return;
    }
    Complain(value.Mark(), "`" + name + "` must be a whole number from " + std::to_string(least) +
                               " to " + std::to_string(most));
  }

  std::string path_;
  Config config_;
  std::vector<std::string> errors_;
};

}  // namespace

ConfigRead ParseConfig(std::string_view text, const std::string& path) {
  if (text.size() > kMaxConfigBytes) {
    return {std::nullopt,
            {path + ":1:1: the file is longer than " + std::to_string(kMaxConfigBytes) + " bytes"}};
  }
  return Reader(path).Read(text);
}

ConfigRead ReadConfig(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxConfigBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) return {std::nullopt, {path + ": cannot be read"}};
  text.resize(static_cast<size_t>(file.gcount()));
  return ParseConfig(text, path);
}

}  // namespace portvakt::server
