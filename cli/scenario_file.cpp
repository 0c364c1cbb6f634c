// The one reader of scenario YAML. yaml-cpp reports by exceptions; they end here. Only known places
// of the document are visited, so that its depth and its aliases cost nothing.
#include "cli/scenario_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "cli/instant.h"
#include "dsl/dsl.h"

namespace portvakt::cli {

namespace {

// When a file says no `now`: a test must not depend on the day that it is run.
constexpr std::string_view kDefaultNow = "2026-01-01T00:00:00Z";

const std::vector<std::string> kCaseKeys = {"name",    "after", "leaves", "facts",
                                            "without", "now",   "steps"};
const std::vector<std::string> kStepKeys = {"can",
                                            "change",
                                            "find",
                                            "missing",
                                            "by",
                                            "with",
                                            "seen_by",
                                            "reason",
                                            "now",
                                            "context",
                                            "expect",
                                            "because",
                                            "notes",
                                            "finds",
                                            "takes",
                                            "subject_properties",
                                            "resource_properties",
                                            "action_properties"};

std::vector<std::string> Both(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

FilePlace PlaceOf(const YAML::Mark& mark) {
  if (mark.is_null()) return {1, 1};
  return {static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1)};
}

class Reader {
 public:
  Reader(std::string path, std::vector<engine::DataFinding>& findings)
      : path_(std::move(path)), findings_(findings) {}

  ScenarioFile Read(const YAML::Node& root) {
    ScenarioFile file;
    const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
    file.policy = Below(folder, "..");
    file.now_us = *ReadInstant(kDefaultNow);
    if (!root.IsMap()) {
      Add(root, "a test file is a mapping with `cases`");
      return file;
    }
    CheckKeys(root, {"policy", "data", "now", "cases"});
    if (const YAML::Node policy = root["policy"])
      file.policy = Below(folder, Text(policy, "policy"));
    if (const YAML::Node data = root["data"]) {
      for (const std::string& name : Texts(data, "data")) file.data.push_back(Below(folder, name));
    }
    if (const YAML::Node now = root["now"]) file.now_us = Instant(now).value_or(0);
    ReadCases(root, file);
    return file;
  }

  void Add(const YAML::Node& node, std::string message, std::string help = "") {
    const FilePlace place = PlaceOf(node.Mark());
    if (findings_.size() >= engine::kMaxDataFindings) return;
    findings_.push_back({path_, place.line, place.column, std::move(message), std::move(help)});
  }

 private:
  static std::string Below(const std::filesystem::path& folder, const std::string& name) {
    const std::string path = (folder / name).lexically_normal().string();
    return path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
  }

  void CheckKeys(const YAML::Node& map, const std::vector<std::string>& known) {
    std::vector<std::string> seen;
    for (const auto& entry : map) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
        Add(entry.first, "the key `" + key + "` stands twice");
      }
      seen.push_back(key);
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      const std::vector<std::string> meant = dsl::Suggest(key, known);
      std::string help = "keys here are ";
      for (const std::string& name : known) help += (name == known.front() ? "" : ", ") + name;
      if (!meant.empty()) help = "did you mean `" + meant.front() + "`?";
      Add(entry.first, "no such key: `" + key + "`", help);
    }
  }

  std::string Text(const YAML::Node& node, const std::string& name) {
    if (node.IsScalar()) return node.Scalar();
    Add(node, "`" + name + "` is a text");
    return {};
  }

  // A list of texts; one text stands for a list of one.
  std::vector<std::string> Texts(const YAML::Node& node, const std::string& name) {
    std::vector<std::string> texts;
    if (node.IsScalar()) return {node.Scalar()};
    if (!node.IsSequence()) {
      Add(node, "`" + name + "` is a list of texts");
      return texts;
    }
    for (const auto& element : node) texts.push_back(Text(element, name));
    return texts;
  }

  std::vector<WrittenSentence> Sentences(const YAML::Node& node, const std::string& name) {
    std::vector<WrittenSentence> sentences;
    if (!node.IsSequence()) {
      Add(node, "`" + name + "` is a list of sentences");
      return sentences;
    }
    for (const auto& element : node) {
      std::string text = Text(element, name);
      std::replace(text.begin(), text.end(), '\n', ' ');
      sentences.push_back({PlaceOf(element.Mark()), std::move(text)});
    }
    return sentences;
  }

