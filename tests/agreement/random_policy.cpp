// Draws a policy: a fixed schema with random inclusions, sets and rules. Conditions are built from
// sentence templates over the names in scope, so that nearly every policy checks.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/agreement/generator.h"

namespace portvakt::agreement {
namespace {

constexpr const char* kSchema = R"(policy random

entity person
entity org { closed : bool }
entity group
entity circle is org or group
entity user {
    person  : person
    home    : org
    boss    : user optional
    level   : { low < mid < high }
    age     : int
    removed : bool
}
open entity visitor { nick : string optional }
entity party is user or visitor
entity folder { org : org, owner : user }
entity doc {
    folder      : folder
    org         : org
    secret      : bool
    ceiling     : decimal optional
    kind        : enum { note, bill }
    prepared_by : person from request
}
entity thing is folder or doc
entity place is thing or org

context {
    login  : { weak < fair < strong }
    amount : decimal
    via    : user
    urgent : bool
}
action { size : int }

fact user member_of circle
fact group under group as parent transitive
fact user granted permission in place
fact user banned
fact user prefers permission
fact folder inside folder as outer transitive
fact party follows thing
fact user shut_out of program in place

)";

struct Name {
  std::string text;
  std::string type;
};

class PolicyMaker {
 public:
  explicit PolicyMaker(Random& random) : random_(random) {}

  std::string Make() {
    text_ = kSchema;
    Symbols();
    Defines();
    const size_t permits = 3 + Below(5), forbids = Below(4);
    for (size_t i = 0; i < permits; ++i) Rule("permit", i);
    for (size_t i = 0; i < forbids; ++i) Rule("forbid", i);
    const size_t changes = 12 + Below(5), limits = 1 + Below(3);
    for (size_t i = 0; i < changes; ++i) ChangeRule(i < 11 ? "permit" : "forbid", i);
    for (size_t i = 0; i < limits; ++i) Limit(i);
    return text_;
  }

 private:
  size_t Below(size_t n) { return random_() % n; }
  bool Chance(size_t percent) { return Below(100) < percent; }
  template <class T>
  const T& Pick(const std::vector<T>& list) {
    return list[Below(list.size())];
  }
  std::string Permission(size_t i) {
    return (i < 4 ? "alpha.p" : i < 7 ? "beta.p" : "p") + std::to_string(i);
  }

  // Permission i includes and requires only those with lower numbers.
  void Symbols() {
    for (size_t i = 0; i < kPermissions; ++i) {
      if (i == 0) text_ += "program alpha in place\n";
      if (i == 4) text_ += "program beta in place\n";
      const bool inside = i < 7;
      text_ += (inside ? "    permission p" : "permission p") + std::to_string(i);
      if (!inside) text_ += " on place";
      if (i > 0 && Chance(50)) text_ += " includes " + Permission(Below(i));
      if (i > 0 && Chance(15)) text_ += " requires " + Permission(Below(i));
      text_ += "\n";
    }
    text_ += "\nset some_of = " + Permission(Below(4)) + ", " + Permission(4 + Below(5)) + "\n";
    text_ += "set most = all permissions except " + Permission(Below(kPermissions)) + "\n";
    text_ += "set ends = *.p" + std::to_string(Below(7)) + ", beta\n\n";
    text_ += "licence full held by user from org covers " + Set() + "\n";
    text_ += "licence part held by user from org covers " + Permission(Below(kPermissions)) + "\n";
    text_ += "licence pack held by org covers " + Set() + "\n";
    text_ += "role junior on circle held by user gives " + Permission(Below(kPermissions)) + "\n";
    text_ += "role senior on circle held by user includes junior gives " + Set() + "\n";
    text_ += "role global held by user gives " + Set() + "\n";
    text_ += "role keeper on circle for program held by user gives " + Set() + "\n\n";
  }

  std::string Set() { return Pick<std::string>({"some_of", "most", "ends", "alpha"}); }

  void Defines() {
    scope_ = {{"user", "user"}, {"org", "org"}};
    has_permission_ = false;
    text_ += "define user works_for org\n    if " + Condition(2) + "\n\n";
    scope_ = {{"user", "user"}, {"place", "place"}};
    has_permission_ = true;
    text_ += "define user cleared for permission in place\n    if " + Condition(2) + "\n\n";
    scope_ = {{"party", "party"}, {"folder", "folder"}, {"outer", "folder"}};
    has_permission_ = false;
    text_ +=
        "define folder lies_in folder as outer\n    if folder is outer or folder inside outer\n\n";
    with_defines_ = true;
  }

