# The Debian package; script/package builds it. The server runs as a user of its own, by the unit of
# packaging/; the manual page is written from the command's help.

set(manual ${CMAKE_BINARY_DIR}/portvakt.1.gz)
add_custom_command(OUTPUT ${manual}
  COMMAND ${CMAKE_SOURCE_DIR}/packaging/manual $<TARGET_FILE:portvakt> ${manual}
  DEPENDS portvakt ${CMAKE_SOURCE_DIR}/packaging/manual VERBATIM)
add_custom_target(manual DEPENDS ${manual})

set(packaging ${CMAKE_SOURCE_DIR}/packaging)
install(TARGETS portvakt RUNTIME DESTINATION /usr/bin)
install(FILES ${packaging}/portvakt.service DESTINATION /lib/systemd/system)
install(FILES ${packaging}/portvakt.yaml DESTINATION /etc/portvakt
  PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
install(FILES ${packaging}/default.vakt DESTINATION /etc/portvakt/policy)
install(FILES ${manual} DESTINATION /usr/share/man/man1)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE RENAME copyright DESTINATION /usr/share/doc/portvakt)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs/ DESTINATION /usr/share/doc/portvakt)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME portvakt)
set(CPACK_PACKAGE_CONTACT "Portvakt maintainers <portvakt@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "authorization server with readable policies")
set(CPACK_PACKAGE_DESCRIPTION
  "Answers whether somebody may do something, from a policy of sentences and a store of facts, over HTTP by OpenID AuthZEN 1.0.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, tzdata")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${packaging}/postinst ${packaging}/prerm ${packaging}/postrm ${packaging}/conffiles)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_STRIP_FILES ON)
include(CPack)
