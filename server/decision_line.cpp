// Members in a fixed order; those without a value are left out.
#include "server/decision_line.h"

#include "server/json_text.h"

namespace portvakt::server {
namespace {

// Names that go into JSON: whole characters of UTF-8.
std::string_view Clipped(std::string_view name) {
  if (name.size() <= kMaxLoggedNameBytes) return name;
  size_t end = kMaxLoggedNameBytes;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
  return name.substr(0, end);
}

class Line {
 public:
  Line(const LoggedDecision& decision, const Masks& masks, bool is_cut, std::string& out)
      : decision_(decision), masks_(masks), is_cut_(is_cut), out_(out) {}

  void Append() {
    const engine::Request& request = decision_.request;
    out_.append("{\"time\":");
    AppendJsonInstant(decision_.instant_us, out_);
    Text(",\"verdict\":", VerdictName(decision_.verdict));
    Text(",\"decided_by\":", decision_.decided_by);
    Entity(",\"subject\":{", request.subject, masks_.subject_id, request.subject_properties,
           masks_.subject_properties);
    Text(",\"action\":{\"name\":", request.action);
    Properties(request.action_properties, masks_.action_properties);
    out_.push_back('}');
    Entity(",\"resource\":{", request.resource, masks_.resource_id, request.resource_properties,
           masks_.resource_properties);
    if (!request.context.empty() && !is_cut_) {
      out_.append(",\"context\":");
      masks_.context.AppendJsonObject(request.context, out_);
    }
    if (is_cut_) out_.append(",\"cut\":true");
    out_.append(",\"policy\":");
    AppendJsonNumber(uint64_t{decision_.policy_version}, out_);
    out_.append(",\"revision\":");
    AppendJsonNumber(decision_.revision, out_);
    Text(",\"caller\":", decision_.caller);
    Text(",\"endpoint\":", decision_.endpoint);
    out_.append(",\"duration_us\":");
    AppendJsonMicroseconds(decision_.duration_ns, out_);
    if (!decision_.request_id.empty()) Text(",\"request_id\":", decision_.request_id);
    if (!decision_.trace_id.empty()) Text(",\"trace_id\":", decision_.trace_id);
    out_.append("}\n");
  }

 private:
  void Text(std::string_view member, std::string_view text) {
    out_.append(member);
    AppendJsonText(is_cut_ ? Clipped(text) : text, out_);
  }
  void Entity(std::string_view member, const engine::EntityName& name, bool is_masked,
              const engine::InputValues& properties, const MaskedPaths& masks) {
    out_.append(member);
    Text("\"type\":", name.type);
    Text(",\"id\":", is_masked ? kMasked : std::string_view(name.id));
    Properties(properties, masks);
    out_.push_back('}');
  }
  void Properties(const engine::InputValues& properties, const MaskedPaths& masks) {
    if (properties.empty() || is_cut_) return;
    out_.append(",\"properties\":");
    masks.AppendJsonObject(properties, out_);
  }

  const LoggedDecision& decision_;
  const Masks& masks_;
  const bool is_cut_;
  std::string& out_;
};

}  // namespace

std::string_view VerdictName(engine::Tri verdict) {
  switch (verdict) {
    case engine::Tri::kTrue: return "permit";
    case engine::Tri::kUnknown: return "unknown";
    case engine::Tri::kFalse: return "deny";
  }
  return "deny";
}

void AppendDecisionLine(const LoggedDecision& decision, const Masks& masks, std::string& out) {
  const size_t begin = out.size();
  Line(decision, masks, false, out).Append();
  if (out.size() - begin <= kMaxDecisionLineBytes) return;
  out.resize(begin);
  Line(decision, masks, true, out).Append();
}

}  // namespace portvakt::server
