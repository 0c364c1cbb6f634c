// `portvakt backup` and `portvakt restore`: a store as one file, and back. What comes back is
// proven before it gets the name that a server looks for.
#include "engine/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/commands.h"
#include "cli/files.h"
#include "engine/engine.h"
#include "server/json.h"

namespace portvakt::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kMapFile = "data.mdb";

void Print(const server::JsonValue& report, const std::string& text, Format format,
           Console& console) {
  if (format == Format::kJson) {
    console.out << server::WriteJson(report, server::JsonStyle::kPretty) << '\n';
  } else {
    console.out << text << '\n';
  }
}

// A folder inside of the one that is restored into, removed with what is left in it.
class Workshop {
 public:
  explicit Workshop(const std::string& folder) : path_(folder + "/restoring-XXXXXX") {
    made_ = ::mkdtemp(path_.data()) != nullptr;
  }
  ~Workshop() {
    std::error_code ignored;
    if (made_) fs::remove_all(path_, ignored);
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  bool made() const { return made_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_ = false;
};

struct Proof {
  uint64_t revision = 0;
  engine::AuditReport audit;
};

// Opens the store, verifies its policy's program and its whole history. The exit code.
int Prove(const std::string& folder, const std::string& file, Proof& proof, Console& console) {
  auto opened = engine::Engine::Open(folder, {});
  if (!opened) return Complain(console, opened.error().message);
  auto session = opened.value()->NewSession();
  if (!session) return Complain(console, session.error().message);
  if (session.value().snapshot().ActivePolicy()) {
    // Here the program is verified.
    const auto status = session.value().Refresh();
    if (!status) return Complain(console, status.error().message);
  }
  proof.revision = session.value().snapshot().revision();
  auto audit = opened.value()->Verify({});
  if (!audit) return Complain(console, audit.error().message);
  proof.audit = *std::move(audit);
  for (const engine::AuditReport::Fault& fault : proof.audit.faults) {
    console.err << file << ": revision " << fault.revision << ": " << fault.what << '\n';
  }
  return proof.audit.ok() ? kExitOk : kExitFindings;
}

// Gives the store its name, and to whoever owns the folder. "" or what went wrong.
std::string Settle(const std::string& from, const std::string& folder) {
  const std::string source = from + "/" + kMapFile;
  const std::string target = folder + "/" + kMapFile;
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return folder + ": " + std::strerror(errno);
  if (::geteuid() == 0 && ::chown(source.c_str(), status.st_uid, status.st_gid) != 0) {
    return source + ": " + std::strerror(errno);
  }
  if (::rename(source.c_str(), target.c_str()) != 0) return target + ": " + std::strerror(errno);
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool is_synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const std::string fault = is_synced ? "" : folder + ": " + std::strerror(errno);
  if (descriptor >= 0) ::close(descriptor);
  return fault;
}

}  // namespace

int Run(const BackupCommand& command, Console& console) {
  const auto info = engine::WriteBackup(command.store, command.file);
  if (!info) return Complain(console, info.error().message);
  server::JsonValue report = server::JsonValue::Object();
  report.Set("file", command.file).Set("bytes", info.value().bytes);
  report.Set("revision", info.value().revision);
  Print(report,
        command.file + ": " + std::to_string(info.value().bytes) + " bytes, with revision " +
            std::to_string(info.value().revision) + " and what came while they were written",
        command.format, console);
  return kExitOk;
}

int Run(const RestoreCommand& command, Console& console) {
  std::error_code error;
  if (!Exists(command.file)) return Complain(console, command.file + ": there is no such file");
  fs::create_directories(command.folder, error);
  if (error) return Complain(console, command.folder + ": " + error.message());
  const bool is_empty = fs::is_empty(command.folder, error);
  if (error) return Complain(console, command.folder + ": " + error.message());
  if (!is_empty) {
    return Complain(console, command.folder + ": is not empty; a restore replaces nothing");
  }
  const Workshop workshop(command.folder);
  if (!workshop.made()) return Complain(console, command.folder + ": " + std::strerror(errno));
  if (const auto unpacked = engine::UnpackBackup(command.file, workshop.path()); !unpacked) {
    const bool is_damaged = unpacked.error().code == engine::Error::Code::kCorrupt;
    Complain(console, unpacked.error().message);
    return is_damaged ? kExitFindings : kExitUsage;
  }
  Proof proof;
  const int exit_code = Prove(workshop.path(), command.file, proof, console);
  if (exit_code != kExitOk) return exit_code;
  if (const std::string fault = Settle(workshop.path(), command.folder); !fault.empty()) {
    return Complain(console, fault);
  }
  server::JsonValue report = server::JsonValue::Object();
  report.Set("store", command.folder).Set("revision", proof.revision);
  report.Set("revisions", proof.audit.revisions).Set("facts", proof.audit.facts);
  report.Set("head", proof.audit.head);
  Print(report,
        command.folder + ": revision " + std::to_string(proof.revision) + ", " +
            std::to_string(proof.audit.facts) + " facts, verified; head " + proof.audit.head,
        command.format, console);
  return kExitOk;
}

}  // namespace portvakt::cli
