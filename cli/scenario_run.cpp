// One store a file holds the policy and the data. A case that changes anything gets a copy of it,
// or of the state that it comes after, so that no case sees what another one changed.
#include "cli/scenario_run.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "cli/files.h"
#include "cli/scenario_step.h"
#include "engine/engine.h"

namespace portvakt::cli {

namespace {

// The engine is destroyed before the folder that it lies in.
struct Scratch {
  std::optional<TemporaryFolder> folder;
  std::unique_ptr<engine::Engine> engine;
  std::shared_ptr<int64_t> now_us = std::make_shared<int64_t>(0);  // the engine's clock
};

// What a case has left: its store, closed, and where the clock stood.
struct State {
  const ScenarioCase* maker = nullptr;
  bool tried = false;
  bool reached = false;
  std::optional<TemporaryFolder> folder;
  int64_t now_us = 0;
};

class FileRunner {
 public:
  FileRunner(std::string path, const Policy& policy, const ScenarioFile& file,
             ScenarioReport& report)
      : path_(std::move(path)), policy_(policy), file_(file), report_(report) {}

  void Run(std::string_view filter) {
    for (const ScenarioCase& wanted : file_.cases) {
      if (!wanted.leaves.empty()) states_[wanted.leaves].maker = &wanted;
    }
    if (!OpenBase()) return;
    for (const ScenarioCase& wanted : file_.cases) {
      if (wanted.name.find(filter) == std::string::npos) continue;
      if (auto result = RunCase(wanted)) report_.cases.push_back(*std::move(result));
      if (!report_.error.empty()) return;
    }
  }

 private:
  void Fail(const std::string& message) { report_.error = path_ + ": " + message; }

  void AddFinding(const FilePlace& place, std::string message, std::string help = "") {
    report_.findings.push_back(
        {path_, place.line, place.column, std::move(message), std::move(help)});
  }

  // An empty folder with an engine in it, whose clock stands at `now_us`.
  bool Open(Scratch& scratch, int64_t now_us) {
    *scratch.now_us = now_us;
    engine::Engine::Options options;
    options.store.sync = false;
    options.now_us = [clock = scratch.now_us] { return *clock; };
    auto opened = engine::Engine::Open(scratch.folder->path(), options);
    if (opened) {
      scratch.engine = std::move(*opened);
      return true;
    }
    Fail(opened.error().message);
    return false;
  }

  bool MakeFolder(std::optional<TemporaryFolder>& folder) {
    std::string error;
    folder = TemporaryFolder::Create(error);
    if (!folder) Fail(error);
    return folder.has_value();
  }

  bool OpenBase() {
    if (!MakeFolder(base_.folder) || !Open(base_, file_.now_us)) return false;
    const auto version = base_.engine->InstallPolicy(policy_.sources, *policy_.module, {});
    if (!version) {
      Fail(version.error().message);
      return false;
    }
    const size_t before = report_.findings.size();
    for (const std::string& data : file_.data) {
      if (!Exists(data)) {
        AddFinding({1, 1}, "no such data file: " + data);
        continue;
      }
      const engine::LoadReport loaded = engine::LoadFile(*base_.engine, *policy_.module, data);
      report_.findings.insert(report_.findings.end(), loaded.findings.begin(),
                              loaded.findings.end());
    }
    return report_.findings.size() == before;
  }

  // All but the lock file: closing any descriptor of it would drop the locks of the open store.
  bool Copy(const TemporaryFolder& from, const TemporaryFolder& to) {
    namespace fs = std::filesystem;
    std::error_code code;
    for (fs::directory_iterator entry(from.path(), code), end; !code && entry != end;
         entry.increment(code)) {
      const fs::path name = entry->path().filename();
      if (name == "lock.mdb") continue;
      fs::copy_file(entry->path(), fs::path(to.path()) / name, code);
      if (code) break;
    }
    if (code) Fail(code.message());
    return !code;
  }

  // The state that the case starts from; null when it was not reached. Cases that a filter left out
  // are taken for the states that they leave, the first ones first.
  const State* StartOf(const ScenarioCase& wanted) {
    std::vector<const ScenarioCase*> makers;
    for (const ScenarioCase* at = &wanted; !at->after.empty() && !states_[at->after].tried;) {
      at = states_[at->after].maker;
      makers.push_back(at);
    }
    for (; !makers.empty(); makers.pop_back()) RunCase(*makers.back());
    const State& state = states_[wanted.after];
    return state.reached ? &state : nullptr;
  }

  // False when the case cannot be taken; then there is a finding or an error.
  bool OpenOwn(const ScenarioCase& wanted, const State* start, Scratch& own) {
    const int64_t now_us = start != nullptr ? start->now_us : file_.now_us;
    if (!MakeFolder(own.folder) ||
        !Copy(start != nullptr ? *start->folder : *base_.folder, *own.folder) ||
        !Open(own, wanted.steps.front().now_us.value_or(now_us))) {
      return false;
    }
    std::vector<std::string> without;
    for (const WrittenSentence& sentence : wanted.without) without.push_back(sentence.text);
    std::string facts;
    for (const WrittenSentence& sentence : wanted.facts) facts += sentence.text + "\n";
    if (!without.empty()) {
      const auto removed = engine::RemoveSentences(*own.engine, *policy_.module, without);
      if (!TakeFindings(removed.findings, wanted.without)) return false;
    }
    if (facts.empty()) return true;
    std::istringstream stream(facts);
    const auto added = engine::LoadText(*own.engine, *policy_.module, path_, stream);
    return TakeFindings(added.findings, wanted.facts);
  }

