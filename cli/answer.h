// An explanation as a person would say it.
#pragma once

#include <string>
#include <vector>

#include "engine/decision.h"

namespace portvakt::cli {

struct AnswerOptions {
  bool why = false;
  std::string policy_root;  // put before the places of rules; "" when the files are not at hand
};

// "yes", or "no: alfa has not let david in yet (not_active)"; with `why` more lines, each ended.
std::string DescribeAnswer(const engine::Explanation& explanation, const AnswerOptions& options);

// The nearest rules of a deny with the conditions that they lack, indented; nobody reads beyond a
// handful.
void AppendRules(const std::vector<engine::RuleReport>& rules, const AnswerOptions& options,
                 std::string& text);

// The first line of a permission that is only for people who fill in a form: `code` alone when the
// policy has no sentence, else "sentence (code)".
std::string DescribeReason(const engine::ReasonText& reason);

}  // namespace portvakt::cli
