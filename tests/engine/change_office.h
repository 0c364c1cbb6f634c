// An office whose changes are governed: rules, a forbid, notes and limits of every kind, with some
// people in it; and changes to it on one line:
//   office.Change("bo", {Add("user anna", "assigned_to", "", "client beta")})
#pragma once

#include "tests/engine/policy_world.h"

namespace portvakt::engine {

inline constexpr const char* kChangeOffice = R"(policy office

time zone "Europe/Stockholm"

context { signed : bool }

entity person
entity agency { rank : int optional }
entity client {
    status : enum { active, dormant }
    fee    : decimal optional
    since  : date optional
    notice : duration optional
    tags   : set of string optional
    owner  : agency optional
    origin : string from request
}
entity tenant is agency or client
entity user { person : person  home : agency  title : string optional }
open entity todo

program lon "Lön" in tenant {
    permission skapa
    permission attestera
}
permission enter in client

licence kh held by user from agency
role boss on tenant held by user
role clerk on tenant for program held by user
set boxes = lon

fact agency serves client
fact user assigned_to client
fact user granted boxes in tenant
fact user stands_in_for user as absent lasting at most 30 days
fact user visits client lasting 7 days
fact user watches todo
fact user removed

define user runs tenant if user is boss on tenant

permit enter
    user may enter in client
    if user assigned_to client

permit assign
    change user assigned_to client
    by  user as actor
    if  actor runs user.home                 else not_boss "{actor} is no boss"
    and user.home serves client              else not_linked

forbid themselves "nobody assigns himself"
    add user assigned_to client
    by  user as actor
    if  actor is user

note told "{client} is told"
    add user assigned_to client
    by  user as actor
    if  client.status is active

permit grant
    change user granted permission in tenant
    by  user as actor
    if  actor runs tenant
    and context.signed

permit cover
    add user stands_in_for user as absent
    by  user as actor
    if  actor runs absent.home

permit visit
    add user visits client
    by  user as actor
    if  actor runs user.home

permit watch
    change user watches todo
    by  user as actor
    if  actor is user

permit appoint
    change user is boss on tenant
    by  user as actor
    if  actor runs tenant

permit appoint_clerk
    change user is clerk for program on tenant
    by  user as actor
    if  actor runs tenant

permit hand_out
    change user holds licence from agency
    by  user as actor
    if  actor runs agency

permit order
    add seats of licence in agency
    by  user as actor
    if  actor runs agency

permit hire
    add user
    by  user as actor
    if  actor runs user.home

permit dismiss
    remove user
    by  user as actor
    if  actor runs user.home

permit retitle
    change user.title
    by  user as actor
    if  actor runs user.home

permit leave
    add user removed
    by  user as actor
    if  actor runs user.home

limit last_boss "{agency} would be without a boss"
    for every agency
    at least 1 user: user is boss on agency

limit seats_in_use "every {licence} of {agency} is in use"
    for every agency, licence
    at most seats of licence in agency user: user holds licence from agency

limit not_both "whoever is assigned is not removed"
    for every user, client
    not ( user removed and user assigned_to client )
)";

inline constexpr const char* kChangeOfficeData = R"(
entities:
  person: { p1: {}, p2: {}, p3: {}, p4: {} }
  agency: { norr: {}, soder: {} }
  client:
    alfa: { status: active }
    beta: { status: dormant, owner: norr }
    gamma: { status: active }
  user:
    bo:   { person: p1, home: norr }
    anna: { person: p2, home: norr }
    cia:  { person: p3, home: norr, title: consultant }
    eva:  { person: p4, home: soder }
facts:
  - norr serves alfa
  - norr serves beta
  - bo is boss on norr
  - eva is boss on soder
  - cia assigned_to alfa
  - cia holds kh from norr
  - seats of kh in norr is 2
)";

// 2026-07-01T00:00:00Z.
inline constexpr int64_t kOfficeNow_us = 1'782'864'000'000'000;
inline constexpr int64_t kDay_us = 86'400'000'000;

// "user anna".
inline EntityName Name(const std::string& words) {
  const size_t blank = words.find(' ');
  return {words.substr(0, blank), words.substr(blank + 1)};
}

