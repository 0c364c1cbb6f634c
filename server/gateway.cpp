// From a gateway's question to a decision: what was asked of the application, who asks, which route
// that is. Each step may refuse; what refuses says why to whoever reads the answer.
#include "server/gateway.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "server/deciding.h"
#include "server/json.h"
#include "server/names_json.h"

namespace portvakt::server {
namespace {

constexpr std::string_view kExtAuthz = "/authz/ext-authz";

// The request to the application.
struct Original {
  std::string_view method;
  std::string_view target;
};

HttpResponse Refusal(std::string_view code, std::string_view detail) {
  return Problem(403, code, detail);
}

HttpResponse Unproven(std::string_view detail) {
  HttpResponse response = Problem(401, "no_subject", detail);
  response.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"portvakt\"");
  return response;
}

// The value of a field that stands exactly once: where a gateway adds its field beside one that the
// user sent, nobody can tell which is whose.
std::optional<std::string_view> OnlyField(const HttpRequest& request, std::string_view name) {
  std::optional<std::string_view> value;
  for (const auto& [field, text] : request.fields) {
    if (!EqualIgnoringCase(field, name)) continue;
    if (value) return std::nullopt;
    value = text;
  }
  return value;
}

std::variant<Original, HttpResponse> OriginalOf(const HttpRequest& request,
                                                std::string_view method_field,
                                                std::string_view target_field) {
  const auto method = OnlyField(request, method_field);
  const auto target = OnlyField(request, target_field);
  if (method && target) return Original{*method, *target};
  return Refusal("no_original", "the gateway must send `" +
                                    std::string(method ? target_field : method_field) +
                                    "` exactly once");
}

bool Holds(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool IsTrusted(const GatewaySubjectOptions& options, const Answering& answering) {
  if (options.callers.empty() && options.addresses.empty()) return false;
  return (options.callers.empty() || Holds(options.callers, answering.caller->name)) &&
         (options.addresses.empty() || Holds(options.addresses, answering.peer.address));
}

// An id that may stand in a field of an answer.
bool IsSubjectId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxSubjectBytes && IsUtf8(id) &&
         std::none_of(id.begin(), id.end(), [](char letter) {
           return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
         });
}

std::variant<engine::EntityName, HttpResponse> SubjectOf(const HttpRequest& request,
                                                         const Answering& answering) {
  const GatewaySubjectOptions& options = answering.service.gateway->subject();
  engine::EntityName subject;
  if (options.header.empty()) {
    if (!answering.caller->actor) {
      return Unproven("the credentials of the request name no subject");
    }
    subject = *answering.caller->actor;
  } else {
    if (!IsTrusted(options, answering)) {
      return Refusal("untrusted_gateway", "this caller is not one that may say who the subject is");
    }
    const auto id = OnlyField(request, options.header);
    if (!id || id->empty()) {
      return Unproven("the gateway must send `" + options.header + "` exactly once");
    }
    subject = {options.type, std::string(*id)};
  }
  if (IsSubjectId(subject.id)) return subject;
  return Refusal("bad_subject",
                 "the subject's id is too long, not UTF-8 or has a control character");
}

engine::Request RequestOf(const Original& original, const RouteMatch& match,
                          const engine::EntityName& subject) {
  const Route& route = *match.route;
  engine::Request request;
  request.subject = subject;
  request.action = route.permission.empty() ? std::string(original.method) : route.permission;
  request.resource = {route.resource_type, std::string(match.ValueOf(route.resource_id))};
  for (const auto& [name, text] : route.context) {
    engine::InputValue value;
    value.kind = engine::InputValue::Kind::kString;
    value.text = match.ValueOf(text);
    request.context.emplace_back(name, std::move(value));
  }
  return request;
}

HttpResponse Allowed(const engine::EntityName& subject) {
  HttpResponse response;
  response.fields.emplace_back("X-Auth-Subject", subject.id);
  return response;
}

HttpResponse Denied(const engine::Explanation* explanation) {
  JsonValue members = JsonValue::Object();
  if (explanation != nullptr) members.Set("reasons", ReasonsJson(explanation->reasons));
  return Problem(403, "denied", "the policy does not permit this", members);
}

HttpResponse DecideRoute(const engine::Request& request, bool tell_reasons, Decider& decider) {
  if (!tell_reasons) {
    return decider.Decide(request).permit ? Allowed(request.subject) : Denied(nullptr);
  }
  const engine::Explanation explanation = decider.Explain(request);
  return explanation.decision.permit ? Allowed(request.subject) : Denied(&explanation);
}

HttpResponse Ask(const Original& original, const HttpRequest& request, Answering& answering) {
  const Gateway& gateway = *answering.service.gateway;
  RequestPath path;
  if (const auto fault = path.Read(original.target); !fault.empty()) {
    return Refusal("unclear_path", "the path of the request " + std::string(fault));
  }
  RouteMatch match;
  if (!gateway.routes().Find(original.method, path, match)) {
    return Refusal("no_route", match.has_template
                                   ? "the route of this path is not for the request's method"
                                   : "no route fits the path of the request");
  }
  const auto subject = SubjectOf(request, answering);
  if (const auto* refusal = std::get_if<HttpResponse>(&subject)) return *refusal;
  const engine::Request asked = RequestOf(original, match, std::get<engine::EntityName>(subject));
  HttpResponse response = Decided(answering, [&](Decider& decider) {
    return DecideRoute(asked, gateway.tell_reasons(), decider);
  });
  // A gateway may be told to let through what the authorizer fails at; this is no such failure.
  if (response.status >= 500) response = Refusal("no_policy", "there is no policy to decide by");
  return response;
}

// Letters of a token, RFC 9110 section 5.6.2.
bool IsFieldLetter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(letter) != std::string_view::npos;
}