  void Rule(const std::string& effect, size_t number) {
    const std::string subject = Chance(80) ? "user" : "party";
    const std::string object =
        Pick<std::string>({"thing", "doc", "folder", "org", "place", "place"});
    highest_ = 2 + Below(kPermissions - 2);
    std::string permissions = "permission";
    may_ = false;
    if (Chance(40)) permissions = "any of " + Set();
    if (Chance(20)) {
      permissions = Permission(highest_);
      may_ = true;
    }
    scope_ = {{subject, subject}, {object, object}};
    has_permission_ = true;
    text_ += effect + " " + effect + std::to_string(number) + "\n    " + subject + " may " +
             permissions + " on " + object + "\n";
    if (effect == "permit" && Chance(10)) {
      text_ += "\n";
      return;
    }
    text_ += "    if " + Condition(3);
    if (Chance(20)) text_ += "\n    unless " + Item(1);
    text_ += "\n\n";
    may_ = false;
  }

  // What is changed, the names that it binds, and whether `permission` is one.
  void ChangeRule(const std::string& effect, size_t number) {
    struct Target {
      const char* text;
      std::vector<Name> names;
      bool has_permission = false;
      bool whole = false;  // takes `change` alone
    };
    static const std::vector<Target> kTargets = {
        {"user granted permission in place", {{"user", "user"}, {"place", "place"}}, true},
        {"user banned", {{"user", "user"}}},
        {"user member_of circle", {{"user", "user"}, {"circle", "circle"}}},
        {"user holds licence from org", {{"user", "user"}, {"org", "org"}}},
        {"user holds full from org", {{"user", "user"}, {"org", "org"}}},
        {"user is role on circle", {{"user", "user"}, {"circle", "circle"}}},
        {"user is keeper for program on circle", {{"user", "user"}, {"circle", "circle"}}},
        {"seats of licence in org", {{"org", "org"}}},
        {"folder inside folder as outer", {{"folder", "folder"}, {"outer", "folder"}}},
        {"user.removed", {{"user", "user"}}, false, true},
        {"doc.secret", {{"doc", "doc"}}, false, true}};
    const Target& target = Pick(kTargets);
    const std::string operation =
        target.whole ? "change" : Pick<std::string>({"change", "change", "add", "remove"});
    scope_ = target.names;
    scope_.push_back({"actor", "user"});
    has_permission_ = target.has_permission;
    may_ = false;
    text_ += effect + " change" + std::to_string(number) + "\n    " + operation + " " +
             target.text + "\n    by user as actor\n";
    text_ += effect == "permit" && Chance(55) ? "" : "    if " + Condition(2) + "\n";
    if (Chance(15)) text_ += "    unless change.second is actor\n";
    text_ += "\n";
  }

  void Limit(size_t number) {
    without_request_ = true;
    has_permission_ = false;
    text_ += "limit limit" + std::to_string(number) + " \"too much or too little\"\n    for every ";
    const auto body = [&](std::vector<Name> scope, const std::string& tie) {
      scope_ = std::move(scope);
      return "( " + tie + (Chance(60) ? " and " + Item(1) : "") + " )\n\n";
    };
    const std::string count =
        Chance(50) ? "at least 1 " : "at most " + std::to_string(1 + Below(2)) + " ";
    switch (Below(5)) {
      case 0:
        text_ +=
            "org, licence\n    at most seats of licence in org user: "
            "user holds licence from org\n\n";
        break;
      case 1:
        text_ += "org\n    " + count +
                 "user: " + body({{"org", "org"}, {"user", "user"}}, "user is senior on org");
        break;
      case 2:
        text_ += "org\n    " + count +
                 "user: " + body({{"org", "org"}, {"user", "user"}}, "user works_for org");
        break;
      case 3:
        text_ += "person, org\n    at most 1 user: " +
                 body({{"person", "person"}, {"org", "org"}, {"user", "user"}},
                      "user.person is person and user member_of org");
        break;
      default:
        text_ += "user, org\n    not " +
                 body({{"user", "user"}, {"org", "org"}}, "user member_of org and user banned");
    }
    without_request_ = false;
  }

