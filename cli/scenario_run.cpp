// One store a file holds the policy and the data. A case with facts of its own gets a copy of it,
// so that no case can see what another one changed.
#include "cli/scenario_run.h"

#include <filesystem>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "cli/answer.h"
#include "cli/files.h"
#include "cli/question.h"
#include "cli/supplied.h"
#include "engine/engine.h"

namespace portvakt::cli {

namespace {

// The engine is destroyed before the folder that it lies in.
struct Scratch {
  std::optional<TemporaryFolder> folder;
  std::unique_ptr<engine::Engine> engine;
};

std::string Join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::vector<std::string> Codes(const std::vector<engine::ReasonText>& reasons) {
  std::vector<std::string> codes;
  for (const engine::ReasonText& reason : reasons) codes.push_back(reason.code);
  return codes;
}

std::string DescribeExpected(const ScenarioCase& wanted) {
  std::string text = wanted.expect_permit ? "permit" : "deny";
  if (wanted.primary) text += " because " + *wanted.primary + " (first)";
  if (wanted.because)
    text += wanted.because->empty() ? " without reasons" : " because " + Join(*wanted.because);
  if (wanted.notes) text += wanted.notes->empty() ? ", no notes" : ", notes " + Join(*wanted.notes);
  return text;
}

std::string DescribeActual(const engine::Explanation& explanation,
                           const std::vector<std::string>& notes) {
  std::string text = explanation.decision.permit ? "permit" : "deny";
  const std::vector<std::string> codes = Codes(explanation.reasons);
  if (!codes.empty()) text += " because " + Join(codes);
  if (!notes.empty()) text += ", notes " + Join(notes);
  return text;
}

bool Agrees(const ScenarioCase& wanted, const engine::Explanation& explanation,
            const std::vector<std::string>& notes) {
  if (explanation.decision.permit != wanted.expect_permit) return false;
  const std::vector<std::string> codes = Codes(explanation.reasons);
  if (wanted.primary && (codes.empty() || codes.front() != *wanted.primary)) return false;
  if (wanted.because && codes != *wanted.because) return false;
  return !wanted.notes || notes == *wanted.notes;
}

class FileRunner {
 public:
  FileRunner(std::string path, const Policy& policy, const ScenarioFile& file,
             ScenarioReport& report)
      : path_(std::move(path)), policy_(policy), file_(file), report_(report) {}