inline ChangeItem Add(const std::string& subject, const std::string& relation,
                      const std::string& symbol = "", const std::string& object = "",
                      Validity validity = {}) {
  ChangeItem item;
  item.fact.subject = Name(subject);
  item.fact.relation = relation;
  item.fact.symbol = symbol;
  if (!object.empty()) item.fact.object = Name(object);
  item.validity = validity;
  return item;
}
inline ChangeItem Remove(const std::string& subject, const std::string& relation,
                         const std::string& symbol = "", const std::string& object = "") {
  ChangeItem item = Add(subject, relation, symbol, object);
  item.kind = ChangeItem::Kind::kRemove;
  return item;
}
inline ChangeItem Seats(const std::string& pool, const std::string& licence, uint32_t seats) {
  ChangeItem item;
  item.kind = ChangeItem::Kind::kSeats;
  item.entity = Name(pool);
  item.licence = licence;
  item.seats = seats;
  return item;
}
inline ChangeItem Of(ChangeItem::Kind kind, const std::string& entity,
                     InputValues attributes = {}) {
  ChangeItem item;
  item.kind = kind;
  item.entity = Name(entity);
  item.attributes = std::move(attributes);
  return item;
}
inline ChangeItem Create(const std::string& entity, InputValues attributes = {}) {
  return Of(ChangeItem::Kind::kCreate, entity, std::move(attributes));
}
inline ChangeItem Set(const std::string& entity, InputValues attributes) {
  return Of(ChangeItem::Kind::kSet, entity, std::move(attributes));
}
inline ChangeItem Delete(const std::string& entity) {
  return Of(ChangeItem::Kind::kDelete, entity);
}

// `actor` is a user's id; "" is the operator.
inline ChangeRequest RequestOf(const std::string& actor, std::vector<ChangeItem> changes) {
  ChangeRequest request;
  if (!actor.empty()) request.actor = EntityName{"user", actor};
  request.changes = std::move(changes);
  return request;
}

class ChangeOffice : public PolicyWorld {
 public:
  ChangeOffice() : PolicyWorld(kChangeOffice) {
    now_us = kOfficeNow_us;
    Load(kChangeOfficeData);
  }

  ChangeResult Change(const std::string& actor, std::vector<ChangeItem> changes) {
    return engine().Change(RequestOf(actor, std::move(changes)));
  }
  // Whether the fact is stored and holds now.
  bool Holds(const ChangeItem& item) {
    const Snapshot snapshot = std::move(*engine().store().Read());
    const auto number = [&](Space space, const std::string& name) {
      return static_cast<uint16_t>(snapshot.FindNumber(space, name).value_or(kMaxNumbers));
    };
    const auto entity = [&](const EntityName& name) {
      return snapshot.FindEntity(number(Space::kType, name.type), name.id);
    };
    FactKey key;
    key.relation = number(Space::kRelation, item.fact.relation);
    const Space space = item.fact.relation == "is"      ? Space::kRole
                        : item.fact.relation == "holds" ? Space::kLicence
                                                        : Space::kPermission;
    if (!item.fact.symbol.empty()) key.symbol = number(space, item.fact.symbol);
    const auto subject = entity(item.fact.subject);
    const auto object = item.fact.object ? entity(*item.fact.object) : kNoEntity;
    if (!subject || !object) return false;
    key.subject = *subject;
    key.object = *object;
    const Cell::Row row = snapshot.FindCell(key.subject, key.object)
                              .Find(key.relation, static_cast<uint16_t>(key.symbol / 64));
    if (((row.bits >> (key.symbol % 64)) & 1) == 0) return false;
    return ((row.timed >> (key.symbol % 64)) & 1) == 0 || snapshot.FindValidity(key).At(now_us);
  }
  uint64_t Revision() { return engine().store().Read()->revision(); }
};

inline std::string CodesOf(const ChangeVerdict& verdict) {
  std::string codes;
  for (const ReasonText& reason : verdict.reasons) {
    codes += (codes.empty() ? "" : " ") + reason.code;
  }
  return codes;
}

inline std::ostream& operator<<(std::ostream& out, ChangeResult::Outcome outcome) {
  constexpr const char* kNames[] = {"applied", "unchanged", "dry run", "refused",
                                    "invalid", "conflict",  "failed"};
  return out << kNames[static_cast<size_t>(outcome)];
}
inline std::ostream& operator<<(std::ostream& out, ChangeVerdict::Outcome outcome) {
  constexpr const char* kNames[] = {"done", "already", "refused", "invalid"};
  return out << kNames[static_cast<size_t>(outcome)];
}

}  // namespace portvakt::engine