  std::optional<int64_t> Instant(const YAML::Node& node) {
    const auto instant = ReadInstant(node.IsScalar() ? node.Scalar() : "");
    if (!instant) Add(node, WhatIsNoInstant(node.IsScalar() ? node.Scalar() : ""));
    return instant;
  }

  void ReadCases(const YAML::Node& root, ScenarioFile& file) {
    const YAML::Node cases = root["cases"];
    if (!cases || !cases.IsSequence() || cases.size() == 0) {
      return Add(cases ? cases : root, "`cases` is a list of at least one case");
    }
    if (cases.size() > kMaxCases) {
      return Add(cases, "more than " + std::to_string(kMaxCases) + " cases; use several files");
    }
    for (const auto& node : cases) {
      if (node.IsMap()) {
        file.cases.push_back(ReadCase(node));
      } else {
        Add(node, "a case is a mapping with `name` and what is asked or done");
      }
    }
  }

  ScenarioCase ReadCase(const YAML::Node& node) {
    ScenarioCase result;
    result.place = PlaceOf(node.Mark());
    const YAML::Node steps = node["steps"];
    CheckKeys(node, steps ? kCaseKeys : Both(kCaseKeys, kStepKeys));
    if (!node["name"]) Add(node, "the case has no `name`");
    if (const YAML::Node name = node["name"]) result.name = Text(name, "name");
    if (const YAML::Node facts = node["facts"]) result.facts = Sentences(facts, "facts");
    if (const YAML::Node without = node["without"]) result.without = Sentences(without, "without");
    ReadStates(node, result);
    if (!steps) {
      result.steps.push_back(ReadStep(node, "case"));
    } else if (!steps.IsSequence() || steps.size() == 0 || steps.size() > kMaxSteps) {
      Add(steps, "`steps` is a list of 1 to " + std::to_string(kMaxSteps) + " steps");
    } else {
      for (const auto& step : steps) {
        if (!step.IsMap()) {
          Add(step, "a step is a mapping with `can`, `change`, `find` or `missing`");
          continue;
        }
        CheckKeys(step, kStepKeys);
        result.steps.push_back(ReadStep(step, "step"));
      }
    }
    if (steps && node["now"] && !result.steps.empty() && !result.steps.front().now_us) {
      result.steps.front().now_us = Instant(node["now"]);
    }
    return result;
  }

  // `leaves` names a state; `after` names one that an earlier case leaves.
  void ReadStates(const YAML::Node& node, ScenarioCase& result) {
    if (const YAML::Node after = node["after"]) {
      result.after = Text(after, "after");
      result.after_place = PlaceOf(after.Mark());
      if (std::find(states_.begin(), states_.end(), result.after) == states_.end()) {
        const std::vector<std::string> meant = dsl::Suggest(result.after, states_);
        Add(after, "no case before this one leaves the state `" + result.after + "`",
            meant.empty() ? "a case names it with `leaves`"
                          : "did you mean `" + meant.front() + "`?");
      }
    }
    const YAML::Node leaves = node["leaves"];
    if (!leaves) return;
    result.leaves = Text(leaves, "leaves");
    if (std::find(states_.begin(), states_.end(), result.leaves) != states_.end()) {
      Add(leaves, "another case leaves a state called `" + result.leaves + "`");
    }
    states_.push_back(result.leaves);
  }

  ScenarioStep ReadStep(const YAML::Node& node, const std::string& what) {
    using Kind = ScenarioStep::Kind;
    ScenarioStep step;
    step.place = PlaceOf(node.Mark());
    const std::pair<const char*, Kind> kinds[] = {{"can", Kind::kCan},
                                                  {"change", Kind::kChange},
                                                  {"find", Kind::kFind},
                                                  {"missing", Kind::kMissing}};
    size_t found = 0;
    for (const auto& [key, kind] : kinds) {
      const YAML::Node asked = node[key];
      if (!asked) continue;
      ++found;
      step.kind = kind;
      step.question_place = PlaceOf(asked.Mark());
      if (kind != Kind::kChange) {
        step.question = Text(asked, key);
      } else if (asked.IsSequence()) {
        step.changes = Sentences(asked, key);
      } else {
        step.changes = {{step.question_place, Text(asked, key)}};
      }
    }
    if (found != 1) {
      Add(node, "the " + what + (found == 0 ? " asks nothing" : " asks several things"),
          "write one of `can`, `change`, `find`, `missing`");
      return step;
    }
    ReadBeside(node, step);
    ReadExpected(node, what, step);
    return step;
  }

