// A copy of a store in one file, made while others write, and the way back. The file is the store's
// map without its holes, followed by a seal: a hash of all that stands before it. What was cut off
// or altered on its way is refused before anything of it is read as a store.
#pragma once

#include <cstdint>
#include <string>

#include "engine/result.h"
#include "engine/store.h"

namespace portvakt::engine {

struct BackupInfo {
  uint64_t bytes = 0;
  uint64_t revision = 0;  // the store's when the copy began: the copy has it, and maybe later ones
};

// Copies the store in `directory`, which this process must not have open, to `file`, which must not
// be there. The file is complete and durable when it has that name; only its owner may read it.
// Other processes write and read the store meanwhile; pages that the copy still reads are not
// reused, so the store grows by what is changed during it.
Result<BackupInfo> WriteBackup(const std::string& directory, const std::string& file);

// Puts a backup's store into `directory`, which must be there and empty. kCorrupt when the seal
// does not fit: then nothing is written. Whether the store is sound is for its readers to find out.
Status UnpackBackup(const std::string& file, const std::string& directory);

}  // namespace portvakt::engine
