// The description as it was written, held by the binary.
#include "server/openapi.h"

#include <string>
#include <string_view>

namespace portvakt::server {

extern const std::string_view kOpenApiDocument;  // made of openapi.json by cmake/embed.cmake

Reply AnswerOpenApi(const HttpRequest&, Answering&) {
  HttpResponse response;
  response.body = kOpenApiDocument;
  response.fields.emplace_back("Cache-Control", "max-age=3600");
  return response;
}

}  // namespace portvakt::server