  void ReadBeside(const YAML::Node& node, ScenarioStep& step) {
    if (const YAML::Node by = node["by"]) {
      step.actor = Text(by, "by");
      step.actor_place = PlaceOf(by.Mark());
    }
    if (const YAML::Node second = node["with"]) step.second = Text(second, "with");
    if (const YAML::Node viewer = node["seen_by"]) step.viewer = Text(viewer, "seen_by");
    if (const YAML::Node reason = node["reason"]) step.reason = Text(reason, "reason");
    step.context = Values(node, "context");
    step.subject_properties = Values(node, "subject_properties");
    step.resource_properties = Values(node, "resource_properties");
    step.action_properties = Values(node, "action_properties");
    if (const YAML::Node now = node["now"]) step.now_us = Instant(now);
  }

  // Which of `expect`, `finds` and `takes` says what must come, by the kind of step. A change that
  // says nothing must be accepted.
  void ReadExpected(const YAML::Node& node, const std::string& what, ScenarioStep& step) {
    using Kind = ScenarioStep::Kind;
    const bool verdict = step.kind == Kind::kCan || step.kind == Kind::kChange;
    const std::string key = verdict ? "expect" : step.kind == Kind::kFind ? "finds" : "takes";
    for (const char* other : {"expect", "finds", "takes"}) {
      if (node[other] && key != other) {
        Add(node[other], "`" + std::string(other) + "` goes with another kind of " + what,
            "here `" + key + "` says what must come");
      }
    }
    const YAML::Node expected = node[key];
    if (!expected && step.kind != Kind::kChange) {
      return Add(node, "the " + what + " has no `" + key + "`");
    }
    if (expected && !verdict) step.expected = Texts(expected, key);
    if (expected && verdict) {
      const std::string text = Text(expected, "expect");
      const std::string yes = step.kind == Kind::kCan ? "permit" : "accepted";
      const std::string no = step.kind == Kind::kCan ? "deny" : "refused";
      step.expect_yes = text == yes;
      if (text != yes && text != no) Add(expected, "`expect` is " + yes + " or " + no);
    }
    if (const YAML::Node because = node["because"]) {
      if (because.IsScalar()) {
        step.primary = because.Scalar();
      } else {
        step.because = Texts(because, "because");
      }
    }
    if (const YAML::Node notes = node["notes"]) step.notes = Texts(notes, "notes");
  }

  std::vector<WrittenValue> Values(const YAML::Node& node, const std::string& key) {
    std::vector<WrittenValue> values;
    const YAML::Node map = node[key];
    if (!map) return values;
    if (!map.IsMap()) {
      Add(map, "`" + key + "` is a mapping of names to values");
      return values;
    }
    for (const auto& entry : map) {
      WrittenValue value;
      value.name = Text(entry.first, key);
      value.place = PlaceOf(entry.first.Mark());
      if (entry.second.IsSequence()) {
        value.is_list = true;
        value.list = Texts(entry.second, value.name);
      } else {
        value.text = Text(entry.second, value.name);
        value.quoted = entry.second.Tag() == "!";
      }
      values.push_back(std::move(value));
    }
    return values;
  }

  std::string path_;
  std::vector<engine::DataFinding>& findings_;
  std::vector<std::string> states_;  // that cases have left so far
};

}  // namespace

std::optional<ScenarioFile> ReadScenarioFile(const std::string& path, std::string_view text,
                                             std::vector<engine::DataFinding>& findings) {
  const size_t before = findings.size();
  if (text.size() > kMaxScenarioBytes) {
    findings.push_back({path, 1, 1,
                        "a test file has at most " + std::to_string(kMaxScenarioBytes) + " bytes",
                        "divide it"});
    return std::nullopt;
  }
  try {
    ScenarioFile file = Reader(path, findings).Read(YAML::Load(std::string(text)));
    if (findings.size() > before) return std::nullopt;
    return file;
  } catch (const YAML::Exception& error) {
    const FilePlace place = PlaceOf(error.mark);
    findings.push_back({path, place.line, place.column, "not YAML: " + error.msg, ""});
  } catch (const std::exception& error) {
    findings.push_back({path, 1, 1, std::string("not YAML: ") + error.what(), ""});
  }
  return std::nullopt;
}

}  // namespace portvakt::cli