  std::string Condition(size_t depth) {
    const size_t parts = 1 + Below(3);
    const std::string word = Chance(60) ? " and " : " or ";
    std::string text;
    for (size_t i = 0; i < parts; ++i) text += (i == 0 ? "" : word) + Item(depth);
    return text;
  }

  std::string Item(size_t depth) {
    if (depth > 0 && Chance(15)) return "not ( " + Condition(depth - 1) + " )";
    if (depth > 0 && Chance(20)) return "( " + Condition(depth - 1) + " )";
    if (Chance(15)) return "not " + Sentence(0);
    return Sentence(depth);
  }

  // Expressions of a type over the names in scope; "" when there is none.
  std::string Of(const std::string& type) {
    std::vector<std::string> found;
    for (const Name& name : scope_) {
      if (name.type == type) found.insert(found.end(), 2, name.text);
      if (type == "user" && name.type == "folder") found.push_back(name.text + ".owner");
      if (type == "user" && name.type == "doc") found.push_back(name.text + ".folder.owner");
      if (type == "user" && name.type == "party") found.push_back(name.text);
      if (type == "org" && name.type == "user") found.push_back(name.text + ".home");
      if (type == "org" && (name.type == "folder" || name.type == "doc" || name.type == "thing")) {
        found.push_back(name.text + ".org");
      }
      if (type == "org" && (name.type == "place" || name.type == "circle")) {
        found.push_back(name.text);
      }
      if (type == "person" && name.type == "user") found.push_back(name.text + ".person");
      if (type == "person" && name.type == "doc") found.push_back(name.text + ".prepared_by");
      if (type == "folder" && name.type == "doc") found.push_back(name.text + ".folder");
      if (type == "folder" && (name.type == "thing" || name.type == "place")) {
        found.push_back(name.text);
      }
      if (type == "doc" && name.type == "thing") found.push_back("");
    }
    std::erase(found, "");
    if (type == "user" && !without_request_ && (found.empty() || Chance(14))) return "context.via";
    if (found.empty()) return "";
    return Pick(found);
  }
  std::string Circle() {
    if (Chance(30)) return "some group";
    std::string group = Of("group");
    return !group.empty() && Chance(50) ? group : Of("org");
  }
  std::string Place() {
    for (const char* type : {"place", "thing", "doc", "folder", "org"}) {
      std::string found = Of(type);
      if (!found.empty() && Chance(70)) return found;
    }
    return Of("org");
  }

  std::string Sentence(size_t depth) {
    for (;;) {
      std::string text = depth > 0 && Chance(35) ? Quantified(depth) : Plain();
      if (!text.empty()) return text;
    }
  }

  std::string Plain() {
    const std::string user = Of("user"), org = Of("org"), folder = Of("folder"), doc = Of("doc");
    // What a request may leave out comes often enough to be seen in the outcomes.
    static const std::vector<size_t> kRequested = {7, 9, 18};
    const size_t drawn = Chance(12) ? Pick(kRequested) : Below(25);
    // What a limit may not lean on: the request, and definitions that may.
    static const std::vector<size_t> kOfRequest = {7, 9, 10, 13, 18, 20, 21, 22};
    if (without_request_ &&
        std::find(kOfRequest.begin(), kOfRequest.end(), drawn) != kOfRequest.end()) {
      return "";
    }
    switch (drawn) {
      case 0:
        return org.empty() && Circle().empty()
                   ? ""
                   : user + " member_of " + (org.empty() ? "some group" : Circle());
      case 1: return org.empty() || !Plainly(user) ? "" : user + ".home is " + org;
      case 2:
        return has_permission_ && !Place().empty() ? user + " granted permission in " + Anchor()
                                                   : "";
      case 3: return Anchor().empty() ? "" : user + " granted some permission in " + Anchor();
      case 4: return user + " banned";
      case 5: return Plainly(user) ? user + ".removed" : "";
      case 6: return doc.empty() ? "" : doc + ".secret";
      case 7: return Chance(50) ? "context.urgent" : "not context.urgent";
      case 8:
        return Plainly(user)
                   ? user + ".level is at least " + Pick<std::string>({"low", "mid", "high"})
                   : "";
      case 9:
        return "context.login is " + Pick<std::string>({"at least", "less than", "not at most"}) +
               " fair";
      case 10: return doc.empty() ? "" : doc + ".ceiling is present and less than context.amount";
      case 11: return doc.empty() ? "" : doc + ".ceiling is absent or more than 2";
      case 12: return doc.empty() ? "" : doc + ".kind is " + (Chance(50) ? "not note" : "bill");
      case 13:
        return doc.empty() || Of("person").empty() ? "" : doc + ".prepared_by is " + Of("person");
      case 14:
        return org.empty()
                   ? ""
                   : user + " is " +
                         Pick<std::string>({"junior", "senior", "keeper", "keeper for alpha"}) +
                         " on " + org;
      case 15: return user + " is global";
      case 16: return org.empty() ? "" : Pick<std::string>({"full", "part"}) + " is free in " + org;
      case 17:
        return folder.empty()
                   ? ""
                   : folder + (Chance(50) ? " inside " : " directly inside ") + Of("folder");
      case 18: return "action.size is less than 3";
      case 19: return Plainly(user) ? user + ".age is more than " + std::to_string(Below(4)) : "";
      case 20: return org.empty() || !with_defines_ ? "" : user + " works_for " + org;
      case 21:
        return has_permission_ && with_defines_ && !Anchor().empty()
                   ? user + " cleared for permission in " + Anchor()
                   : "";
      case 22:
        return may_ && !Anchor().empty()
                   ? user + " may " + Permission(Below(highest_)) + " on " + Anchor()
                   : "";
      case 23: return has_permission_ ? "permission is any of " + Set() : "";
      default: return org.empty() || !Plainly(org) ? "" : org + ".closed";
    }
  }

