// Policies of a running server.
#include <poll.h>

#include <utility>

#include "cli/http_client.h"
#include "cli/http_json.h"
#include "cli/json_members.h"
#include "cli/policy_desk.h"
#include "server/names_json.h"

namespace portvakt::cli {
namespace {

using server::JsonValue;

// Between two looks at a comparison that takes long.
constexpr int kLookAgainMs = 100;

class ServerPolicyDesk final : public PolicyDesk {
 public:
  explicit ServerPolicyDesk(std::unique_ptr<HttpClient> client) : client_(std::move(client)) {}

  Answer List() override { return Get("/v1/policies"); }
  Answer Show(const std::string& version) override { return Get("/v1/policies/" + version); }

  Answer Upload(const dsl::SourceSet& sources, const std::string& reason) override {
    JsonValue files = JsonValue::Array();
    for (uint32_t i = 0; i < sources.size(); ++i) {
      files.Append(
          JsonValue::Object({{"name", sources.file(i).name}, {"text", sources.file(i).text}}));
    }
    return Post("/v1/policies",
                JsonValue::Object({{"files", std::move(files)}, {"reason", reason}}));
  }

  Answer Diff(const std::string& from, const std::string& to) override {
    return Get("/v1/policies/" + from + "/diff?to=" + to);
  }

  Answer Impact(const std::string& version, std::optional<uint32_t> before,
                const engine::InputValues& context, const Progress& progress) override {
    const std::string target = "/v1/policies/" + version + "/impact";
    JsonValue body = JsonValue::Object({{"wait", false}});
    if (before) body.Set("before", *before);
    if (!context.empty()) body.Set("context", server::InputsJson(context));
    Answer answer = Post(target, body);
    while (answer && TextIn(*answer, "state") == "running") {
      progress(static_cast<uint64_t>(NumberIn(*answer, "subjects_done")),
               static_cast<uint64_t>(NumberIn(*answer, "subjects")));
      ::poll(nullptr, 0, kLookAgainMs);
      answer = Get(target);
    }
    if (!answer) return answer;
    return In(*answer, "impact");
  }

  Answer Activate(const std::string& version, const std::string& expected,
                  const std::string& reason) override {
    return Post("/v1/policies/" + version + "/activate",
                JsonValue::Object({{"expected", expected}, {"reason", reason}}));
  }

 private:
  Answer Get(const std::string& target) { return ExchangeJson(*client_, {"GET", target, "", {}}); }
  Answer Post(const std::string& target, const JsonValue& body) {
    return ExchangeJson(*client_, {"POST", target, server::WriteJson(body), {}});
  }

  std::unique_ptr<HttpClient> client_;
};

}  // namespace

std::unique_ptr<PolicyDesk> OpenServerPolicyDesk(const std::string& url, Console& console) {
  auto client = OpenClient(url);
  if (client) return std::make_unique<ServerPolicyDesk>(std::move(*client));
  Complain(console, client.error().message);
  return nullptr;
}

}  // namespace portvakt::cli
