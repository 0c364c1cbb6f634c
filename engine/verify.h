// The gate before a decision program is run: bytes from a store are not trusted. What passes can be
// evaluated without further checks; program.h lists what is held. A program that passes may still
// be another policy than was meant: only its form is proved, the checksum guards its content.
#pragma once

#include <string_view>

#include "engine/program.h"
#include "engine/result.h"

namespace portvakt::engine {

// `bytes` stay where they are, 8-byte aligned, as long as the program is used. kTooNew for another
// format (older ones too: it must be compiled again), kCorrupt for everything else.
Result<Program> ReadProgram(std::string_view bytes);

// The same without the checksum: for tests of the gate itself.
Result<Program> ReadProgramUnsummed(std::string_view bytes);

}  // namespace portvakt::engine
