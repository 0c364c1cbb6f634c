// The life of policies: /v1/policies, and below it one version with its sources, its differences
// from another, its impact and its activation. Nearly all of it reads whole policies or waits for
// the store, so it runs aside.
#include "server/v1_policies.h"

#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "dsl/dsl.h"
#include "dsl/policy_diff.h"
#include "server/answering_task.h"
#include "server/diagnostics_json.h"
#include "server/limits.h"
#include "server/policy_json.h"
#include "server/v1.h"
#include "server/v1_request.h"

namespace portvakt::server {
namespace {

Reply Aside(Service& service, std::function<HttpResponse(engine::Engine&)> make) {
  return Later{[&service, make = std::move(make)](const Respond& respond) {
    std::function<void()> task =
        AnsweringTask([&engine = service.engine, make] { return make(engine); }, respond);
    if (!service.run_aside) {
      task();
    } else if (!service.run_aside(std::move(task))) {
      respond(
          Problem(503, "too_many_waiting", "too many such requests wait already; ask again later"));
    }
  }};
}

void ReadFiles(ObjectReader& body, dsl::SourceSet& sources) {
  const JsonValue* files = body.Array("files", Need::kRequired);
  if (files == nullptr) return;
  Reading& reading = body.reading();
  if (files->elements().empty() || files->elements().size() > kMaxPolicyFiles) {
    return reading.Complain(
        "wrong_value", "`/files` must hold 1 to " + std::to_string(kMaxPolicyFiles) + " files");
  }
  std::set<std::string> names;
  for (size_t i = 0; i < files->elements().size() && reading.ok(); ++i) {
    const std::string where = body.PathOf("files") + "/" + std::to_string(i);
    const JsonValue& element = files->elements()[i];
    if (!element.is(JsonValue::Kind::kObject)) {
      const Fault fault = WrongType("`" + where + "`", element, "an object");
      return reading.Complain(fault.code, fault.message);
    }
    ObjectReader file(element, where, reading);
    std::string name;
    std::string text;
    file.Text("name", Need::kRequired, name);
    // Any string: what is wrong with it is a finding.
    const JsonValue* given = file.Any("text");
    if (given != nullptr && given->is(JsonValue::Kind::kString)) {
      text = given->text();
    } else {
      reading.Complain("missing_member", "`" + where + "/text` must be there, a string");
    }
    file.Close();
    if (!reading.ok()) return;
    if (name.empty() || !names.insert(name).second) {
      return reading.Complain("wrong_value", "`" + where + "/name` is empty, or stands twice");
    }
    sources.Add(std::move(name), std::move(text));
  }
}

HttpResponse Upload(engine::Engine& engine, const dsl::SourceSet& sources,
                    const engine::Engine::By& by) {
  dsl::Diagnostics findings;
  const std::optional<dsl::Module> module = dsl::Compile(sources, findings);
  if (!module) {
    return Problem(422, "policy_does_not_check",
                   "the policy has errors; nothing was stored. `findings` tells where and what",
                   DiagnosticsJson(findings, sources));
  }
  const auto version = engine.UploadPolicy(sources, *module, by);
  if (!version) return PolicyProblem(version.error());
  const auto stored = engine.FindPolicy(*version);
  if (!stored) return PolicyProblem(stored.error());
  JsonValue answer = PolicyVersionJson(*stored);
  answer.Set("findings", *DiagnosticsJson(findings, sources).Find("findings"));
  HttpResponse response = Ok(answer);
  response.status = 201;
  response.fields.emplace_back("Location", "/v1/policies/" + std::to_string(*version));
  return response;
}

HttpResponse Show(engine::Engine& engine, const PolicyPath& path) {
  const auto number = path.Resolve(engine);
  if (!number) return PolicyProblem(number.error());
  const auto version = engine.FindPolicy(*number);
  if (!version) return PolicyProblem(version.error());
  const auto sources = engine.PolicySources(*number);
  if (!sources) return PolicyProblem(sources.error());
  return Ok(PolicyVersionJson(*version, *sources));
}

HttpResponse Diff(engine::Engine& engine, const PolicyPath& from, const PolicyPath& to) {
  const auto before = from.Resolve(engine);
  const auto after = to.Resolve(engine);
  if (!before || !after) return PolicyProblem(before ? after.error() : before.error());
  const auto old = engine.PolicySources(*before);
  const auto now = engine.PolicySources(*after);
  if (!old || !now) return PolicyProblem(old ? now.error() : old.error());
  return Ok(PolicyDiffJson(*before, *after, dsl::ComparePolicies(*old, *now)));
}

HttpResponse Activate(engine::Engine& engine, uint32_t version, const std::string& expected,
                      const engine::Engine::By& by) {
  const engine::Status activated = engine.ActivatePolicy(version, expected, by);
  if (!activated) return PolicyProblem(activated.error());
  const auto stored = engine.FindPolicy(version);
  return stored ? Ok(PolicyVersionJson(*stored)) : PolicyProblem(stored.error());
}

engine::Engine::By ReadBy(ObjectReader& body, const Answering& answering) {
  engine::Engine::By by;
  by.actor = answering.caller->name;
  body.Text("reason", Need::kOptional, by.reason);
  return by;
}

Reply AnswerDiff(const HttpRequest& request, Answering& answering, const PolicyPath& from) {
  constexpr std::string_view kTo = "to=";
  const size_t mark = request.target.find('?');
  const std::string_view query =
      mark == std::string_view::npos ? "" : request.target.substr(mark + 1);
  const auto to =
      query.starts_with(kTo) ? PolicyPath::VersionOf(query.substr(kTo.size())) : std::nullopt;
  if (!to) {
    return Problem(400, "wrong_value", "say with what to compare: `?to=2`, a version's number");
  }
  return Aside(answering.service,
               [from, to = *to](engine::Engine& engine) { return Diff(engine, from, to); });
}

Reply AnswerActivate(const HttpRequest& request, Answering& answering, const PolicyPath& path) {
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  Reading reading;
  ObjectReader body(std::get<JsonValue>(read), "", reading);
  std::string expected;
  body.Text("expected", Need::kRequired, expected);
  const engine::Engine::By by = ReadBy(body, answering);
  body.Close();
  if (reading.fault) return Refuse(*reading.fault);
  return Aside(answering.service, [path, expected, by](engine::Engine& engine) {
    const auto version = path.Resolve(engine);
    return version ? Activate(engine, *version, expected, by) : PolicyProblem(version.error());
  });
}

}  // namespace

HttpResponse PolicyProblem(const engine::Error& error) {
  switch (error.code) {
    case engine::Error::Code::kNotFound: return Problem(404, "no_such_policy", error.message);
    case engine::Error::Code::kConflict: return Problem(409, "another_policy", error.message);
    case engine::Error::Code::kInvalid:
    case engine::Error::Code::kFull: return Problem(422, "policy_refused", error.message);
    default: return Problem(503, "not_stored", error.message);
  }
}

std::optional<PolicyPath> PolicyPath::VersionOf(std::string_view text) {
  PolicyPath path;
  if (text == "active") return path;
  uint32_t version = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), version);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || version == 0) {
    return std::nullopt;
  }
  path.version = version;
  return path;
}

