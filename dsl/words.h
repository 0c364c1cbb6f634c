// The words of the language: which of them end a sentence or a shape, which cannot be names without
// backticks, and how a name is spelt so that it reads back as itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dsl/tree.h"

namespace portvakt::dsl {

// `and`, `if` and their like: they end a sentence unless they stand in backticks. `with` does not:
// people write `user works with permission`.
bool EndsSentence(std::string_view word);
// What ends a shape: the above, and `as`, `transitive`, `lasting`.
bool EndsShape(std::string_view word);
// Words that are never a name without backticks.
bool IsReserved(std::string_view word);
// Words with a meaning anywhere in the language; the formatter leaves their backticks.
bool IsLanguageWord(std::string_view word);
// `permissions`, `roles`, `licences`, `programs`: what may follow `all`.
bool IsSymbolKind(std::string_view word);
// `second` .. `weeks`.
bool IsDurationUnit(std::string_view word);
// The words that begin a declaration, for suggestions.
const std::vector<std::string>& DeclarationWords();

// An ASCII letter, digit or `_`, or a byte of a longer character.
bool IsWordByte(char byte);

// The name with backticks where they are needed to read it back.
std::string Spell(std::string_view text, bool quoted);
std::string Spell(const Name& name);

// `text` with quotation marks, and escapes where they are needed.
std::string Quote(std::string_view text);

}  // namespace portvakt::dsl
