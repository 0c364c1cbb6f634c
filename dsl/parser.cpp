// Text to trees: each file is scanned for its declarations, and each declaration is parsed on its
// own, so that an error costs one declaration. The only unit that knows the parser library.
#include <cstdlib>
#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/analyze.hpp>
#include <type_traits>

#include "dsl/actions.h"
#include "dsl/dsl.h"
#include "dsl/grammar.h"
#include "dsl/parser_hooks.h"
#include "dsl/scan.h"
#include "dsl/syntax_help.h"
#include "dsl/tree_builder.h"

namespace tao::pegtl {

// For analyze(): the rule of our own consumes what it matches.
template <typename Name, bool (*Predicate)(std::string_view)>
struct analyze_traits<Name, portvakt::dsl::grammar::word_that<Predicate>> : analyze_any_traits<> {};

}  // namespace tao::pegtl

namespace portvakt::dsl {
namespace {

// What the grammar wanted, and the byte where it did not find it. Never leaves this file.
struct Unexpected {
  const char* expected;
  const char* place;
};

// Rules that match nothing rather than fail; the library still asks what they would say.
template <typename Rule>
inline constexpr bool kNeverFails = std::is_base_of_v<tao::pegtl::success, Rule>;
template <typename... Rules>
inline constexpr bool kNeverFails<tao::pegtl::opt<Rules...>> = true;
template <typename... Rules>
inline constexpr bool kNeverFails<tao::pegtl::star<Rules...>> = true;
template <>
inline constexpr bool kNeverFails<grammar::body> = true;
template <>
inline constexpr bool kNeverFails<grammar::program_permissions> = true;

template <typename Rule>
struct Control : tao::pegtl::normal<Rule> {
  template <typename Input, typename... States>
  [[noreturn]] static void raise(const Input& in, States&&... /*states*/) {
    if constexpr (kNeverFails<Rule>) {
      std::abort();
    } else {
      // Refuses to compile when a rule that can fail for good has nothing to say about it.
      throw Unexpected{Rule::error_message, in.current()};
    }
  }
};

// False when it has a finding.
bool ParseDeclaration(std::string_view text, const Chunk& chunk, const Scan& scan, Tree& tree,
                      Diagnostics& findings) {
  TreeBuilder builder(text, tree, findings);
  try {
    tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy> input(text.data() + chunk.begin,
                                                                    text.data() + chunk.end, "");
    tao::pegtl::parse<grammar::declaration, grammar::Action, Control>(input, builder);
    return builder.Finish(chunk.begin);
  } catch (const Unexpected& unexpected) {
    builder.Drop();
    const auto place = static_cast<uint32_t>(unexpected.place - text.data());
    findings.Add(ExplainSyntax(tree.file, text, chunk, unexpected.expected, place, scan));
  } catch (const NestedTooDeep& nested) {
    builder.Drop();
    findings.Add({DiagnosticKind::kNestedTooDeep,
                  "conditions nest more than " + std::to_string(kMaxNesting) + " deep",
                  nested.span,
                  "too deep here",
                  {},
                  {"give the inner part a name with `define`"},
                  {}});
  }
  return false;
}

}  // namespace

std::vector<Tree> Parse(const SourceSet& sources, Diagnostics& findings) {
  std::vector<Tree> trees;
  for (uint32_t file = 0; file < sources.size(); ++file) {
    const std::string_view text = sources.file(file).text;
    Scan scan = ScanFile(file, text, findings);
    Tree tree;
    tree.file = file;
    tree.has_errors = scan.broken;
    for (const Chunk& chunk : scan.chunks) {
      if (chunk.broken || !ParseDeclaration(text, chunk, scan, tree, findings)) {
        tree.has_errors = true;
      }
    }
    tree.comments = std::move(scan.comments);
    trees.push_back(std::move(tree));
  }
  return trees;
}

size_t GrammarIssues() { return tao::pegtl::analyze<grammar::declaration>(1); }

}  // namespace portvakt::dsl
