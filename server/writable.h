// Whether something could be written, looked at without writing it.
#pragma once

#include <string>

#include "engine/result.h"

namespace portvakt::server {

// A folder that is there, or whose own folder is: kIo or kInvalid with "PATH: what is wrong".
engine::Status LookAtWrittenFolder(const std::string& path);
// The same of a file.
engine::Status LookAtWrittenFile(const std::string& path);

}  // namespace portvakt::server