// As addresses of peers are written; "" when it is none.
std::string PlainAddress(const std::string& text) {
  std::array<char, INET6_ADDRSTRLEN> plain{};
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  const int family = text.find(':') == std::string::npos ? AF_INET : AF_INET6;
  if (inet_pton(family, text.c_str(), bytes.data()) != 1) return "";
  return inet_ntop(family, bytes.data(), plain.data(), plain.size()) == nullptr ? "" : plain.data();
}

HttpResponse NotConfigured() {
  return Refusal("no_gateway", "set `gateway` in the configuration of the server");
}

HttpResponse AskByFields(const HttpRequest& request, Answering& answering,
                         std::string_view method_field, std::string_view target_field) {
  if (answering.service.gateway == nullptr) return NotConfigured();
  const auto original = OriginalOf(request, method_field, target_field);
  if (const auto* refusal = std::get_if<HttpResponse>(&original)) return *refusal;
  return Ask(std::get<Original>(original), request, answering);
}

}  // namespace

engine::Status Gateway::CheckSubject(GatewaySubjectOptions& subject) {
  const auto invalid = [](std::string message) {
    return engine::Error{engine::Error::Code::kInvalid, std::move(message)};
  };
  const bool has_trusted = !subject.callers.empty() || !subject.addresses.empty();
  if (subject.header.empty()) {
    if (!has_trusted && subject.type.empty()) return engine::Done{};
    return invalid("`subject` has no `header` for what else it says");
  }
  if (!std::all_of(subject.header.begin(), subject.header.end(), IsFieldLetter)) {
    return invalid("`header` is no name of a field");
  }
  if (subject.type.empty()) return invalid("`subject` has a `header` but no `type`");
  if (!has_trusted) {
    return invalid(
        "`subject` believes a header of anybody; name the `callers` or `addresses` of gateways");
  }
  for (std::string& address : subject.addresses) {
    const std::string plain = PlainAddress(address);
    if (plain.empty()) return invalid("`" + address + "` is no address in numbers");
    address = plain;
  }
  return engine::Done{};
}

engine::Result<std::shared_ptr<const Gateway>> Gateway::Make(const GatewayOptions& options) {
  GatewaySubjectOptions subject = options.subject;
  const engine::Status checked = CheckSubject(subject);
  if (!checked.ok()) return checked.error();
  auto routes = RouteTable::Compile(options.routes);
  if (!routes.ok()) return routes.error();
  return std::shared_ptr<const Gateway>(
      new Gateway(std::move(subject), std::move(*routes), options.tell_reasons));
}

Reply AnswerAuthRequest(const HttpRequest& request, Answering& answering) {
  return AskByFields(request, answering, "X-Original-Method", "X-Original-URI");
}

Reply AnswerForwardAuth(const HttpRequest& request, Answering& answering) {
  return AskByFields(request, answering, "X-Forwarded-Method", "X-Forwarded-Uri");
}

Reply AnswerExtAuthz(const HttpRequest& request, Answering& answering) {
  if (answering.service.gateway == nullptr) return NotConfigured();
  return Ask({request.method, request.target.substr(kExtAuthz.size())}, request, answering);
}

}  // namespace portvakt::server
