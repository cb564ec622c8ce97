# Debian packages, by CPack: ./gw packages. What is in which one, install() says by its components; finish.cmake adds what only packages have.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME greywave)
set(CPACK_PACKAGE_CONTACT "The Greywave authors <maintainers@users.noreply.h-seed-53bf03df.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "precise, moving, incremental garbage collector")
set(CPACK_COMPONENTS_ALL runtime development tools documentation)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/finish.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/complete.cmake)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_COMPRESSION_TYPE gzip) # for complete.cmake, which takes a better one
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(version ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})

# package(component name section architecture synopsis text): without dependencies so far. Same: installed for several machines side by side.
macro(package component name section kind synopsis text)
  string(TOUPPER ${component} COMPONENT)
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_SECTION ${section})
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_SOURCE greywave)
  set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_SHLIBDEPS ON)
  if("${kind}" STREQUAL all)
    set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_ARCHITECTURE all)
    set(CPACK_DEBIAN_${COMPONENT}_PACKAGE_SHLIBDEPS OFF)
  elseif("${kind}" STREQUAL same)
    list(APPEND CPACK_GREYWAVE_SAME ${name})
  endif()
  set(CPACK_DEBIAN_${COMPONENT}_DESCRIPTION "${synopsis}\n${text}")
endmacro()

set(about "Greywave is a garbage collector for compiled languages. A pass plug-in of
LLVM turns ordinary IR into code with inline allocation, write barriers and
stack maps; a small C runtime walks the stack with them and moves what lives.
C and C++ are frontends like any other, by clang or by GCC.\n")

get_target_property(soversion greywave_shared SOVERSION)
package(runtime libgreywave${soversion} libs same "precise, moving garbage collector: runtime"
  "${about}\nThis package has the shared library, and what gdb loads with it.")
set(CPACK_DEBIAN_RUNTIME_DEBUGINFO_PACKAGE ON)

package(development libgreywave-dev libdevel same "precise, moving garbage collector: headers and libraries"
  "${about}\nThis package has headers, the static library, and the files for CMake and
pkg-config.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libgreywave${soversion} (= ${version})")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "greywave-tools, greywave-doc, pkg-config")

package(tools greywave-tools devel different "precise, moving garbage collector: compiler driver and tools"
  "${about}\nThis package has gwcc and gwc++, which compile and link; gw-asmgcroot, which
makes stack maps of what GCC writes; gw-maps, gw-heap and gw-timeline, which
show stack maps, what is in the heap, and when a program waits.")
set(CPACK_DEBIAN_TOOLS_DEBUGINFO_PACKAGE ON)
set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS "libgreywave-dev (= ${version})")
list(TRANSFORM GREYWAVE_LLVM_VERSIONS PREPEND greywave-llvm OUTPUT_VARIABLE plugins)
string(REPLACE ";" " | " CPACK_DEBIAN_TOOLS_PACKAGE_RECOMMENDS "${plugins}")
set(CPACK_DEBIAN_TOOLS_PACKAGE_SUGGESTS "gcc-12 | gcc-11, greywave-doc")

foreach(llvm IN LISTS GREYWAVE_LLVM_VERSIONS)
  list(APPEND CPACK_COMPONENTS_ALL llvm${llvm})
  package(llvm${llvm} greywave-llvm${llvm} devel different "precise, moving garbage collector: plug-in for LLVM ${llvm}"
    "${about}\nThis package has the passes for clang, opt and lld of LLVM ${llvm}.")
  set(CPACK_DEBIAN_LLVM${llvm}_DEBUGINFO_PACKAGE ON)
  # LLVM keeps its binary interface from a version's first release on. What comes before, and other versions, are refused when loaded.
  set(CPACK_DEBIAN_LLVM${llvm}_PACKAGE_DEPENDS "clang-${llvm} (>= 1:${llvm}.1), libgreywave-dev (= ${version})")
  set(CPACK_DEBIAN_LLVM${llvm}_PACKAGE_RECOMMENDS "lld-${llvm}")
  set(CPACK_DEBIAN_LLVM${llvm}_PACKAGE_SUGGESTS greywave-tools)
endforeach()

package(documentation greywave-doc doc all "precise, moving garbage collector: documentation and examples"
  "${about}\nThis package has the guides, the reference of the interface, examples, and
decisions with their figures.")
set(CPACK_DEBIAN_DOCUMENTATION_PACKAGE_SUGGESTS "libgreywave-dev")

# What finish.cmake and complete.cmake need to know.
set(CPACK_GREYWAVE_SOURCES ${CMAKE_SOURCE_DIR})
set(CPACK_GREYWAVE_VERSION ${version})
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} COMPONENT)
  list(APPEND CPACK_GREYWAVE_PACKAGES ${component}=${CPACK_DEBIAN_${COMPONENT}_PACKAGE_NAME})
endforeach()
file(STRINGS ${CMAKE_SOURCE_DIR}/CHANGELOG.md changed REGEX "^## [0-9]" LIMIT_COUNT 1)
string(REGEX MATCH "[0-9]+-[0-9]+-[0-9]+$" CPACK_GREYWAVE_CHANGED "${changed}")
if(NOT changed STREQUAL "## ${PROJECT_VERSION}, ${CPACK_GREYWAVE_CHANGED}")
  message(FATAL_ERROR "CHANGELOG.md: the first version is '${changed}', not '## ${PROJECT_VERSION}, <year>-<month>-<day>': say what has changed in it")
endif()
execute_process(COMMAND date -u -d ${CPACK_GREYWAVE_CHANGED} +%s OUTPUT_VARIABLE CPACK_GREYWAVE_EPOCH OUTPUT_STRIP_TRAILING_WHITESPACE)
include(CPack)
