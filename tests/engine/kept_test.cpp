// A session that is asked again and again answers from what it has kept as it would anew: for ids
// of every length, cells of few and of many rows, more pairs than it keeps at first, and at once
// after a change.
#include <gtest/gtest.h>

#include <string>

#include "tests/engine/policy_world.h"

namespace portvakt::engine {
namespace {

constexpr size_t kNotes = 700;           // more than twice the places that a session begins with
constexpr size_t kPermissions = 64 * 6;  // rows of 64: more than lie beside a cell's key

std::string IdOf(size_t i) {
  const std::string number = std::to_string(i);
  return "n" + number + std::string(i % 60, 'x');
}

// Of each note anna may do the one that has its number; of some everything, of some a few.
class Kept : public testing::Test {
 protected:
  Kept() : world_(Policy(), "entities:\n  user: { anna: , bo: }\n" + Notes() + Facts()) {}

  static std::string Policy() {
    std::string text = "policy p\nentity user\nentity note\nfact user granted permission on note\n";
    for (size_t i = 0; i < kPermissions; ++i) {
      text += "permission p" + std::to_string(i) + " on note\n";
    }
    return text +
           "permit granted\n  user may permission on note\n  if user granted permission on note\n";
  }
  static std::string Notes() {
    std::string text = "  note:\n";
    for (size_t i = 0; i < kNotes; ++i) text += "    " + IdOf(i) + ":\n";
    return text;
  }
  static std::string Facts() {
    std::string text = "facts:\n";
    for (size_t i = 0; i < kNotes; ++i) {
      for (size_t p = 0; p < kPermissions; ++p) {
        if (!IsPermitted(i, p)) continue;
        text += "  - anna granted p" + std::to_string(p) + " on " + IdOf(i) + "\n";
      }
    }
    return text;
  }
  static bool IsPermitted(size_t note, size_t permission) {
    if (note % 50 == 1) return permission % 128 == 5;  // three rows
    return note % 50 == 0 || permission == note % kPermissions;
  }
  static Request Question(size_t note, size_t permission) {
    return PolicyWorld::ToRequest("user anna p" + std::to_string(permission) + " note " +
                                  IdOf(note));
  }

  PolicyWorld world_;
};

TEST_F(Kept, AnswersTheSameHoweverOftenItIsAsked) {
  Session session = world_.NewSession();
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < kNotes; ++i) {
      ASSERT_TRUE(session.Refresh().ok());
      for (size_t p : {i % kPermissions, (i + 1) % kPermissions, size_t{5}, kPermissions - 123}) {
        EXPECT_EQ(session.Decide(Question(i, p)).permit, IsPermitted(i, p))
            << "round " << round << ", note " << IdOf(i) << ", permission " << p;
      }
    }
  }
  Request other = Question(0, 0);
  other.subject.id = "bo";
  EXPECT_FALSE(session.Decide(other).permit);
}

TEST_F(Kept, SeesAChangeAtOnce) {
  Session session = world_.NewSession();
  ASSERT_FALSE(session.Decide(Question(7, 9)).permit);
  Request unknown = Question(7, 9);
  unknown.resource.id = "new";
  ASSERT_FALSE(session.Decide(unknown).permit);
  world_.Load(
      "entities:\n  note: { new: }\nfacts:\n  - anna granted p9 on new\n  - anna granted p9 on " +
      IdOf(7) + "\n");
  EXPECT_FALSE(session.Decide(Question(7, 9)).permit) << "the session has not gone on yet";
  ASSERT_TRUE(session.Refresh().ok());
  EXPECT_TRUE(session.Decide(Question(7, 9)).permit);
  EXPECT_TRUE(session.Decide(unknown).permit);
}

}  // namespace
}  // namespace portvakt::engine
