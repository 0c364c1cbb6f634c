#include "benchmarks/agency.h"

#include <algorithm>
#include <set>

namespace portvakt::benchmarks {
namespace {

constexpr uint64_t kTicksAPair = 40;
constexpr uint64_t kPairsAConsultant = 100;
constexpr uint64_t kConsultantsAClient = 2;

std::string Numbered(const char* prefix, uint64_t number) {
  return prefix + std::to_string(number);
}

// The permissions that those named lead to, sorted.
std::vector<std::string> WithIncluded(const dsl::Module& module,
                                      const std::vector<std::string>& names) {
  std::set<std::string> all;
  for (const dsl::Permission& permission : module.permissions) {
    if (!std::binary_search(names.begin(), names.end(), permission.name)) continue;
    for (dsl::PermissionId included : permission.includes) {
      all.insert(module.permissions[included].name);
    }
  }
  return {all.begin(), all.end()};
}

}  // namespace

Agency MakeAgency(const dsl::Module& module, uint64_t ticks, uint64_t seed) {
  std::mt19937_64 random(seed);
  Agency agency;
  for (const dsl::Permission& permission : module.permissions) {
    if (permission.program == dsl::kNone) continue;
    const std::string& program = module.programs[permission.program].name;
    if (program != "bokforing" && program != "fakturering" && program != "lon" &&
        program != "extra") {
      continue;
    }
    if (permission.name == "lon.egen.lonebesked") continue;
    if (permission.name == "lon.anvandare.koppla_anstalld") continue;
    agency.permissions.push_back(permission.name);
  }
  const uint64_t pairs = std::max<uint64_t>(1, ticks / kTicksAPair);
  const uint64_t consultants = std::max<uint64_t>(2, pairs / kPairsAConsultant);
  const uint64_t clients = std::max<uint64_t>(4, pairs / kConsultantsAClient);

  std::string& text = agency.sentences;
  text += "agency norr { attest_on: true }\n";
  for (uint64_t i = 0; i < consultants; ++i) {
    text += "person " + Numbered("p", i) + " {}\n";
    text += "user " + Numbered("u", i) + " { person: " + Numbered("p", i) + ", home: norr }\n";
  }
  for (uint64_t i = 0; i < clients; ++i) {
    text += "client " + Numbered("c", i) + " { status: active, attest_on: true }\n";
    text += "norr serves " + Numbered("c", i) + "\n";
    // Every second client has an administrator of its own; the others leave it to a consultant.
    const std::string own = Numbered("o", i);
    if (i % 2 == 0) {
      text += "person p" + own + " {}\n";
      text += "user " + own + " { person: p" + own + ", home: " + Numbered("c", i) + " }\n";
      text += own + " is system_administrator on " + Numbered("c", i) + "\n";
    } else {
      const std::string consultant = Numbered("u", i % consultants);
      text += consultant + " is system_administrator on " + Numbered("c", i) + "\n";
    }
  }
  text += "u0 is system_administrator on norr\n";
  text += "u1 is program_administrator for klienthanterare on norr\n";
  text += "norr holds byrapartner\n";
  text += "seats of kh in norr is " + std::to_string(consultants) + "\n";
  for (uint64_t i = 0; i < consultants; ++i) text += Numbered("u", i) + " holds kh from norr\n";

  std::set<std::pair<uint64_t, uint64_t>> taken;
  while (taken.size() < pairs && taken.size() < consultants * clients) {
    const uint64_t consultant = random() % consultants, client = random() % clients;
    if (!taken.insert({consultant, client}).second) continue;
    Agency::Pair pair{Numbered("u", consultant), Numbered("c", client), {}, {}};
    text += pair.consultant + " assigned_to " + pair.client + "\n";
    text += pair.consultant + " switched_on in " + pair.client + "\n";
    std::vector<std::string> all = agency.permissions;
    std::shuffle(all.begin(), all.end(), random);
    all.resize(std::min<size_t>(all.size(), kTicksAPair));
    for (const std::string& permission : all) {
      text += pair.consultant + " granted " + permission + " in " + pair.client + "\n";
    }
    agency.ticks += all.size();
    std::sort(all.begin(), all.end());
    pair.effective = WithIncluded(module, all);
    pair.ticked = std::move(all);
    agency.pairs.push_back(std::move(pair));
  }
  return agency;
}

std::vector<engine::Request> MakeRequests(const Agency& agency, size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<engine::Request> requests;
  requests.reserve(count);
  while (requests.size() < count) {
    const Agency::Pair& pair = agency.pairs[random() % agency.pairs.size()];
    engine::Request request;
    request.subject = {"user", pair.consultant};
    request.resource = {"client", pair.client};
    if (requests.size() % 2 == 0) {
      request.action = pair.ticked[random() % pair.ticked.size()];
    } else {
      do {
        request.action = agency.permissions[random() % agency.permissions.size()];
      } while (std::binary_search(pair.effective.begin(), pair.effective.end(), request.action));
    }
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace portvakt::benchmarks
