// A policy, its data, and changes proposed on one line:
//   "add fact granted user:david read client:alfa"     a fact by its verb
//   "add role user:eva helper agency:norr lon"         a role, and for which program
//   "add holds user:david full agency:norr", "remove seats agency:norr full"
//   "add entity user:david", "change attribute user:david home"
// `change` adds and removes at once: a value that is replaced.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "engine/judge.h"
#include "engine/verify.h"
#include "tests/engine/policy_world.h"

namespace portvakt::engine {

class JudgeWorld {
 public:
  explicit JudgeWorld(const std::string& policy, const std::string& yaml = "")
      : world_(policy, yaml),
        snapshot_(Read()),
        program_(*ReadProgram(snapshot_.PolicyProgram(1))),
        judge_(program_, clock_) {}

  Snapshot Read() { return std::move(*world_.engine().store().Read()); }
  // The state of the last Renew.
  const Snapshot& view() const { return snapshot_; }
  const Program& program() const { return program_; }
  const Reader::Clock& clock() const { return clock_; }
  Judge& judge() { return judge_; }
  PolicyWorld& world() { return world_; }
  int64_t now_us = 0;

  EntityId Entity(const View& view, const std::string& name) {
    const size_t colon = name.find(':');
    const auto type = view.FindNumber(Space::kType, name.substr(0, colon));
    if (!type) return kNoEntity;
    return view.FindEntity(static_cast<uint16_t>(*type), name.substr(colon + 1))
        .value_or(kNoEntity);
  }

  ProposedChange Propose(const View& view, const std::string& line) {
    std::istringstream words(line);
    std::string operation;
    std::string kind;
    words >> operation >> kind;
    ProposedChange change;
    change.adds = operation != "remove";
    change.removes = operation != "add";
    using Target = ProposedChange::Target;
    static const std::map<std::string, Target> kTargets = {
        {"fact", Target::kFact},   {"role", Target::kRole},     {"holds", Target::kHolds},
        {"seats", Target::kSeats}, {"entity", Target::kEntity}, {"attribute", Target::kAttribute}};
    change.target = kTargets.at(kind);
    std::string word;
    Space space = Space::kPermission;
    if (kind == "role") space = Space::kRole;
    if (kind == "holds" || kind == "seats") space = Space::kLicence;
    if (kind == "fact") {
      words >> word;
      change.relation = Number(view, Space::kRelation, word);
      for (const FactRecord& fact : program_.facts) {
        if (fact.relation == change.relation && fact.symbol_space == kProgramSpace) {
          space = Space::kProgram;
        }
      }
    }
    while (words >> word) {
      if (word.find(':') != std::string::npos) {
        (change.subject == kNoEntity ? change.subject : change.object) = Entity(view, word);
      } else if (kind == "attribute") {
        change.attribute = Number(view, Space::kAttribute, word);
      } else if (change.symbol == kNoIndex) {
        change.symbol = Number(view, space, word);
      } else {
        change.program = Number(view, Space::kProgram, word);
      }
    }
    EXPECT_NE(change.subject, kNoEntity) << line;
    return change;
  }

  ChangeVerdict Ask(const std::string& actor, const std::string& line,
                    const InputValues& context = {}, const std::string& second = "") {
    Asker asker;
    asker.actor = Entity(snapshot_, actor);
    if (!second.empty()) asker.second = Entity(snapshot_, second);
    asker.context = &context;
    asker.now_us = now_us;
    const ProposedChange change = Propose(snapshot_, line);
    ChangeVerdict verdict;
    judge_.AskRules(snapshot_, asker, change, verdict);
    verdict_ = judge_.Verdict(snapshot_, asker, change);
    EXPECT_EQ(verdict_ == Tri::kTrue, verdict.outcome == ChangeVerdict::Outcome::kDone) << line;
    return verdict;
  }
  // The codes of the refusal, or the permits that hold behind a plus, with blanks between.
  std::string Codes(const std::string& actor, const std::string& line,
                    const InputValues& context = {}, const std::string& second = "") {
    const ChangeVerdict verdict = Ask(actor, line, context, second);
    std::string codes;
    const auto add = [&](const std::string& code) { codes += (codes.empty() ? "" : " ") + code; };
    if (verdict.outcome == ChangeVerdict::Outcome::kDone) {
      for (const std::string& rule : verdict.decided_by) add("+" + rule);
    }
    for (const ReasonText& reason : verdict.reasons) add(reason.code);
    return codes;
  }
  // Of the last Ask, three-valued.
  Tri verdict() const { return verdict_; }

 private:
  static uint32_t Number(const View& view, Space space, const std::string& name) {
    const auto number = view.FindNumber(space, name);
    EXPECT_TRUE(number.has_value()) << name;
    return number.value_or(kNoIndex);
  }

  PolicyWorld world_;
  Snapshot snapshot_;
  Program program_;
  Reader::Clock clock_ = [this] { return now_us; };
  Judge judge_;
  Tri verdict_ = Tri::kFalse;
};

}  // namespace portvakt::engine
