// Steps of several changes judged by the limits of a policy. A line is one change, as in
// judge_world.h, with values:
//   "add seats agency:norr full 3"                      owned from now on
//   "add entity user:new home=agency:norr"              references alone
//   "change attribute user:eva home=agency:syd"
//   "add fact granted user:david read client:alfa until=5"   microseconds
#pragma once

#include "engine/overlay.h"
#include "tests/engine/judge_world.h"

namespace portvakt::engine {

class LimitWorld : public JudgeWorld {
 public:
  LimitWorld(const std::string& policy, const std::string& yaml)
      : JudgeWorld(policy, yaml), state_(view()) {}

  Overlay& state() { return state_; }

  // Makes all of the step; the verdict is the limits'.
  ChangeVerdict Step(const std::vector<std::string>& lines) {
    std::vector<Parsed> parsed;
    std::vector<ProposedChange> changes;
    for (const std::string& line : lines) {
      parsed.push_back(Parse(line));
      changes.push_back(parsed.back().change);
    }
    ChangeVerdict verdict;
    judge().Before(state_, changes, now_us);
    for (const Parsed& each : parsed) Make(each);
    judge().After(state_, changes, verdict);
    return verdict;
  }
  // "limit: text" of each limit that the step breaks further, with semicolons between.
  std::string Broken(const std::vector<std::string>& lines) {
    const ChangeVerdict verdict = Step(lines);
    EXPECT_EQ(verdict.limits.empty(), verdict.outcome == ChangeVerdict::Outcome::kDone);
    EXPECT_EQ(verdict.limits.size(), verdict.reasons.size());
    std::string text;
    for (const ReasonText& reason : verdict.reasons) {
      text += (text.empty() ? "" : "; ") + reason.code + ": " + reason.text;
    }
    return text;
  }
  // The same, taken back.
  std::string Would(const std::vector<std::string>& lines) {
    const size_t before = state_.changes().size();
    std::string text = Broken(lines);
    state_.Undo(before);
    return text;
  }

 private:
  struct Parsed {
    ProposedChange change;
    std::string id;  // of a new entity
    std::vector<StoredAttribute> attributes;
    Validity validity;
    uint32_t seats = 0;
  };

  Parsed Parse(const std::string& line) {
    Parsed parsed;
    std::string plain;
    std::istringstream words(line);
    std::string word;
    const bool creates = line.starts_with("add entity");
    while (words >> word) {
      const size_t equals = word.find('=');
      if (equals != std::string::npos && word.substr(0, equals) == "until") {
        parsed.validity.until_us = std::stoll(word.substr(equals + 1));
      } else if (equals != std::string::npos) {
        const std::string name = word.substr(0, equals);
        StoredAttribute attribute;
        attribute.attribute =
            static_cast<uint16_t>(state_.FindNumber(Space::kAttribute, name).value_or(0));
        attribute.value.kind = StoredValue::Kind::kEntity;
        attribute.value.number = static_cast<int64_t>(Entity(state_, word.substr(equals + 1)));
        parsed.attributes.push_back(attribute);
        if (!creates) plain += " " + name;
      } else if (word.find_first_not_of("0123456789") == std::string::npos) {
        parsed.seats = static_cast<uint32_t>(std::stoul(word));
      } else if (creates && word.find(':') != std::string::npos) {
        const size_t colon = word.find(':');
        const auto type = static_cast<uint16_t>(
            state_.FindNumber(Space::kType, word.substr(0, colon)).value_or(0));
        parsed.id = word.substr(colon + 1);
        parsed.change.subject = MakeEntity(type, state_.NextIndex(type));
      } else {
        plain += " " + word;
      }
    }
    if (!creates) {
      parsed.change = Propose(state_, plain);
      return parsed;
    }
    parsed.change.target = ProposedChange::Target::kEntity;
    parsed.change.adds = true;
    return parsed;
  }

  void Make(const Parsed& parsed) {
    const ProposedChange& change = parsed.change;
    FactKey fact{0, static_cast<uint16_t>(change.symbol == kNoIndex ? 0 : change.symbol),
                 change.subject, change.object};
    using Target = ProposedChange::Target;
    switch (change.target) {
      case Target::kFact: fact.relation = static_cast<uint16_t>(change.relation); break;
      case Target::kRole:
        fact.relation = static_cast<uint16_t>(program().header().is_relation);
        for (const RoleRecord& role : program().roles) {
          if (role.number != change.symbol || role.for_program == 0) continue;
          fact.relation = static_cast<uint16_t>(role.program_relation);
          fact.symbol = static_cast<uint16_t>(change.program);
        }
        break;
      case Target::kHolds:
        fact.relation = static_cast<uint16_t>(program().header().holds_relation);
        break;
      case Target::kSeats:
        state_.SetSeats(change.subject, static_cast<uint16_t>(change.symbol), parsed.seats);
        return;
      case Target::kEntity:
        if (change.adds) {
          EXPECT_EQ(state_.Create(TypeOf(change.subject), parsed.id, parsed.attributes),
                    change.subject);
        } else {
          EXPECT_TRUE(state_.RemoveEntity(change.subject));
        }
        return;
      case Target::kAttribute: {
        std::vector<StoredAttribute> attributes = state_.FindRecord(change.subject).All();
        std::erase_if(attributes, [&](const StoredAttribute& each) {
          return each.attribute == change.attribute;
        });
        attributes.insert(attributes.end(), parsed.attributes.begin(), parsed.attributes.end());
        state_.SetAttributes(change.subject, attributes);
        return;
      }
    }
    change.adds ? state_.AddFact(fact, parsed.validity) : state_.RemoveFact(fact);
  }

  Overlay state_;
};

}  // namespace portvakt::engine
