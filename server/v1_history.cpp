// What happened: the history by fact, entity or actor, and the stream of changes since a revision.
#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "server/audit_json.h"
#include "server/change_read.h"
#include "server/limits.h"
#include "server/v1.h"
#include "server/v1_request.h"

namespace portvakt::server {
namespace {

HttpResponse AnswerPage(engine::Session& session, const engine::HistoryPage& page,
                        JsonValue answer) {
  if (!page.error.empty()) return Problem(400, "bad_query", page.error);
  return Answered(answer, session);
}

struct Since {
  uint64_t revision = 0;
  uint32_t index = 0;  // changes of the revision after it that are known already
  uint32_t limit = 100;
  uint32_t wait_seconds = 0;
};

// One parameter of the target, `name=number`.
void ReadParameter(std::string_view parameter, Since& since, Reading& reading) {
  const size_t equals = parameter.find('=');
  const std::string_view name = parameter.substr(0, equals);
  const std::string_view text =
      equals == std::string_view::npos ? "" : parameter.substr(equals + 1);
  const auto number = [&](auto& value, uint64_t least, uint64_t most) {
    uint64_t found = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), found);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size() && !text.empty() &&
        found >= least && found <= most) {
      value = static_cast<std::remove_reference_t<decltype(value)>>(found);
      return;
    }
    reading.Complain("wrong_value", "`" + std::string(name) + "` must be a whole number from " +
                                        std::to_string(least) + " to " + std::to_string(most));
  };
  if (name == "since") {
    number(since.revision, 0, INT64_MAX);
  } else if (name == "index") {
    number(since.index, 0, UINT32_MAX);
  } else if (name == "limit") {
    number(since.limit, 1, engine::kMaxHistoryPage);
  } else if (name == "wait") {
    number(since.wait_seconds, 0, kMaxPollSeconds);
  } else {
    reading.Complain("unknown_member", "there is no parameter `" + std::string(name) +
                                           "`; there are `since`, `index`, `limit`, `wait`");
  }
}

Since ReadSince(std::string_view target, Reading& reading) {
  Since since;
  const size_t mark = target.find('?');
  std::string_view rest = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  while (!rest.empty() && reading.ok()) {
    const size_t end = std::min(rest.find('&'), rest.size());
    ReadParameter(rest.substr(0, end), since, reading);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return since;
}

// Nothing while there is nothing new.
std::optional<HttpResponse> LookSince(engine::Session& session, const Since& since, bool is_last) {
  // Without a policy there is a history all the same.
  static_cast<void>(session.Refresh());
  const uint64_t newest = session.snapshot().revision();
  if (newest <= since.revision && !is_last) return std::nullopt;
  engine::HistoryQuery query;
  query.after_revision = since.revision;
  query.after_index = since.index;
  query.limit = since.limit;
  const engine::HistoryPage page = session.History(query);
  JsonValue answer = HistoryPageJson(page);
  const uint64_t reached = std::max(newest, since.revision);
  const uint64_t next_revision = page.next ? page.next->after_revision : reached;
  const uint32_t next_index = page.next ? page.next->after_index : 0;
  answer.Set("next", JsonValue::Object({{"since", next_revision}, {"index", next_index}}));
  answer.Set("more", page.next.has_value());
  return AnswerPage(session, page, std::move(answer));
}

}  // namespace

Reply AnswerHistory(const HttpRequest& request, Answering& answering) {
  const auto read = ReadBody(request);
  if (const Fault* fault = std::get_if<Fault>(&read)) return Refuse(*fault);
  Reading reading;
  engine::HistoryQuery query;
  ObjectReader body(std::get<JsonValue>(read), "", reading);
  if (const JsonValue* fact = body.Object("fact", Need::kOptional)) {
    ObjectReader reader(*fact, body.PathOf("fact"), reading);
    ReadFact(reader, query.fact.emplace());
    reader.Close();
  }
  body.Entity("entity", query.entity);
  body.Entity("actor", query.actor);
  body.Flag("by_operator", query.by_operator);
  body.Number("after_revision", Need::kOptional, query.after_revision, 0, INT64_MAX);
  body.Number("after_index", Need::kOptional, query.after_index);
  int64_t instant_us = 0;
  if (body.Instant("from", Need::kOptional, instant_us)) query.from_us = instant_us;
  if (body.Instant("until", Need::kOptional, instant_us)) query.until_us = instant_us;
  body.Flag("newest_first", query.newest_first);
  body.Number("limit", Need::kOptional, query.limit, 1, engine::kMaxHistoryPage);
  body.Close();
  if (reading.fault) return Refuse(*reading.fault);
  if (auto problem = Stand(answering.session, std::nullopt)) return *std::move(problem);
  const engine::HistoryPage page = answering.session.History(query);
  return AnswerPage(answering.session, page, HistoryPageJson(page));
}

Reply AnswerChangesSince(const HttpRequest& request, Answering&) {
  Reading reading;
  const Since since = ReadSince(request.target, reading);
  if (reading.fault) return Refuse(*reading.fault);
  return Watch{since.wait_seconds * 1000,
               [since](Answering& now, bool is_last) -> std::optional<HttpResponse> {
                 return LookSince(now.session, since, is_last);
               }};
}

}  // namespace portvakt::server
