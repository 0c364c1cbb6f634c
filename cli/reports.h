// What the engine answers as people read it: pure functions from answers to texts, lines ended.
#pragma once

#include <string>
#include <vector>

#include "cli/answer.h"
#include "cli/asker.h"
#include "engine/engine.h"

namespace portvakt::cli {

// What would do, step by step, with who can. `actor` is whose steps are marked: "" for nobody's.
std::string DescribeMissing(const engine::MissingAnswer& answer, const std::string& actor);

// One result a line, so that other programs can read it; `nothing` when there is none: "nobody".
// With several types `type:id`.
std::string DescribeSearch(const engine::SearchPage& page, const std::string& nothing);

// `texts`: the changes as they were written, one for each verdict.
std::string DescribeChange(const engine::ChangeResult& result,
                           const std::vector<std::string>& texts, const AnswerOptions& options);
std::string DescribeTransfer(const engine::TransferResult& transfer, const AnswerOptions& options);
int ExitCodeOf(const engine::ChangeResult& result);

std::string DescribeHistory(const engine::HistoryPage& page);
std::string DescribeAudit(const engine::AuditReport& report);
std::string DescribeStatus(const StatusReport& report);

}  // namespace portvakt::cli