  void Run(std::string_view filter) {
    if (!OpenBase()) return;
    for (const ScenarioCase& wanted : file_.cases) {
      if (wanted.name.find(filter) == std::string::npos) continue;
      RunCase(wanted);
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
    engine::Engine::Options options;
    options.store.sync = false;
    options.now_us = [now_us] { return now_us; };
    auto opened = engine::Engine::Open(scratch.folder->path(), options);
    if (opened) {
      scratch.engine = std::move(*opened);
      return true;
    }
    Fail(opened.error().message);
    return false;
  }

  bool MakeFolder(Scratch& scratch) {
    std::string error;
    scratch.folder = TemporaryFolder::Create(error);
    if (!scratch.folder) Fail(error);
    return scratch.folder.has_value();
  }

  bool OpenBase() {
    if (!MakeFolder(base_) || !Open(base_, file_.now_us)) return false;
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
  bool CopyBase(Scratch& copy) {
    namespace fs = std::filesystem;
    std::error_code code;
    for (fs::directory_iterator entry(base_.folder->path(), code), end; !code && entry != end;
         entry.increment(code)) {
      const fs::path name = entry->path().filename();
      if (name == "lock.mdb") continue;
      fs::copy_file(entry->path(), fs::path(copy.folder->path()) / name, code);
      if (code) break;
    }
    if (code) Fail(code.message());
    return !code;
  }

  // False when the case cannot be asked; then there is a finding or an error.
  bool OpenOwn(const ScenarioCase& wanted, Scratch& own) {
    if (!MakeFolder(own) || !CopyBase(own) || !Open(own, NowOf(wanted))) return false;
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

  int64_t NowOf(const ScenarioCase& wanted) const { return wanted.now_us.value_or(file_.now_us); }

  engine::InputValues Inputs(const std::vector<WrittenValue>& written,
                             const std::vector<dsl::Attribute>* declared) {
    engine::InputValues values;
    for (const WrittenValue& value : written) {
      const dsl::Attribute* attribute =
          declared != nullptr ? FindAttribute(*declared, value.name) : nullptr;
      engine::InputValue input;
      if (value.is_list) {
        input = ReadInputs(attribute, value.list);
      } else if (value.quoted) {
        input.kind = engine::InputValue::Kind::kString;
        input.text = value.text;
      } else {
        input = ReadInput(attribute, value.text);
      }
      values.emplace_back(value.name, std::move(input));
    }
    return values;
  }

  std::optional<engine::Request> RequestOf(const ScenarioCase& wanted,
                                           const engine::Snapshot& snapshot) {
    const dsl::Module& module = *policy_.module;
    const auto question = SplitQuestion(module, wanted.question);
    if (!question) {
      AddFinding(wanted.question_place, question.error().message);
      return std::nullopt;
    }
    auto request = Resolve(module, snapshot, question.value());
    if (!request) {
      AddFinding(wanted.question_place, request.error().message);
      return std::nullopt;
    }
    for (const WrittenValue& value : wanted.context) {
      if (FindAttribute(module.context, value.name) != nullptr) continue;
      AddFinding(value.place, NoSuchContext(module, value.name));
      return std::nullopt;
    }
    const dsl::Type* subject = FindType(module, request->subject.type);
    const dsl::Type* object = FindType(module, request->resource.type);
    request->context = Inputs(wanted.context, &module.context);
    request->subject_properties =
        Inputs(wanted.subject_properties, subject != nullptr ? &subject->attributes : nullptr);
    request->resource_properties =
        Inputs(wanted.resource_properties, object != nullptr ? &object->attributes : nullptr);
    request->action_properties = Inputs(wanted.action_properties, &module.action);
    request->now_us = NowOf(wanted);
    return *std::move(request);
  }

  void RunCase(const ScenarioCase& wanted) {
    Scratch own;
    const bool changes = !wanted.facts.empty() || !wanted.without.empty();
    if (changes && !OpenOwn(wanted, own)) return;
    auto session = (changes ? own : base_).engine->NewSession();
    if (!session) return Fail(session.error().message);
    if (const auto refreshed = session->Refresh(); !refreshed) {
      return Fail(refreshed.error().message);
    }
    const auto request = RequestOf(wanted, session->snapshot());
    if (request) Judge(wanted, *request, *session);
  }

  void Judge(const ScenarioCase& wanted, const engine::Request& request, engine::Session& session) {
    const engine::Explanation explanation = session.Explain(request);
    const std::vector<std::string> notes =
        Codes(explanation.decision.permit ? explanation.decision.obligations : explanation.notes);
    CaseResult result;
    result.file = path_;
    result.line = wanted.place.line;
    result.column = wanted.place.column;
    result.name = wanted.name;
    result.question = wanted.question;
    result.expected = DescribeExpected(wanted);
    result.actual = DescribeActual(explanation, notes);
    result.passed = Agrees(wanted, explanation, notes);
    // The quick way and the explaining way are one law; a test file is a good place to see it
    // broken.
    if (session.Decide(request).permit != explanation.decision.permit) {
      result.passed = false;
      result.actual += " (but without an explanation the answer differs)";
    }
    if (!result.passed) {
      result.explanation = DescribeAnswer(explanation, {true, policy_.root});
      for (const auto& hint : MisspeltNames(*policy_.module, session.snapshot(), request)) {
        result.explanation += "  hint: " + hint + "\n";
      }
    }
    report_.cases.push_back(std::move(result));
  }

  std::string path_;
  const Policy& policy_;
  const ScenarioFile& file_;
  ScenarioReport& report_;
  Scratch base_;
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
