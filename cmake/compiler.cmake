# How every file of the project is compiled: `portvakt_options` is linked by all rooms.

find_program(PORTVAKT_CCACHE ccache)
if(PORTVAKT_CCACHE)
  # Hits do not depend on where the checkout lies: paths under it are made relative.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${PORTVAKT_CCACHE})
endif()
find_program(PORTVAKT_MOLD mold)
if(PORTVAKT_MOLD AND NOT PORTVAKT_FUZZ)
  add_link_options(-fuse-ld=mold)
endif()

add_library(portvakt_options INTERFACE)
target_include_directories(portvakt_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(portvakt_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
if(PORTVAKT_SANITIZE)
  target_compile_options(portvakt_options INTERFACE
    -fsanitize=${PORTVAKT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(portvakt_options INTERFACE -fsanitize=${PORTVAKT_SANITIZE})
endif()

# Every Asio macro must be the same in all units; the fenced block is unknown to the thread
# sanitizer, so it is off everywhere.
add_library(portvakt_asio INTERFACE)
target_compile_definitions(portvakt_asio INTERFACE
  BOOST_ASIO_DISABLE_FENCED_BLOCK BOOST_ASIO_NO_DEPRECATED)
