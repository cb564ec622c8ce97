# Before CPack makes packages of the trees that were installed, one for each: what Debian wants in each of them, and what makes two builds
# of one version the same. The time of all files is that of the changelog.
find_program(strip strip REQUIRED)
find_program(gzip gzip REQUIRED)

file(READ ${CPACK_GREYWAVE_SOURCES}/CHANGELOG.md changes)

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(output "${output}" PARENT_SCOPE)
endfunction()
set(ENV{LC_ALL} C)
run(date -u -d ${CPACK_GREYWAVE_CHANGED} "+%a, %d %b %Y %H:%M:%S +0000")
set(changelog "greywave (${CPACK_GREYWAVE_VERSION}) unstable; urgency=medium

  * See changelog.gz for what has changed.

 -- ${CPACK_PACKAGE_CONTACT}  ${output}
")

# The licence as Debian's machine-readable form has it: indented, a dot for an empty line.
file(READ ${CPACK_GREYWAVE_SOURCES}/LICENSE license)
string(REGEX MATCH "Copyright [^\n]*" copyright "${license}")
string(REGEX REPLACE "^.*Copyright[^\n]*\n+" "" license "${license}")
string(STRIP "${license}" license)
string(REGEX REPLACE "\n\n" "\n.\n" license "${license}")
string(REPLACE "\n" "\n " license "${license}")
string(REGEX REPLACE "^Copyright [(]c[)] " "" copyright "${copyright}")
set(copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: greywave

Files: *
Copyright: ${copyright}
License: Expat
 ${license}
")

function(finish tree package)
  set(documents ${tree}/share/doc/${package})
  file(MAKE_DIRECTORY ${documents})
  file(WRITE ${documents}/copyright "${copyright}")
  file(WRITE ${documents}/changelog.Debian "${changelog}")
  file(WRITE ${documents}/changelog "${changes}")
  file(GLOB texts ${tree}/share/man/man*/*.[1-9] ${documents}/changelog*)
  foreach(text IN LISTS texts)
    if(IS_SYMLINK ${text}) # a page by another name
      file(READ_SYMLINK ${text} target)
      file(REMOVE ${text})
      file(CREATE_LINK ${target}.gz ${text}.gz SYMBOLIC)
    else()
      run(${gzip} -9nf ${text})
    endif()
  endforeach()
  file(GLOB archives ${tree}/lib/*.a ${tree}/lib/*/*.a)
  foreach(archive IN LISTS archives)
    run(${strip} --strip-debug --enable-deterministic-archives ${archive})
  endforeach()
  run(find ${tree} -exec touch -h -d @${CPACK_GREYWAVE_EPOCH} {} +)
endfunction()

# Compilers load a plug-in, and link it, by one name: there is no other version of it beside this one.
function(permit tree package)
  foreach(tag IN ITEMS shared-library-lacks-version package-name-doesnt-match-sonames)
    string(APPEND permitted "${package}: ${tag}\n")
  endforeach()
  file(WRITE ${tree}/share/lintian/overrides/${package} "${permitted}")
endfunction()

foreach(entry IN LISTS CPACK_GREYWAVE_PACKAGES)
  string(REGEX MATCH "^[^=]+" component ${entry})
  string(REGEX MATCH "[^=]+$" package ${entry})
  if(component MATCHES "^llvm")
    permit(${CPACK_TEMPORARY_DIRECTORY}/${component}/usr ${package})
  endif()
  finish(${CPACK_TEMPORARY_DIRECTORY}/${component}/usr ${package})
endforeach()
