# greywave_manual(<page> [<other name>]): a program's page of the manual, from <program>.1.in and from what the program says by --help, so
# that each option is described once.
function(greywave_manual input)
  cmake_path(GET input STEM program)
  set(page ${CMAKE_BINARY_DIR}/man/${program}.1)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/man)
  cmake_path(ABSOLUTE_PATH input BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  file(STRINGS ${CMAKE_SOURCE_DIR}/CHANGELOG.md date REGEX "^## [0-9]" LIMIT_COUNT 1)
  string(REGEX MATCH "[0-9]+-[0-9]+-[0-9]+" date "${date}")
  set(make "$1 --help >$2.help && awk -v version=$3 -v date=$4 -f $5 $2.help $6 >$2 && rm $2.help")
  add_custom_command(OUTPUT ${page} DEPENDS ${program} ${input} ${CMAKE_SOURCE_DIR}/cmake/manual/manual.awk
    COMMAND sh -c ${make} manual $<TARGET_FILE:${program}> ${page} ${PROJECT_VERSION} ${date} ${CMAKE_SOURCE_DIR}/cmake/manual/manual.awk ${input}
    COMMENT "Writing the manual's page ${program}.1" VERBATIM)
  add_custom_target(${program}.1 ALL DEPENDS ${page})
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tools)
  foreach(name IN LISTS ARGN)
    file(CREATE_LINK ${program}.1 ${CMAKE_BINARY_DIR}/man/${name}.1 SYMBOLIC)
    install(FILES ${CMAKE_BINARY_DIR}/man/${name}.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tools)
  endforeach()
endfunction()
