# embed(TARGET FILE NAME): a unit of TARGET that holds the file's text as the constant
# portvakt::server::NAME. The file stays the one source; a change of it makes the unit anew.
function(embed target file name)
  get_filename_component(path ${file} ABSOLUTE)
  get_filename_component(base ${file} NAME_WE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(READ ${path} text)
  set(unit ${CMAKE_CURRENT_BINARY_DIR}/${base}_embedded.cpp)
  file(CONFIGURE OUTPUT ${unit} @ONLY CONTENT [=[
#include <string_view>
// No compiler that builds this has the limit that the standard allows for.
#pragma GCC diagnostic ignored "-Woverlength-strings"
namespace portvakt::server {
extern const std::string_view @name@;
const std::string_view @name@ = R"embedded(@text@)embedded";
}
]=])
  target_sources(${target} PRIVATE ${unit})
endfunction()
