// The front door of the language: text in, checked module or findings out.
//
//   SourceSet sources;  Diagnostics findings;
//   ReadPolicy("policies/byra", sources, findings);     // a folder or a file, with its imports
//   Trees trees = Parse(sources, findings);
//   std::optional<Module> module = Check(trees, sources, findings);
//
// All functions are pure but ReadPolicy, which reads files; none throws; none keeps state. The room
// knows nothing of LMDB, HTTP or JSON. No input crashes or hangs it: see dsl/limits.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostic.h"
#include "dsl/limits.h"
#include "dsl/module.h"
#include "dsl/source.h"
#include "dsl/tree.h"

namespace portvakt::dsl {

// Adds the file, or every *.vakt file of the folder in the order of their names, and then what they
// import (paths relative to the importing file; never above `path`'s folder) to `sources`. Each
// file once. False when `path` itself cannot be read; `error` then says why. Imports that cannot
// be read are findings.
bool ReadPolicy(const std::string& path, SourceSet& sources, Diagnostics& findings,
                std::string& error);

// One tree a file. Goes on after an error at the next declaration, so that one run finds all.
std::vector<Tree> Parse(const SourceSet& sources, Diagnostics& findings);

// Empty when there are errors (warnings alone do not count). Call it also after syntax errors: it
// then reports what it can about the rest, and returns nothing. Imports are checked against the
// files of `sources`.
std::optional<Module> Check(const std::vector<Tree>& trees, const SourceSet& sources,
                            Diagnostics& findings);

// Parse and Check in one.
std::optional<Module> Compile(const SourceSet& sources, Diagnostics& findings);

// The canonical form of one file's text, comments kept. Empty when it has syntax errors.
// Laws: Parse(Format(x)) = Parse(x) but for spans, and Format(Format(x)) = Format(x).
std::optional<std::string> Format(const SourceSet& sources, const Tree& tree);

// Text forms of the phases, the language of tests. Spans are left out: equal dumps, equal meaning.
std::string DumpTree(const Tree& tree);
std::string DumpModule(const Module& module);

// Findings as people read them: a header line, `file:line:column`, the source with marks, help.
struct RenderOptions {
  bool color = false;
};
std::string Render(const Diagnostic& diagnostic, const SourceSet& sources,
                   const RenderOptions& options = {});

// "did you mean": those of `candidates` that `name` is likely a misspelling of, best first, at most
// three; case, one or two edits, or the same words in another order.
std::vector<std::string> Suggest(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace portvakt::dsl
