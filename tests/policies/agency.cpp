#include "tests/policies/agency.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <sstream>

#include "dsl/dsl.h"

namespace portvakt::policies {
namespace {

// The tests' clock: no fact of the domain's formulas depends on it.
constexpr int64_t kNowUs = 1'793'600'000'000'000;  // in November 2026
// Differences printed of one set of facts: the rest follows from the same cause.
constexpr size_t kMaxDifferences = 12;

struct Checked {
  dsl::SourceSet sources;
  std::optional<dsl::Module> module;
};

const Checked& CheckedPolicy() {
  static const Checked checked = [] {
    Checked result;
    dsl::Diagnostics findings;
    std::string error;
    if (!dsl::ReadPolicy(PolicyFolder("byra"), result.sources, findings, error)) {
      ADD_FAILURE() << error;
      return result;
    }
    result.module = dsl::Compile(result.sources, findings);
    for (const dsl::Diagnostic& finding : findings.Sorted()) {
      ADD_FAILURE() << dsl::Render(finding, result.sources);
    }
    return result;
  }();
  return checked;
}

std::string NameOf(Login login) {
  switch (login) {
    case Login::kPassword: return "password";
    case Login::kSms: return "sms";
    case Login::kBankId: return "bankid";
    case Login::kUntold: break;
  }
  return "";
}

engine::Request ToRequest(const std::string& user, const std::string& key,
                          const std::string& tenant, const World& world, Login login) {
  engine::Request request;
  request.subject = {"user", user};
  request.action = key;
  request.resource = {world.tenants.at(tenant).is_agency ? "agency" : "client", tenant};
  if (login != Login::kUntold) {
    engine::InputValue value;
    value.kind = engine::InputValue::Kind::kString;
    value.text = NameOf(login);
    request.context.emplace_back("login", value);
  }
  return request;
}

}  // namespace

std::string PolicyFolder(const std::string& name) {
  return std::string(PORTVAKT_SOURCE_DIR) + "/policies/" + name;
}

const dsl::Module* AgencyModule() {
  const Checked& checked = CheckedPolicy();
  return checked.module ? &*checked.module : nullptr;
}

Agency::Agency() {
  static std::atomic<unsigned> number = 0;
  directory_ = (std::filesystem::temp_directory_path() /
                ("portvakt-agency-" + std::to_string(::getpid()) + "-" + std::to_string(number++)))
                   .string();
  std::filesystem::remove_all(directory_);
  engine::Engine::Options options;
  options.store.map_bytes = uint64_t{64} << 20;
  options.store.sync = false;
  options.now_us = [] { return kNowUs; };
  auto opened = engine::Engine::Open(directory_, options);
  if (!opened.ok()) {
    ADD_FAILURE() << opened.error().message;
    return;
  }
  engine_ = std::move(*opened);
  if (AgencyModule() == nullptr) return;
  const auto version = engine_->InstallPolicy(CheckedPolicy().sources, *AgencyModule(), {});
  if (!version.ok()) ADD_FAILURE() << version.error().message;
  auto session = engine_->NewSession();
  if (!session.ok()) {
    ADD_FAILURE() << session.error().message;
    return;
  }
  session_.emplace(std::move(*session));
}

Agency::~Agency() {
  session_.reset();
  engine_.reset();
  std::filesystem::remove_all(directory_);
}

bool Agency::Report(const engine::LoadReport& report) {
  for (const engine::DataFinding& finding : report.findings) {
    ADD_FAILURE() << finding.file << ":" << finding.line << ": " << finding.message << " "
                  << finding.help;
  }
  if (!session_) return false;
  const engine::Status status = session_->Refresh();
  if (!status.ok()) ADD_FAILURE() << status.error().message;
  return report.ok() && status.ok();
}

bool Agency::LoadSentences(const std::string& text) {
  if (!session_) return false;
  std::istringstream stream(text);
  return Report(engine::LoadText(*engine_, *AgencyModule(), "generated", stream));
}

bool Agency::LoadFile(const std::string& path) {
  if (!session_) return false;
  return Report(engine::LoadFile(*engine_, *AgencyModule(), path));
}

engine::Decision Agency::Decide(const std::string& user, const std::string& key,
                                const std::string& tenant, const World& world, Login login) {
  return session_->Decide(ToRequest(user, key, tenant, world, login));
}

engine::Explanation Agency::Explain(const std::string& user, const std::string& key,
                                    const std::string& tenant, const World& world, Login login) {
  return session_->Explain(ToRequest(user, key, tenant, world, login));
}

engine::MissingAnswer Agency::Missing(const engine::MissingQuery& query) {
  return session_->Missing(query);
}

size_t ExpectAgreement(Agency& agency, const World& world, const std::string& what) {
  size_t permitted = 0;
  size_t differences = 0;
  const auto compare = [&](const std::string& user, const std::string& key,
                           const std::string& tenant, Login login, bool expected) {
    const bool actual = agency.Decide(user, key, tenant, world, login).permit;
    permitted += actual ? 1 : 0;
    if (actual == expected || ++differences > kMaxDifferences) return;
    ADD_FAILURE() << what << ": " << user << " " << key << " " << tenant << " logged in with \""
                  << NameOf(login) << "\" is " << (actual ? "permitted" : "denied")
                  << ", the domain says otherwise";
  };
  for (const auto& [user, account] : world.accounts) {
    for (const auto& [tenant, kind] : world.tenants) {
      for (const Login login : {Login::kUntold, Login::kSms, Login::kBankId}) {
        for (const Key& key : Keys()) {
          compare(user, key.name, tenant, login, world.May(user, key.name, tenant, login));
        }
      }
      if (kind.is_agency) continue;
      const bool enters = world.Listed(user, tenant) && !kind.blocked;
      compare(user, "enter", tenant, Login::kUntold, enters);
    }
  }
  EXPECT_EQ(differences, 0u) << what << ", the facts:\n" << world.Sentences();
  return permitted;
}

}  // namespace portvakt::policies
