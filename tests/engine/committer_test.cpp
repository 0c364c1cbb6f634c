// Many who change at once: one transaction, a revision each, and nobody hears before it is durable.
#include "engine/committer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>

#include "tests/engine/change_office.h"

namespace portvakt::engine {
namespace {

using testing::HasSubstr;
using Outcome = ChangeResult::Outcome;

constexpr auto kPatience = std::chrono::seconds(60);

// What came of requests that were submitted without waiting.
class Answers {
 public:
  std::function<void(ChangeResult)> Next() {
    const std::lock_guard lock(mutex_);
    const size_t index = results_.size();
    results_.emplace_back();
    return [this, index](ChangeResult result) {
      const std::lock_guard inner(mutex_);
      EXPECT_FALSE(results_[index].has_value()) << "told twice";
      results_[index] = std::move(result);
      ++told_;
      arrived_.notify_all();
    };
  }
  std::vector<ChangeResult> WaitForAll() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(arrived_.wait_for(lock, kPatience, [this] { return told_ == results_.size(); }));
    std::vector<ChangeResult> all;
    for (const auto& result : results_) all.push_back(result.value_or(ChangeResult{}));
    return all;
  }
  size_t told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::optional<ChangeResult>> results_;
  size_t told_ = 0;
};

ChangeItem Assign(const std::string& user, const std::string& client = "client alfa") {
  return Add("user " + user, "assigned_to", "", client);
}

class CommitterTest : public testing::Test {
 protected:
  void Submit(ChangeRequest request) {
    office_.engine().SubmitChange(std::move(request), answers_.Next());
  }
  ChangeRequest Keyed(const std::string& actor, ChangeItem item) {
    ChangeRequest request = RequestOf(actor, {std::move(item)});
    request.idempotency_key = "k1";
    return request;
  }
  void AddUsers(size_t count) {
    std::vector<ChangeItem> items;
    for (size_t i = 0; i < count; ++i) {
      items.push_back(Create("user w" + std::to_string(i),
                             {{"person", TextInput("p4")}, {"home", TextInput("norr")}}));
    }
    ASSERT_EQ(office_.Change("", items).outcome, Outcome::kApplied);
  }

  Answers answers_;
  ChangeOffice office_;
};

TEST_F(CommitterTest, ARepeatReturnsTheFirstResult) {
  const ChangeRequest request = Keyed("bo", Assign("anna"));
  const ChangeResult first = office_.engine().Change(request);
  ASSERT_EQ(first.outcome, Outcome::kApplied);
  EXPECT_FALSE(first.repeated);
  office_.now_us += kDay_us;
  // What happened since does not matter.
  Remove("user anna", "assigned_to");
  ASSERT_TRUE(office_.Change("bo", {Remove("user anna", "assigned_to", "", "client alfa")}).ok());
  const ChangeResult again = office_.engine().Change(request);
  EXPECT_EQ(again.outcome, Outcome::kApplied);
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.revision, first.revision);
  EXPECT_EQ(again.instant_us, first.instant_us);
  EXPECT_EQ(again.verdicts.size(), 1u);
  EXPECT_FALSE(office_.Holds(Assign("anna")));
}

TEST_F(CommitterTest, AKeyIsForOneRequestOfOneActor) {
  ASSERT_TRUE(office_.engine().Change(Keyed("bo", Assign("anna"))).ok());
  const ChangeResult other = office_.engine().Change(Keyed("bo", Assign("anna", "client beta")));
  EXPECT_EQ(other.outcome, Outcome::kConflict);
  EXPECT_THAT(other.error, HasSubstr("used for another request"));
  EXPECT_TRUE(other.verdicts.empty());
  const ChangeResult of_operator =
      office_.engine().Change(Keyed("", Assign("anna", "client beta")));
  EXPECT_EQ(of_operator.outcome, Outcome::kApplied);
  EXPECT_FALSE(of_operator.repeated);
}

