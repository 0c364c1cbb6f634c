// The HTTP parser behind a seam: heads of requests out of a connection's bytes. Bodies need no
// parser: only those of a known length are read (wire.h), and they lie in the buffer as they came.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "server/limits.h"
#include "server/message.h"

namespace portvakt::server {

class HeadReader {
 public:
  explicit HeadReader(const Limits& limits);
  ~HeadReader();
  HeadReader(const HeadReader&) = delete;
  HeadReader& operator=(const HeadReader&) = delete;

  struct Head {
    // There is no more to be read of this head: `request` is filled, as far as there is anything,
    // with views that live until the next head is begun.
    bool is_whole = false;
    size_t used_bytes = 0;
    int minor_version = 1;
    bool keep_alive = false;
    // 400, 414, 431 or 505; it ends the connection.
    std::optional<HttpResponse> refusal;
  };
  // `bytes` are those that have come and were not used before. After a whole head the next begins.
  Head Read(std::string_view bytes, HttpRequest& request);

 private:
  struct Parser;
  const Limits& limits_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace portvakt::server
