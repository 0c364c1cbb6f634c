// A policy and its data, given as texts, in an engine of their own; and questions to it on one
// line:
//   world.Ask("user anna view document d1")
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "dsl/dsl.h"
#include "engine/calendar.h"
#include "engine/engine.h"
#include "engine/load.h"
#include "tests/engine/scratch_store.h"

namespace portvakt::engine {

inline InputValue TextInput(std::string text) {
  InputValue value;
  value.kind = InputValue::Kind::kString;
  value.text = std::move(text);
  return value;
}
inline InputValue IntegerInput(int64_t integer) {
  InputValue value;
  value.kind = InputValue::Kind::kInteger;
  value.integer = integer;
  return value;
}
inline InputValue DoubleInput(double number) {
  InputValue value;
  value.kind = InputValue::Kind::kDouble;
  value.number = number;
  return value;
}
inline InputValue BoolInput(bool boolean) {
  InputValue value;
  value.kind = InputValue::Kind::kBool;
  value.boolean = boolean;
  return value;
}
inline InputValue ListInput(std::vector<InputValue> list) {
  InputValue value;
  value.kind = InputValue::Kind::kList;
  value.list = std::move(list);
  return value;
}

class PolicyWorld {
 public:
  explicit PolicyWorld(const std::string& policy, const std::string& yaml = "") {
    Engine::Options options;
    options.store = kScratchOptions;
    options.now_us = [this] { return now_us; };
    auto opened = Engine::Open(directory_.path(), options);
    EXPECT_TRUE(opened.ok());
    engine_ = std::move(*opened);
    Install(policy);
    if (!yaml.empty()) Load(yaml);
  }

  uint32_t Install(const std::string& policy) {
    dsl::SourceSet sources;
    sources.Add("policy.vakt", policy);
    dsl::Diagnostics findings;
    module_ = dsl::Compile(sources, findings);
    for (const dsl::Diagnostic& finding : findings.all()) {
      EXPECT_TRUE(module_.has_value()) << dsl::Render(finding, sources);
    }
    if (!module_) return 0;
    Result<uint32_t> version = engine_->InstallPolicy(sources, *module_, {});
    EXPECT_TRUE(version.ok()) << (version.ok() ? "" : version.error().message);
    return version.ok() ? *version : 0;
  }
  void Load(const std::string& yaml) {
    const LoadReport report = LoadYaml(*engine_, *module_, "data.yaml", yaml);
    for (const DataFinding& finding : report.findings) {
      ADD_FAILURE() << finding.line << ": " << finding.message;
    }
  }

  static Request ToRequest(const std::string& question) {
    Request request;
    std::istringstream words(question);
    words >> request.subject.type >> request.subject.id >> request.action >>
        request.resource.type >> request.resource.id;
    return request;
  }
  Session NewSession() {
    Result<Session> session = engine_->NewSession();
    EXPECT_TRUE(session.ok());
    const Status status = session->Refresh();
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().message);
    return std::move(*session);
  }
  // The verdict; both ways of asking must give it.
  Tri Ask(const Request& request) {
    Session session = NewSession();
    const Decision decision = session.Decide(request);
    EXPECT_EQ(decision.permit, decision.verdict == Tri::kTrue);
    EXPECT_EQ(session.Explain(request).decision.verdict, decision.verdict);
    return decision.verdict;
  }
  Tri Ask(const std::string& question, const InputValues& context = {}) {
    Request request = ToRequest(question);
    request.context = context;
    return Ask(request);
  }
  Explanation Why(const std::string& question, const InputValues& context = {}) {
    Request request = ToRequest(question);
    request.context = context;
    return NewSession().Explain(request);
  }
  // Codes of the reasons, with blanks between.
  std::string Codes(const std::string& question, const InputValues& context = {}) {
    std::string codes;
    for (const ReasonText& reason : Why(question, context).reasons) {
      codes += (codes.empty() ? "" : " ") + reason.code;
    }
    return codes;
  }

  Engine& engine() { return *engine_; }
  const dsl::Module& module() const { return *module_; }

  int64_t now_us = 0;

 private:
  ScratchDirectory directory_;
  std::unique_ptr<Engine> engine_;
  std::optional<dsl::Module> module_;
};

inline std::ostream& operator<<(std::ostream& out, Tri value) {
  return out << (value == Tri::kTrue ? "true" : value == Tri::kFalse ? "false" : "unknown");
}

}  // namespace portvakt::engine
