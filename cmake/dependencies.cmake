# The libraries of Debian 12 that Portvakt stands on. Each is linked by the room that uses it and
# included by few files there (CONTRIBUTING.md has the table; a test holds it).

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(lmdb REQUIRED IMPORTED_TARGET lmdb)
find_package(OpenSSL REQUIRED)
# Its CMake package would ask for an HTTP server and client that only its other parts need.
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)
find_package(pegtl REQUIRED)
find_package(yaml-cpp REQUIRED)
# This CMake knows Boost up to 1.80 and would warn of newer ones at every configuration.
set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(date REQUIRED)
if(PORTVAKT_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
  find_package(CURL REQUIRED)
endif()
if(PORTVAKT_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
