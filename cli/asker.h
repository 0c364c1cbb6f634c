// Whom the command asks: a store that it opens itself, or a server. Both give the engine's own
// values, so that a subcommand is written once and prints the same of both.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/question.h"
#include "engine/engine.h"

namespace portvakt::cli {

struct StatusReport {
  uint64_t revision = 0;
  int64_t instant_us = 0;  // of the revision
  std::string policy_name;
  uint32_t policy_version = 0;
  std::string policy_digest;
  std::vector<engine::LimitReport> broken_limits;
};
// Limits told of a status; who has more broken ones mends these first.
inline constexpr size_t kMaxBrokenLimits = 100;

// Belongs to one thread. An error is something that kept it from asking: no store, no server, a
// refused request; never a deny.
class Asker {
 public:
  virtual ~Asker() = default;
  // The policy by which names and sentences are read.
  virtual const dsl::Module& module() const = 0;
  virtual const Known& known() const = 0;
  // Where the policy's files lie; "" when they are not at hand.
  virtual std::string policy_root() const = 0;

  virtual engine::Result<engine::Explanation> Explain(const engine::Request& request) = 0;
  // All results, whatever the pages.
  virtual engine::Result<engine::SearchPage> Search(const engine::SearchQuery& query) = 0;
  virtual engine::Result<engine::Matrix> FillMatrix(const engine::MatrixQuery& query) = 0;
  virtual engine::Result<engine::MissingAnswer> Missing(const engine::MissingQuery& query) = 0;
  // `limit` entries, whatever the pages; 0: all.
  virtual engine::Result<engine::HistoryPage> History(const engine::HistoryQuery& query) = 0;
  virtual engine::Result<engine::ChangeResult> Change(const engine::ChangeRequest& request) = 0;
  virtual engine::Result<engine::TransferResult> Onboard(const engine::OnboardQuery& query) = 0;
  virtual engine::Result<engine::TransferResult> Offboard(const engine::OffboardQuery& query) = 0;
  virtual engine::Result<engine::AuditReport> Verify(const engine::AuditOptions& options) = 0;
  virtual engine::Result<StatusReport> Status() = 0;
};

// Null after telling `console.err` why not.
std::unique_ptr<Asker> OpenAsker(const Asked& asked, Console& console);
// Of a store and of a server; null as above. `as_of` is nothing for the newest state.
std::unique_ptr<Asker> OpenStoreAsker(const Asked& asked,
                                      const std::optional<engine::Moment>& as_of, Console& console);
std::unique_ptr<Asker> OpenServerAsker(const Asked& asked,
                                       const std::optional<engine::Moment>& as_of,
                                       Console& console);

// All pages that `read` gives of the query, up to its limit.
using ReadHistoryPage =
    std::function<engine::Result<engine::HistoryPage>(const engine::HistoryQuery& query)>;
engine::Result<engine::HistoryPage> WholeHistory(const engine::HistoryQuery& query,
                                                 const ReadHistoryPage& read);

// Names as the asked policy means them.
engine::Result<engine::EntityName> ReadName(const Asker& asker, const std::string& text,
                                            const std::set<dsl::TypeId>& types);
// Nothing for "".
engine::Result<std::optional<engine::EntityName>> ReadOptionalName(
    const Asker& asker, const std::string& text, const std::set<dsl::TypeId>& types);
// Who changes something; nothing for "".
engine::Result<std::optional<engine::EntityName>> ReadOptionalActor(const Asker& asker,
                                                                    const std::string& text);
// `asked.now`, which was read without complaint when it was opened.
std::optional<int64_t> NowOf(const Asked& asked);

}  // namespace portvakt::cli
