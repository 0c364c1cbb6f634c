// A small policy with every kind of attribute and sentence, checked from its text, and a store to
// load data for it into.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include "dsl/dsl.h"
#include "engine/load_into.h"
#include "tests/engine/scratch_store.h"

namespace portvakt::engine {

inline constexpr const char* kSmallOffice = R"(policy office

time zone "Europe/Stockholm"

entity person
entity agency
entity client {
    status    : enum { active, dormant, blocked }
    attest_on : bool optional
    ceiling   : decimal optional
    staff     : int optional
    since     : date optional
    seen      : instant optional
    notice    : duration optional
    network   : ip optional
    title     : string optional
    tags      : set of string optional
    owners    : set of person optional
    party     : tenant optional
    origin    : string from request
}
entity tenant is agency or client
entity user { person : person  home : tenant }
open entity todo

program lon "Lön" in tenant {
    permission skapa
    permission attestera
}
permission enter in client

licence kh  "Klienthanteraren" held by user from agency
licence bok "Bokföring"        held by user from tenant covers lon
licence byrapartner            held by agency covers lon

role boss on tenant held by user gives enter
role program_administrator on tenant for program held by user
role auditor held by person

set boxes = lon

fact agency serves client
fact user assigned_to client
fact user granted boxes in tenant
fact user stands_in_for user as absent lasting at most 30 days
fact agency leaving client lasting 7 days
fact user shut_out of program in tenant
fact todo mentions todo as other
fact user retired

permit entry
    user may enter in client
    if user assigned_to client
)";

inline const dsl::Module& SmallOffice() {
  static const std::optional<dsl::Module> module = [] {
    dsl::SourceSet sources;
    sources.Add("office.vakt", kSmallOffice);
    dsl::Diagnostics findings;
    auto checked = dsl::Compile(sources, findings);
    for (const auto& finding : findings.all()) {
      if (!checked) std::cerr << dsl::Render(finding, sources);
    }
    return checked;
  }();
  if (!module) std::abort();
  return *module;
}

// 2026-07-01T00:00:00Z.
inline constexpr int64_t kSmallOfficeNow_us = 1'782'864'000'000'000;

class SmallOfficeTest : public testing::Test {
 protected:
  SmallOfficeTest() : store_(OpenScratch(directory_.path())) {}

  LoadReport Yaml(std::string_view text) {
    return LoadYamlInto({*store_, SmallOffice(), now_us_, options_}, "data.yaml", text);
  }
  LoadReport Text(const std::string& text) {
    std::istringstream stream(text);
    return LoadTextInto({*store_, SmallOffice(), now_us_, options_}, "data.txt", stream);
  }
  Snapshot Read() { return std::move(*store_->Read()); }

  int64_t now_us_ = kSmallOfficeNow_us;
  LoadOptions options_;
  ScratchDirectory directory_;
  std::unique_ptr<Store> store_;
};

}  // namespace portvakt::engine
