// Uploading, activating and listing: each write is one transaction and one revision, so readers
// have one policy or the other.
#include "engine/policy_versions.h"

#include <map>

#include "dsl/dsl.h"
#include "engine/engine_state.h"
#include "engine/policy_program.h"
#include "engine/verify.h"

namespace portvakt::engine {
namespace {

Error NoSuchVersion(uint32_t version) {
  return {Error::Code::kNotFound, "there is no policy version " + std::to_string(version)};
}

Status CheckSize(const std::vector<PolicyFile>& files) {
  size_t bytes = 0;
  for (const PolicyFile& file : files) bytes += file.name.size() + file.text.size();
  if (bytes <= kMaxPolicyBytes) return Done{};
  return Error{Error::Code::kFull, "the policy's files have " + std::to_string(bytes) +
                                       " bytes; a store takes policies of up to " +
                                       std::to_string(kMaxPolicyBytes)};
}

// So that one more may be stored.
Status DropOldCandidates(const Snapshot& snapshot, Writer& writer) {
  std::vector<uint32_t> candidates;
  for (const PolicyInfo& info : snapshot.Policies()) {
    if (!info.has_program) candidates.push_back(info.version);
  }
  for (size_t i = 0; i + kMaxCandidates <= candidates.size(); ++i) {
    if (Status dropped = writer.DropPolicy(candidates[i]); !dropped) return dropped;
  }
  return Done{};
}

// Whether its program can be run as it is.
bool IsSound(const Snapshot& snapshot, uint32_t version) {
  const std::string_view program = snapshot.PolicyProgram(version);
  return !program.empty() && ReadProgram(program).ok();
}

PolicyVersion::Moment MomentOf(const Snapshot& snapshot, uint64_t revision) {
  PolicyVersion::Moment moment;
  moment.revision = revision;
  if (const auto info = snapshot.FindRevision(revision)) {
    moment.instant_us = info->instant_us;
    moment.actor = info->actor;
    moment.reason = info->reason;
  }
  return moment;
}

// What `policy NAME "title"` says.
std::string TitleOf(const std::vector<PolicyFile>& files) {
  dsl::Diagnostics findings;
  for (const dsl::Tree& tree : dsl::Parse(SourcesOf(files), findings)) {
    for (const dsl::Declaration& declaration : tree.declarations) {
      const auto* policy = std::get_if<dsl::PolicyDecl>(&declaration.value);
      if (policy != nullptr && policy->title) return policy->title->text;
    }
  }
  return "";
}

std::vector<PolicyVersion> Describe(const Snapshot& snapshot,
                                    const std::vector<PolicyInfo>& infos) {
  std::map<uint32_t, uint64_t> activated;  // the last wins
  for (const Activation& each : snapshot.Activations()) activated[each.version] = each.revision;
  std::vector<PolicyVersion> versions;
  for (const PolicyInfo& info : infos) {
    PolicyVersion& version = versions.emplace_back();
    version.version = info.version;
    version.name = info.name;
    version.digest = info.digest;
    version.active = info.active;
    version.uploaded = MomentOf(snapshot, info.revision);
    const auto found = activated.find(info.version);
    if (found != activated.end()) version.activated = MomentOf(snapshot, found->second);
    version.title = TitleOf(snapshot.PolicySources(info.version));
  }
  return versions;
}

}  // namespace

Result<uint32_t> Engine::UploadPolicy(const dsl::SourceSet& sources, const dsl::Module& module,
                                      const By& by) {
  const std::vector<PolicyFile> files = FilesOf(sources);
  if (Status fits = CheckSize(files); !fits) return fits.error();
  Result<Writer> writer = state_->store->Begin();
  if (!writer) return writer.error();
  if (const auto stored = writer->FindPolicy(DigestOf(files))) return *stored;
  Result<Snapshot> before = state_->store->Read();
  if (!before) return before.error();
  const Result<std::string> program = CompileProgram(sources, module, NumbersOfTheMoment(*before));
  if (!program) return program.error();
  if (const Result<Program> verified = ReadProgram(*program); !verified) {
    return Error{Error::Code::kInvalid,
                 "this policy gives no sound program: " + verified.error().message};
  }
  if (Status dropped = DropOldCandidates(*before, *writer); !dropped) return dropped.error();
  Result<uint32_t> version = writer->InstallPolicy(module.name, files, "");
  if (!version) return version.error();
  Result<uint64_t> revision = writer->Commit({now_us(), by.actor, by.reason});
  if (!revision) return revision.error();
  return *version;
}

Result<uint32_t> Engine::InstallPolicy(const dsl::SourceSet& sources, const dsl::Module& module,
                                       const By& by) {
  const std::vector<PolicyFile> files = FilesOf(sources);
  if (Status fits = CheckSize(files); !fits) return fits.error();
  Result<Writer> writer = state_->store->Begin();
  if (!writer) return writer.error();
  std::optional<uint32_t> version = writer->FindPolicy(DigestOf(files));
  Result<Snapshot> before = state_->store->Read();
  if (!before) return before.error();
  const std::optional<PolicyInfo> active = before->ActivePolicy();
  if (version && active && active->version == *version && IsSound(*before, *version)) {
    return *version;
  }
  Result<std::string> program = CompileForGood(sources, module, *writer);
  if (!program) return program.error();
  if (version) {
    // It may have been compiled by an earlier Portvakt, or not at all.
    if (Status status = writer->ReplaceProgram(*version, *program); !status) return status.error();
  } else {
    Result<uint32_t> installed = writer->InstallPolicy(module.name, files, *program);
    if (!installed) return installed.error();
    version = *installed;
  }
  if (Status status = writer->ActivatePolicy(*version); !status) return status.error();
  Result<uint64_t> revision = writer->Commit({now_us(), by.actor, by.reason});
  if (!revision) return revision.error();
  return *version;
}

Status Engine::ActivatePolicy(uint32_t version, const std::optional<std::string>& expected_digest,
                              const By& by) {
  Result<Writer> writer = state_->store->Begin();
  if (!writer) return writer.error();
  Result<Snapshot> before = state_->store->Read();
  if (!before) return before.error();
  const std::optional<PolicyInfo> active = before->ActivePolicy();
  if (expected_digest && *expected_digest != (active ? active->digest : "")) {
    return Error{Error::Code::kConflict,
                 active ? "the active policy is version " + std::to_string(active->version) +
                              " with the digest " + active->digest + ", not " +
                              (expected_digest->empty() ? "none" : *expected_digest)
                        : "no policy is active, nor the one with the digest " + *expected_digest};
  }
  if (active && active->version == version) return Done{};
  if (!before->FindPolicy(version)) return NoSuchVersion(version);
  const std::string_view stored = before->PolicyProgram(version);
  const Result<Program> program = ReadProgram(stored);
  if (stored.empty() || (!program && program.error().code == Error::Code::kTooNew)) {
    const dsl::SourceSet sources = SourcesOf(before->PolicySources(version));
    Result<dsl::Module> module = CheckAgain(sources, version);
    if (!module) return module.error();
    Result<std::string> compiled = CompileForGood(sources, *module, *writer);
    if (!compiled) return compiled.error();
    if (Status status = writer->ReplaceProgram(version, *compiled); !status) return status;
  } else if (!program) {
    return program.error();
  }
  if (Status status = writer->ActivatePolicy(version); !status) return status.error();
  Result<uint64_t> revision = writer->Commit({now_us(), by.actor, by.reason});
  if (!revision) return revision.error();
  return Done{};
}

Result<std::vector<PolicyVersion>> Engine::ListPolicies() const {
  Result<Snapshot> snapshot = state_->store->Read();
  if (!snapshot) return snapshot.error();
  return Describe(*snapshot, snapshot->Policies());
}

Result<PolicyVersion> Engine::FindPolicy(uint32_t version) const {
  Result<Snapshot> snapshot = state_->store->Read();
  if (!snapshot) return snapshot.error();
  const auto info = snapshot->FindPolicy(version);
  if (!info) return NoSuchVersion(version);
  return Describe(*snapshot, {*info}).front();
}

Result<dsl::SourceSet> Engine::PolicySources(uint32_t version) const {
  Result<Snapshot> snapshot = state_->store->Read();
  if (!snapshot) return snapshot.error();
  if (!snapshot->FindPolicy(version)) return NoSuchVersion(version);
  return SourcesOf(snapshot->PolicySources(version));
}

Result<uint32_t> Engine::ActivePolicy() const {
  Result<Snapshot> snapshot = state_->store->Read();
  if (!snapshot) return snapshot.error();
  const auto active = snapshot->ActivePolicy();
  if (!active) return Error{Error::Code::kNotFound, "there is no active policy"};
  return active->version;
}

}  // namespace portvakt::engine