TEST_F(CommitterTest, ARefusedRequestUsesUpNoKey) {
  EXPECT_EQ(office_.engine().Change(Keyed("anna", Assign("cia", "client beta"))).outcome,
            Outcome::kRefused);
  ASSERT_TRUE(office_.Change("", {Add("user anna", "is", "boss", "agency norr")}).ok());
  EXPECT_EQ(office_.engine().Change(Keyed("anna", Assign("cia", "client beta"))).outcome,
            Outcome::kApplied);
}

TEST_F(CommitterTest, TheStoreMustBeAtTheExpectedRevision) {
  ChangeRequest request = RequestOf("bo", {Assign("anna")});
  request.expected_revision = office_.Revision();
  ASSERT_EQ(office_.engine().Change(request).outcome, Outcome::kApplied);
  const ChangeResult late = office_.engine().Change(request);
  EXPECT_EQ(late.outcome, Outcome::kConflict);
  EXPECT_EQ(late.revision, office_.Revision());
  EXPECT_THAT(late.error, HasSubstr("the store is at revision"));
}

// While another writes, requests gather; then they share one transaction.
TEST_F(CommitterTest, AGroupIsARevisionEachAndAsIfOneByOne) {
  const uint64_t before = office_.Revision();
  {
    auto writer = office_.engine().store().Begin();
    ASSERT_TRUE(writer.ok());
    Submit(Keyed("bo", Assign("anna")));
    Submit(Keyed("bo", Assign("anna")));                 // a repeat
    Submit(Keyed("bo", Assign("anna", "client beta")));  // the key again
    Submit(RequestOf("bo", {Assign("eva")}));            // refused
    Submit(RequestOf("bo", {Add("user anna", "holds", "kh", "agency norr")}));
    Submit(RequestOf("bo", {Add("user bo", "holds", "kh", "agency norr")}));  // no seat is left
    Submit(RequestOf(
        "bo", {Create("user dan", {{"person", TextInput("p1")}, {"home", TextInput("norr")}})}));
    Submit(RequestOf("bo", {Assign("dan", "client beta")}));
    ChangeRequest stale = RequestOf("bo", {Assign("cia", "client beta")});
    stale.expected_revision = before;
    Submit(stale);
    EXPECT_EQ(answers_.told(), 0u);
  }
  const std::vector<ChangeResult> all = answers_.WaitForAll();
  ASSERT_EQ(all.size(), 9u);
  EXPECT_EQ(all[0].outcome, Outcome::kApplied);
  EXPECT_EQ(all[0].revision, before + 1);
  EXPECT_TRUE(all[1].repeated);
  EXPECT_EQ(all[1].revision, before + 1);
  EXPECT_EQ(all[1].instant_us, all[0].instant_us);
  EXPECT_EQ(all[2].outcome, Outcome::kConflict);
  EXPECT_EQ(all[3].outcome, Outcome::kRefused);
  EXPECT_EQ(all[4].revision, before + 2);
  EXPECT_EQ(all[5].outcome, Outcome::kRefused);
  EXPECT_EQ(CodesOf(all[5].verdicts[0]), "seats_in_use");
  EXPECT_EQ(all[6].revision, before + 3);
  EXPECT_EQ(all[7].revision, before + 4);
  EXPECT_EQ(all[8].outcome, Outcome::kConflict);
  EXPECT_EQ(office_.Revision(), before + 4);
  EXPECT_EQ(office_.Ask("user dan enter client beta"), Tri::kTrue);
}

TEST_F(CommitterTest, ARevisionTellsWhoChangedItAndWhy) {
  ChangeRequest request = RequestOf("bo", {Assign("anna")});
  request.reason = "new colleague";
  request.ticket = "T-17";
  request.second = EntityName{"user", "eva"};
  const ChangeResult result = office_.engine().Change(request);
  ASSERT_EQ(result.outcome, Outcome::kApplied);
  const Snapshot snapshot = std::move(*office_.engine().store().Read());
  const auto info = snapshot.FindRevision(result.revision);
  ASSERT_TRUE(info);
  const auto type = static_cast<uint16_t>(*snapshot.FindNumber(Space::kType, "user"));
  EXPECT_EQ(info->actor_entity, *snapshot.FindEntity(type, "bo"));
  EXPECT_EQ(info->second, *snapshot.FindEntity(type, "eva"));
  EXPECT_EQ(info->reason, "new colleague");
  EXPECT_EQ(info->ticket, "T-17");
  EXPECT_EQ(info->change_count, 1u);
}

