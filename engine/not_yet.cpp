// Placeholders for what engine.h promises and is being built; each goes when its part arrives.
#include "engine/engine.h"
#include "engine/judge.h"
#include "engine/overlay.h"
#include "engine/session_state.h"

namespace portvakt::engine {

Status Session::GoTo(const Moment&) { return Error{Error::Code::kInvalid, "not yet"}; }
int64_t Session::now_us() const { return (*state_->clock)(); }
const View& Session::view() const { return state_->snapshot; }
Matrix Session::FillMatrix(const MatrixQuery&) { return {}; }
std::string MatrixCsv(const Matrix&) { return {}; }
std::string MatrixMarkdown(const Matrix&) { return {}; }
HistoryPage Session::History(const HistoryQuery&) { return {}; }
std::string Session::Describe(const ChangeItem&) const { return {}; }

ChangeResult Engine::Change(const ChangeRequest&) { return {}; }
void Engine::SubmitChange(ChangeRequest, std::function<void(ChangeResult)> done) { done({}); }
TransferResult Engine::Onboard(const OnboardQuery&) { return {}; }
TransferResult Engine::Offboard(const OffboardQuery&) { return {}; }
Result<AuditReport> Engine::Verify(const AuditOptions&) const {
  return Error{Error::Code::kInvalid, "not yet"};
}

}  // namespace portvakt::engine
