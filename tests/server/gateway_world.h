// A small payroll office behind a gateway: who may read and write which client's payroll, and the
// routes of an application that shows it.
#pragma once

#include <string_view>

#include "server/gateway.h"

namespace portvakt::server {

inline constexpr std::string_view kPayrollPolicy = R"(policy payroll "Payroll of clients"

context { login : enum { password < bankid }  run : string }

entity user
entity client

permission payroll.read, payroll.write on client

fact user works_for client

permit reading
    user may payroll.read on client
    if  user works_for client  else not_assigned "{client} is not for {user} to see"

permit writing
    user may payroll.write on client
    if  user works_for client            else not_assigned
    and context.login is at least bankid else weak_login "log in with BankID first"
    and context.run is not "closed"      else closed_run "the run is closed"
)";

inline constexpr std::string_view kPayrollData = R"(
entities:
  user: { ada: {}, bo: {} }
  client: { alfa: {}, "räksmörgås & co": {} }
facts:
  - ada works_for alfa
  - ada works_for "räksmörgås & co"
)";

// The routes, with the subject from `X-Auth-User` of callers that have no credentials.
inline GatewayOptions PayrollGateway() {
  GatewayOptions options;
  options.subject = {"X-Auth-User", "user", {"anonymous"}, {}};
  options.routes = {
      {{"GET"}, "/clients/{client}/payroll/{run}", "payroll.read", "client", "{client}", {}},
      {{"PUT", "DELETE", "PROPFIND"},
       "/clients/{client}/payroll/{run}",
       "payroll.write",
       "client",
       "{client}",
       {{"login", "bankid"}, {"run", "{run}"}}},
  };
  return options;
}

}  // namespace portvakt::server