TEST_F(CommitterTest, APolicyThatIsActivatedBetweenIsSeen) {
  ASSERT_TRUE(office_.Change("bo", {Assign("anna")}).ok());
  std::string policy = kChangeOffice;
  const std::string line = "    if  actor runs user.home                 else not_boss";
  const size_t at = policy.find(line);
  ASSERT_NE(at, std::string::npos);
  policy.replace(at, line.size(), "    if  actor is user                       else not_himself");
  ASSERT_EQ(office_.Install(policy), 2u);
  const ChangeResult result = office_.Change("bo", {Assign("anna", "client beta")});
  EXPECT_EQ(result.outcome, Outcome::kRefused);
  EXPECT_EQ(result.policy_version, 2u);
  EXPECT_EQ(CodesOf(result.verdicts[0]), "not_himself");
}

TEST_F(CommitterTest, TooManyWaitingRequestsFailAtOnce) {
  size_t submitted = 0;
  {
    auto writer = office_.engine().store().Begin();
    ASSERT_TRUE(writer.ok());
    while (answers_.told() == 0) {
      Submit(RequestOf("bo", {Assign("anna")}));
      ASSERT_LE(++submitted, kMaxWaitingRequests + kMaxGroupRequests + 1);
    }
  }
  EXPECT_GT(submitted, kMaxWaitingRequests);
  const std::vector<ChangeResult> all = answers_.WaitForAll();
  EXPECT_EQ(all.back().outcome, Outcome::kFailed);
  EXPECT_EQ(all.back().error, "too many changes are waiting");
  EXPECT_EQ(all.front().outcome, Outcome::kApplied);
  EXPECT_EQ(all[all.size() - 2].outcome, Outcome::kUnchanged);
}

TEST_F(CommitterTest, LoadsAndChangesTakeTurns) {
  std::thread loader([&] {
    for (int i = 0; i < 20; ++i) {
      std::istringstream text("client c" + std::to_string(i) +
                              " { status: active }\nnorr serves c" + std::to_string(i) + "\n");
      EXPECT_TRUE(LoadText(office_.engine(), office_.module(), "data.txt", text).ok());
    }
  });
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(office_.Change("bo", {Assign("anna")}).ok());
    EXPECT_TRUE(office_.Change("bo", {Remove("user anna", "assigned_to", "", "client alfa")}).ok());
  }
  loader.join();
  EXPECT_TRUE(office_.Change("bo", {Assign("anna", "client c19")}).ok());
}

// ---- many threads, and a restart --------------------------------------------------------------

std::unique_ptr<Engine> OpenEngine(const std::string& directory) {
  Engine::Options options;
  options.store = kScratchOptions;
  options.now_us = [] { return kOfficeNow_us; };
  auto engine = Engine::Open(directory, options);
  EXPECT_TRUE(engine.ok());
  return std::move(*engine);
}

struct Opened {
  explicit Opened(const std::string& directory) : engine(OpenEngine(directory)) {
    dsl::SourceSet sources;
    sources.Add("policy.vakt", kChangeOffice);
    dsl::Diagnostics findings;
    module = dsl::Compile(sources, findings);
    EXPECT_TRUE(engine->InstallPolicy(sources, *module, {}).ok());
    EXPECT_TRUE(LoadYaml(*engine, *module, "data.yaml", kChangeOfficeData).ok());
  }
  std::unique_ptr<Engine> engine;
  std::optional<dsl::Module> module;
};

