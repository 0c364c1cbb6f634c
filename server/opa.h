// The data interface of the Open Policy Agent, for gateways that speak no other: the documents
// `portvakt/allow` (true or false) and `portvakt/decision` (an object), of an input in the shape of
// an evaluation.
//
//   POST /v1/data/portvakt/allow {"input": {subject, action, resource, context?}}
//   {"result": true}
//
// As there: any Content-Type; a document that is not one of the two is 200 `{}`; errors are
// {"code", "message"}.
#pragma once

#include "server/reply.h"

namespace portvakt::server {

Reply AnswerOpaData(const HttpRequest& request, Answering& answering);

}  // namespace portvakt::server
