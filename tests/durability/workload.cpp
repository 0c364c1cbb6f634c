#include "tests/durability/workload.h"

#include <thread>
#include <vector>

#include "dsl/dsl.h"

namespace portvakt::durability {
namespace {

using engine::ChangeItem;
using engine::ChangeRequest;

constexpr const char* kPolicy = R"(policy warehouse

entity keeper
entity box

fact keeper packed box
fact keeper sealed box

permission look on box

role chief

permit seen
    keeper may look on box
    if  keeper packed box

permit new_box
    add box
    by  keeper as actor
    if  actor is chief

permit pack
    change keeper packed box
    by  keeper as actor
    if  actor is chief

permit seal
    change keeper sealed box
    by  keeper as actor
    if  actor is chief

limit one_keeper "{box} is packed by one keeper"
    for every box
    at most 1 keeper: keeper packed box
)";

std::string Keeper(uint32_t thread) { return "keeper" + std::to_string(thread); }

std::string Box(uint32_t thread, uint32_t number) {
  return "box" + std::to_string(thread) + "_" + std::to_string(number);
}

ChangeItem Create(const std::string& type, const std::string& id) {
  ChangeItem item;
  item.kind = ChangeItem::Kind::kCreate;
  item.entity = {type, id};
  return item;
}

ChangeItem Add(const std::string& subject, const std::string& relation, const std::string& object) {
  ChangeItem item;
  item.fact.subject = {"keeper", subject};
  item.fact.relation = relation;
  item.fact.object = engine::EntityName{"box", object};
  return item;
}

ChangeRequest MakeRequest(uint32_t thread, uint32_t number) {
  ChangeRequest request;
  request.actor = engine::EntityName{"keeper", "root"};
  request.changes = {Create("box", Box(thread, number)),
                     Add(Keeper(thread), "packed", Box(thread, number)),
                     Add(Keeper(thread), "sealed", Box(thread, number))};
  request.reason = "the load of a test";
  return request;
}

bool Has(engine::Session& session, const char* relation, uint32_t thread, uint32_t number) {
  const engine::View& view = session.view();
  const auto type = [&](const char* name) {
    return static_cast<uint16_t>(view.FindNumber(engine::Space::kType, name).value_or(0));
  };
  const auto box = view.FindEntity(type("box"), Box(thread, number));
  const auto keeper = view.FindEntity(type("keeper"), Keeper(thread));
  const auto verb = view.FindNumber(engine::Space::kRelation, relation);
  if (!box || !keeper || !verb) return false;
  return view.FindCell(*keeper, *box).Find(static_cast<uint16_t>(*verb), 0).bits != 0;
}

bool HasBox(engine::Session& session, uint32_t thread, uint32_t number) {
  const auto type = session.view().FindNumber(engine::Space::kType, "box");
  return type && session.view().FindEntity(static_cast<uint16_t>(*type), Box(thread, number));
}

}  // namespace

bool Prepare(engine::Engine& engine) {
  dsl::SourceSet sources;
  sources.Add("warehouse.vakt", kPolicy);
  dsl::Diagnostics findings;
  const auto module = dsl::Compile(sources, findings);
  if (!module || !engine.InstallPolicy(sources, *module, {}).ok()) return false;
  ChangeRequest request;  // the operator's: he lays the first administrator
  request.changes.push_back(Create("keeper", "root"));
  for (uint32_t thread = 0; thread < kThreads; ++thread) {
    request.changes.push_back(Create("keeper", Keeper(thread)));
  }
  ChangeItem chief;
  chief.fact.subject = {"keeper", "root"};
  chief.fact.relation = "is";
  chief.fact.symbol = "chief";
  request.changes.push_back(chief);
  return engine.Change(request).ok();
}

bool Work(engine::Engine& engine, uint32_t most, Acknowledged& acknowledged,
          const std::function<void(uint32_t thread)>& told) {
  std::atomic<bool> good = true;
  std::vector<std::thread> threads;
  for (uint32_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (uint32_t number = acknowledged.changes[thread]; number < most && good; ++number) {
        if (engine.Change(MakeRequest(thread, number)).outcome !=
            engine::ChangeResult::Outcome::kApplied) {
          good = false;
          return;
        }
        acknowledged.changes[thread] = number + 1;
        if (told) told(thread);
      }
    });
  }
  for (std::thread& each : threads) each.join();
  return good;
}

std::string Examine(const std::string& directory, const uint32_t (&acknowledged)[kThreads]) {
  auto engine = engine::Engine::Open(directory, {});
  if (!engine) return "the store does not open: " + engine.error().message;
  auto session = (*engine)->NewSession();
  if (!session || !session->Refresh().ok()) return "the store cannot be read";
  for (uint32_t thread = 0; thread < kThreads; ++thread) {
    // One more than was acknowledged may be there: its answer was under way.
    for (uint32_t number = 0; number <= acknowledged[thread]; ++number) {
      const int parts = (HasBox(*session, thread, number) ? 1 : 0) +
                        (Has(*session, "packed", thread, number) ? 1 : 0) +
                        (Has(*session, "sealed", thread, number) ? 1 : 0);
      const std::string which = std::to_string(number) + " of thread " + std::to_string(thread);
      if (parts == 1 || parts == 2) return "change " + which + " is half there";
      if (parts == 0 && number < acknowledged[thread]) return "change " + which + " is lost";
    }
  }
  auto report = (*engine)->Verify({});
  if (!report) return "the history cannot be verified: " + report.error().message;
  return report->ok() ? "" : "the history is broken: " + report->faults.front().what;
}

}  // namespace portvakt::durability
