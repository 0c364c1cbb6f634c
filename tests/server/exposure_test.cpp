// A server that other machines reach starts only when it is guarded; what is missing is said.
#include "server/exposure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/listener.h"
#include "tests/server/test_world.h"

namespace portvakt::server {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(Exposure, OtherMachinesNeedBothEncryptionAndCallers) {
  for (const bool tls : {false, true}) {
    for (const bool callers : {false, true}) {
      Exposure exposure{"192.0.2.1:443", false, tls, callers, false, false, false};
      EXPECT_EQ(!JudgeExposure(exposure), tls && callers) << tls << callers;
      exposure.is_loopback = true;
      EXPECT_FALSE(JudgeExposure(exposure)) << tls << callers;
    }
  }
}

TEST(Exposure, SaysWhatToSet) {
  const auto message = [](bool tls, bool callers) {
    return JudgeExposure({"0.0.0.0:443", false, tls, callers, false, false, false})->error.message;
  };
  EXPECT_THAT(message(false, false), AllOf(HasSubstr("`0.0.0.0:443`"), HasSubstr("`tls`"),
                                           HasSubstr("`callers`"), HasSubstr("key create")));
  EXPECT_THAT(message(true, false), AllOf(Not(HasSubstr("`tls`")), HasSubstr("`callers`")));
  EXPECT_THAT(message(false, true), AllOf(HasSubstr("`tls`"), Not(HasSubstr("`callers`"))));
}

TEST(Exposure, TrustAndCredentialsContradictEachOther) {
  for (const bool is_loopback : {false, true}) {
    EXPECT_TRUE(JudgeExposure({"127.0.0.1:1", is_loopback, true, true, true, false, false}));
    EXPECT_EQ(!JudgeExposure({"127.0.0.1:1", is_loopback, false, false, true, false, false}),
              is_loopback);
  }
}

TEST(Exposure, KnowsTheAddressesOfThisMachineAlone) {
  const std::pair<const char*, bool> addresses[] = {
      {"127.0.0.1:1", true}, {"127.8.9.1:1", true},  {"[::1]:1", true},
      {"localhost:1", true}, {"0.0.0.0:1", false},   {"[::]:1", false},
      {"10.0.0.1:1", false}, {"[fe80::1]:1", false}, {"[::ffff:127.0.0.1]:1", false},
  };
  for (const auto& [address, is_loopback] : addresses) {
    const auto read = ParseListenAddress(address);
    ASSERT_TRUE(read.ok()) << address;
    EXPECT_EQ(read.value().is_loopback, is_loopback) << address;
  }
}

TEST(Exposure, AnOpenServerDoesNotStart) {
  TestWorld world;
  world.InstallText(kOpenPolicy);
  Server::Options options;
  for (const char* address : {"0.0.0.0:0", "[::]:0"}) {
    options.listen = address;
    const auto server = Server::Start(world.engine(), options);
    ASSERT_FALSE(server.ok()) << address;
    EXPECT_THAT(server.error().message, HasSubstr("its configuration needs `tls`"));
  }
}

}  // namespace
}  // namespace portvakt::server