  // The loader numbers sentences from 1, as lines.
  bool TakeFindings(const std::vector<engine::DataFinding>& findings,
                    const std::vector<WrittenSentence>& sentences) {
    for (const engine::DataFinding& finding : findings) {
      const size_t index =
          finding.line > 0 && finding.line <= sentences.size() ? finding.line - 1 : 0;
      AddFinding(sentences[index].place, finding.message, finding.help);
    }
    return findings.empty();
  }

  // A case that only asks, of the data as it was loaded, needs no copy of the store.
  static bool OnlyAsks(const ScenarioCase& wanted) {
    return wanted.facts.empty() && wanted.without.empty() && wanted.after.empty() &&
           wanted.leaves.empty() && wanted.steps.size() == 1 &&
           wanted.steps.front().kind != ScenarioStep::Kind::kChange;
  }

  // Empty after a finding or an error.
  std::optional<CaseResult> RunCase(const ScenarioCase& wanted) {
    State* const left = wanted.leaves.empty() ? nullptr : &states_[wanted.leaves];
    if (left != nullptr) left->tried = true;
    const State* start = nullptr;
    if (!wanted.after.empty() && (start = StartOf(wanted)) == nullptr) {
      if (!report_.error.empty()) return std::nullopt;
      return NotReached(wanted);
    }
    if (OnlyAsks(wanted)) return TakeSteps(wanted, base_);
    Scratch own;
    if (!OpenOwn(wanted, start, own)) return std::nullopt;
    auto result = TakeSteps(wanted, own);
    if (left == nullptr || !result || !result->passed) return result;
    left->now_us = *own.now_us;
    own.engine.reset();
    left->folder = std::move(own.folder);
    left->reached = true;
    return result;
  }

  CaseResult ResultAt(const ScenarioCase& wanted, const FilePlace& place) const {
    CaseResult result;
    result.file = path_;
    result.line = place.line;
    result.column = place.column;
    result.name = wanted.name;
    return result;
  }

  CaseResult NotReached(const ScenarioCase& wanted) const {
    CaseResult result = ResultAt(wanted, wanted.after_place);
    result.question = "after " + wanted.after;
    result.expected =
        "the state that the case `" + states_.at(wanted.after).maker->name + "` leaves";
    result.actual = "that case failed";
    return result;
  }

  // The first step that fails speaks for the case; the last one when none does.
  std::optional<CaseResult> TakeSteps(const ScenarioCase& wanted, Scratch& scratch) {
    CaseResult result = ResultAt(wanted, wanted.place);
    for (const ScenarioStep& step : wanted.steps) {
      // Only questions come to the base, whose clock is every other case's, too.
      const int64_t now_us = step.now_us.value_or(*scratch.now_us);
      if (&scratch != &base_) *scratch.now_us = now_us;
      StepFinding finding;
      auto taken = TakeStep(step, policy_, *scratch.engine, now_us, finding);
      if (!taken) {
        AddFinding(finding.place, finding.message);
        return std::nullopt;
      }
      result = ResultAt(wanted, step.place);
      result.question = std::move(taken->question);
      result.expected = std::move(taken->expected);
      result.actual = std::move(taken->actual);
      result.explanation = std::move(taken->explanation);
      result.passed = taken->passed;
      if (!result.passed) break;
    }
    return result;
  }

  std::string path_;
  const Policy& policy_;
  const ScenarioFile& file_;
  ScenarioReport& report_;
  Scratch base_;
  std::map<std::string, State> states_;
};

// Null after adding findings.
const Policy* FindPolicy(const std::string& test, const std::string& path, PolicyCache& policies,
                         ScenarioReport& report) {
  auto known = policies.find(path);
  const bool first = known == policies.end();
  if (first) known = policies.emplace(path, ReadPolicy({path})).first;
  const Policy& policy = known->second;
  if (policy.module) return &policy;
  if (!policy.error.empty()) {
    report.findings.push_back({test, 1, 1, policy.error, "`policy:` names its folder"});
    return nullptr;
  }
  if (!first) return nullptr;  // told already
  for (const dsl::Diagnostic& finding : policy.findings.Sorted()) {
    if (finding.severity() != dsl::Severity::kError) continue;
    const dsl::Position position = policy.shown.Locate(finding.span.file, finding.span.begin);
    report.findings.push_back({policy.shown.file(finding.span.file).name, position.line,
                               position.column, finding.message,
                               "`portvakt check " + path + "` shows more"});
  }
  return nullptr;
}

}  // namespace

void RunScenarioFile(const std::string& path, std::string_view filter, PolicyCache& policies,
                     ScenarioReport& report) {
  std::string error;
  const auto text = ReadWholeFile(path, kMaxScenarioBytes, error);
  if (!text) {
    report.error = path + ": " + error;
    return;
  }
  const auto file = ReadScenarioFile(path, *text, report.findings);
  if (!file) return;
  const Policy* policy = FindPolicy(path, file->policy, policies, report);
  if (policy != nullptr) FileRunner(path, *policy, *file, report).Run(filter);
}

}  // namespace portvakt::cli
