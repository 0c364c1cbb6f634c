// W3C Trace Context: the trace that a request belongs to, as the field `traceparent` says.
// https://www.w3.org/TR/trace-context/
#pragma once

#include <string_view>

#include "server/message.h"

namespace portvakt::server {

// The trace id of "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01": 32 lower-case
// hexadecimal digits, in the request's memory. "" without the field, with two, or with one that is
// not exactly as the standard has it: such a field is to be ignored.
std::string_view TraceIdOf(const HttpRequest& request);

}  // namespace portvakt::server
