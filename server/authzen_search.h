// The searches of the OpenID AuthZEN Authorization API 1.0: who may, what may he, where may he.
// Only certain answers are given: what hangs on context that the request leaves out is left out. An
// id, a type or an action that nobody knows finds nothing.
#pragma once

#include "server/reply.h"

namespace portvakt::server {

Reply AnswerSubjectSearch(const HttpRequest& request, Answering& answering);
Reply AnswerResourceSearch(const HttpRequest& request, Answering& answering);
Reply AnswerActionSearch(const HttpRequest& request, Answering& answering);

}  // namespace portvakt::server
