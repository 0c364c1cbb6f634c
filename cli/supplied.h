// Values that a request brings along, from the text that people write: the policy's declaration of
// a name says what its text means.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.h"
#include "dsl/module.h"
#include "engine/decision.h"
#include "engine/result.h"

namespace portvakt::cli {

// Null when the list has no such name.
const dsl::Attribute* FindAttribute(const std::vector<dsl::Attribute>& attributes,
                                    const std::string& name);
// Null when there is no such type.
const dsl::Type* FindType(const dsl::Module& module, const std::string& name);

// `text` as a value of the declared type; a text that does not fit stays a string, which then
// counts as not supplied. Sets are written with commas. Without a declaration: true, false, a whole
// number, else a string.
engine::InputValue ReadInput(const dsl::Attribute* declared, const std::string& text);
// A list, each element read by itself.
engine::InputValue ReadInputs(const dsl::Attribute* declared,
                              const std::vector<std::string>& texts);

// "no context value `logn`; did you mean `login`?"
std::string NoSuchContext(const dsl::Module& module, const std::string& name);

// `key=value` of a context, whose names must be declared.
engine::Result<engine::InputValues> ReadContext(const dsl::Module& module,
                                                const std::vector<std::string>& written);

// Fills the request's values from `key=value`. Names of the context must be declared; properties
// may be anything, since what a policy does not ask for is ignored.
engine::Status ApplySupplied(const dsl::Module& module, const Supplied& supplied,
                             engine::Request& request);

}  // namespace portvakt::cli
