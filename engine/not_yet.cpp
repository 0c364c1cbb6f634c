// Placeholders for what engine.h promises and is being built; each goes when its part arrives.
#include "engine/engine.h"
#include "engine/judge.h"
#include "engine/overlay.h"
#include "engine/session_state.h"

namespace portvakt::engine {

Matrix Session::FillMatrix(const MatrixQuery&) { return {}; }
std::string MatrixCsv(const Matrix&) { return {}; }
std::string MatrixMarkdown(const Matrix&) { return {}; }

}  // namespace portvakt::engine