engine::Result<uint32_t> PolicyPath::Resolve(const engine::Engine& engine) const {
  if (version) return *version;
  const auto active = engine.ActivePolicy();
  if (!active) return active.error();
  return *active;
}

Reply AnswerPolicies(const HttpRequest&, Answering& answering) {
  return Aside(answering.service, [](engine::Engine& engine) {
    const auto versions = engine.ListPolicies();
    return versions ? Ok(PolicyVersionsJson(*versions)) : PolicyProblem(versions.error());
  });
}

Reply AnswerPolicyUpload(const HttpRequest& request, Answering& answering) {
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  Reading reading;
  ObjectReader body(std::get<JsonValue>(read), "", reading);
  dsl::SourceSet sources;
  ReadFiles(body, sources);
  const engine::Engine::By by = ReadBy(body, answering);
  body.Close();
  if (reading.fault) return Refuse(*reading.fault);
  return Aside(answering.service, [sources = std::move(sources), by](engine::Engine& engine) {
    return Upload(engine, sources, by);
  });
}

Reply AnswerPolicy(const HttpRequest& request, Answering& answering) {
  constexpr std::string_view kBase = "/v1/policies/";
  std::string_view rest = request.target.substr(0, request.target.find('?')).substr(kBase.size());
  const size_t slash = rest.find('/');
  const auto path = PolicyPath::VersionOf(rest.substr(0, slash));
  rest = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
  const bool known = rest.empty() ? slash == std::string_view::npos
                                  : rest == "diff" || rest == "impact" || rest == "activate";
  if (!path || !known) {
    return Problem(404, "no_such_endpoint",
                   "a policy is `/v1/policies/` and its number or `active`, and below it there are "
                   "`/diff`, `/impact` and `/activate`");
  }
  const bool post = request.method == "POST";
  const bool takes_post = rest == "impact" || rest == "activate";
  const bool takes_get = rest != "activate";
  if (post ? !takes_post : !takes_get) {
    const char* allowed = !takes_get ? "POST" : takes_post ? "GET, HEAD, POST" : "GET, HEAD";
    HttpResponse response =
        Problem(405, "method_not_allowed", "this path takes " + std::string(allowed));
    response.fields.emplace_back("Allow", allowed);
    return response;
  }
  if (rest == "diff") return AnswerDiff(request, answering, *path);
  if (rest == "activate") return AnswerActivate(request, answering, *path);
  if (rest == "impact") return AnswerImpact(request, answering, *path);
  return Aside(answering.service,
               [path = *path](engine::Engine& engine) { return Show(engine, path); });
}

}  // namespace portvakt::server