TEST(CommitterRaceTest, FiftyWritersShareTwentySeats) {
  constexpr size_t kWriters = 50;
  constexpr uint32_t kSeats = 20;
  const ScratchDirectory directory;
  std::set<std::string> granted;
  std::mutex mutex;
  {
    const Opened opened(directory.path());
    std::vector<ChangeItem> setup = {Seats("agency soder", "kh", kSeats)};
    for (size_t i = 0; i < kWriters; ++i) {
      setup.push_back(Create("user w" + std::to_string(i),
                             {{"person", TextInput("p4")}, {"home", TextInput("soder")}}));
    }
    ASSERT_TRUE(opened.engine->Change(RequestOf("", setup)).ok());
    std::vector<std::thread> writers;
    for (size_t i = 0; i < kWriters; ++i) {
      writers.emplace_back([&, i] {
        const std::string user = "user w" + std::to_string(i);
        const ChangeResult result =
            opened.engine->Change(RequestOf("eva", {Add(user, "holds", "kh", "agency soder")}));
        if (result.outcome == Outcome::kApplied) {
          const std::lock_guard lock(mutex);
          granted.insert(user);
        } else {
          EXPECT_EQ(CodesOf(result.verdicts.at(0)), "seats_in_use");
        }
      });
    }
    for (std::thread& writer : writers) writer.join();
  }
  EXPECT_EQ(granted.size(), kSeats);
  // After a restart every one that was acknowledged is there, and no other.
  const std::unique_ptr<Engine> engine = OpenEngine(directory.path());
  for (size_t i = 0; i < kWriters; ++i) {
    const std::string user = "user w" + std::to_string(i);
    ChangeRequest again = RequestOf("", {Add(user, "holds", "kh", "agency soder")});
    again.dry_run = true;
    const ChangeResult result = engine->Change(again);
    EXPECT_EQ(result.outcome, granted.contains(user) ? Outcome::kDryRun : Outcome::kRefused);
  }
}

TEST(CommitterRaceTest, AnEngineThatEndsFinishesWhatWaits) {
  const ScratchDirectory directory;
  Answers answers;
  {
    const Opened opened(directory.path());
    for (int i = 0; i < 600; ++i) {
      const ChangeItem item =
          i % 2 == 0 ? Assign("anna") : Remove("user anna", "assigned_to", "", "client alfa");
      opened.engine->SubmitChange(RequestOf("bo", {item}), answers.Next());
    }
  }
  EXPECT_EQ(answers.told(), 600u);
  for (const ChangeResult& result : answers.WaitForAll()) {
    EXPECT_EQ(result.outcome, Outcome::kApplied);
  }
}

TEST(CommitterRaceTest, AFullStoreFailsTheGroupAndKeepsWhatWas) {
  const ScratchDirectory directory;
  Engine::Options options;
  options.store = kScratchOptions;
  options.store.map_bytes = uint64_t{4} << 20;
  options.now_us = [] { return kOfficeNow_us; };
  auto engine = Engine::Open(directory.path(), options);
  ASSERT_TRUE(engine.ok());
  dsl::SourceSet sources;
  sources.Add("policy.vakt", kChangeOffice);
  dsl::Diagnostics findings;
  const auto module = dsl::Compile(sources, findings);
  ASSERT_TRUE((*engine)->InstallPolicy(sources, *module, {}).ok());
  ASSERT_TRUE(LoadYaml(**engine, *module, "data.yaml", kChangeOfficeData).ok());
  uint64_t last = 0;
  ChangeResult result;
  for (int i = 0; i < 200; ++i) {
    const InputValue tag = ListInput({TextInput(std::string(60'000, 'x'))});
    result = (*engine)->Change(
        RequestOf("", {Create("client big" + std::to_string(i),
                              {{"status", TextInput("active")}, {"tags", tag}})}));
    if (result.outcome != Outcome::kApplied) break;
    last = result.revision;
  }
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_FALSE(result.error.empty());
  EXPECT_TRUE(result.verdicts.empty());
  EXPECT_GT(last, 0u);
  EXPECT_EQ((*engine)->store().Read()->revision(), last);
}

}  // namespace
}  // namespace portvakt::engine
