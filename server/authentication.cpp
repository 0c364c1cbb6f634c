// The credentials in force, replaced as a whole when a file changes, and the one answer to all who
// have none that holds.
#include "server/authentication.h"

#include <chrono>
#include <mutex>
#include <system_error>
#include <utility>

#include "server/credentials.h"
#include "server/file_watch.h"
#include "server/log.h"

namespace portvakt::server {
namespace {

// Failures told in the log each second: whoever guesses must not fill a disk. The next line that is
// written says how many were not.
constexpr uint32_t kFailureLinesPerSecond = 20;

int64_t NowMicroseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The same for every reason, so that nobody learns which part of a proof was wrong.
HttpResponse Unauthenticated() {
  HttpResponse response =
      Problem(401, "unauthenticated",
              "this endpoint needs a caller whom the server knows: send a valid credential, as "
              "`Authorization: Bearer ..` or by a client certificate");
  response.fields.emplace_back("WWW-Authenticate", R"(Bearer realm="portvakt")");
  return response;
}

}  // namespace

struct CallerAuthenticator::State {
  std::shared_ptr<const Credentials> Current() const {
    const std::lock_guard lock(mutex);
    return current;
  }
  void Publish(Credentials credentials) {
    auto next = std::make_shared<const Credentials>(std::move(credentials));
    const std::lock_guard lock(mutex);
    current = std::move(next);
  }

  // On the thread of the watch.
  void FileChanged(const std::string& path) {
    Credentials next = *Current();
    const engine::Status read = ReadAgain(path, next);
    if (!read) {
      Log(LogLevel::kError, "credentials_not_read",
          {{"file", path}, {"reason", read.error().message}, {"in_force", "what was read before"}});
      return;
    }
    Publish(std::move(next));
    Log(LogLevel::kInfo, "credentials_read", {{"file", path}});
  }

  void LogFailure(const Identified& found, const Peer& peer) {
    uint32_t unlogged = 0;
    {
      const int64_t second = NowMicroseconds() / 1'000'000;
      const std::lock_guard lock(logging);
      if (second != logged_second) {
        logged_second = second;
        logged = 0;
      }
      if (logged >= kFailureLinesPerSecond) {
        ++not_logged;
        return;
      }
      ++logged;
      unlogged = std::exchange(not_logged, 0);
    }
    Log(LogLevel::kWarning, "not_authenticated",
        {{"proof", found.proof},
         {"reason", found.wrong},
         {"of", found.name},
         {"address", peer.address},
         {"not_logged_before", unlogged}});
  }

  mutable std::mutex mutex;  // held for the copy of a pointer
  std::shared_ptr<const Credentials> current;
  std::mutex logging;
  int64_t logged_second = 0;
  uint32_t logged = 0;  // in that second
  uint32_t not_logged = 0;
  std::unique_ptr<FileWatch> watch;  // last: its thread uses the others
};

CallerAuthenticator::CallerAuthenticator(std::unique_ptr<State> state) : state_(std::move(state)) {}
CallerAuthenticator::~CallerAuthenticator() = default;

engine::Result<std::unique_ptr<CallerAuthenticator>> CallerAuthenticator::Open(
    const AuthenticationOptions& options) {
  auto state = std::make_unique<State>();
  // Before the files are read, so that it misses no change after that.
  state->watch = std::make_unique<FileWatch>(FilesOf(options));
  SettingFaults faults;
  Credentials credentials = ReadCredentials(options, faults);
  if (!faults.empty()) return Joined(faults);
  state->Publish(std::move(credentials));
  try {
    state->watch->Run([raw = state.get()](const std::string& path) { raw->FileChanged(path); });
  } catch (const std::system_error& fault) {
    return engine::Error{engine::Error::Code::kIo,
                         std::string("cannot start a thread: ") + fault.what()};
  }
  return std::unique_ptr<CallerAuthenticator>(new CallerAuthenticator(std::move(state)));
}

SettingFaults CallerAuthenticator::Check(const AuthenticationOptions& options) {
  SettingFaults faults;
  ReadCredentials(options, faults);
  return faults;
}

std::variant<std::shared_ptr<const Caller>, HttpResponse> CallerAuthenticator::Identify(
    const HttpRequest& request, const Peer& peer) {
  const auto credentials = state_->Current();
  Identified found = FindCaller(*credentials, request, peer, NowMicroseconds());
  if (found.caller != nullptr) return std::move(found.caller);
  state_->LogFailure(found, peer);
  return Unauthenticated();
}

}  // namespace portvakt::server