  // An expression whose attributes may be read: no union's.
  static bool Plainly(const std::string& name) {
    return name != "party" && name != "place" && name != "circle";
  }
  // A place, but stable within one sentence template.
  std::string Anchor() { return Place(); }

  std::string Quantified(size_t depth) {
    const std::string user = Of("user"), org = Of("org"), folder = Of("folder");
    const std::string name = "x" + std::to_string(next_++);
    switch (Below(9)) {
      case 0:
        return !has_permission_
                   ? ""
                   : "some permission as " + name + ": ( " + name + " includes permission and " +
                         user + " granted " + name + " in " + Anchor() +
                         Maybe(" and not " + user + " prefers " + name) + " )";
      case 1:
        return !has_permission_ || org.empty()
                   ? ""
                   : "some role as " + name + ": ( " + name + " gives permission and " + user +
                         " is " + name + " on " + Circle() + " )";
      case 2:
        return !has_permission_ || org.empty()
                   ? ""
                   : "some licence as " + name + ": ( " + name + " covers permission and ( " +
                         user + " holds " + name + " from " + org + " or " + org + " holds " +
                         name + " ) )";
      case 3: return Within(name, "group", user + " member_of " + name, depth);
      case 4: return org.empty() ? "" : Within(name, "user", name + " member_of " + org, depth);
      case 5: return org.empty() ? "" : Within(name, "user", name + ".home is " + org, depth);
      case 6:
        return folder.empty()
                   ? ""
                   : Within(name, "folder",
                            folder + (with_defines_ ? " lies_in " : " inside ") + name, depth);
      case 7:
        return folder.empty() ? ""
                              : "some party as " + name + ": ( " + name + " follows " + folder +
                                    " and " + name + " is a user )";
      default:
        return "some permission as " + name + ": ( " + user + " granted " + name + " in " +
               Anchor() + " and not " + user + " shut_out of " + name + ".program in " + Anchor() +
               " )";
    }
  }
  std::string Maybe(std::string text) { return Chance(50) ? text : ""; }

  std::string Within(const std::string& name, const std::string& type, const std::string& tie,
                     size_t depth) {
    scope_.push_back({name, type});
    std::string text =
        "some " + type + " as " + name + ": ( " + tie + " and " + Item(depth - 1) + " )";
    scope_.pop_back();
    return text;
  }

  static constexpr size_t kPermissions = 9;
  Random& random_;
  std::string text_;
  std::vector<Name> scope_;
  bool has_permission_ = false;
  bool with_defines_ = false;
  bool may_ = false;
  bool without_request_ = false;
  size_t highest_ = 0;
  size_t next_ = 0;
};

}  // namespace

std::string RandomPolicy(Random& random) { return PolicyMaker(random).Make(); }

}  // namespace portvakt::agreement
