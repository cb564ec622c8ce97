# After CPack has made packages: what it has no words for. A synopsis of each package's own; Multi-Arch; the loader's cache by a trigger,
# not by scripts. dpkg-deb gives the packages one owner and, by the changelog's date, one time.
find_program(dpkg_deb dpkg-deb REQUIRED)
set(ENV{SOURCE_DATE_EPOCH} ${CPACK_GREYWAVE_EPOCH})

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)
endfunction()

function(correct_control folder)
  file(READ ${folder}/DEBIAN/control control)
  string(REGEX REPLACE "\nDescription: [^\n]*\n ([^\n]*)" "\nDescription: \\1" control "${control}")
  string(REPLACE "\nPackage-Type: ddeb" "" control "${control}") # Debian's name for them is .deb, as ./gw packages makes it
  string(REGEX MATCH "\nPackage: ([^\n]*)" name "${control}")
  if("${CMAKE_MATCH_1}" IN_LIST CPACK_GREYWAVE_SAME)
    string(REPLACE "\nPackage: " "\nMulti-Arch: same\nPackage: " control "${control}")
  endif()
  file(WRITE ${folder}/DEBIAN/control "${control}")
endfunction()

function(complete package)
  set(folder ${package}.unpacked)
  run(${dpkg_deb} -R ${package} ${folder})
  correct_control(${folder})
  if(EXISTS ${folder}/DEBIAN/postinst) # by CPack, for packages with something that the loader may be asked for
    file(REMOVE ${folder}/DEBIAN/postinst ${folder}/DEBIAN/postrm)
    file(WRITE ${folder}/DEBIAN/triggers "activate-noawait ldconfig\n")
  endif()
  set(compression -Zxz)
  if(package MATCHES "-dbgsym_") # large, and seldom fetched
    set(compression -Zxz -z1)
  endif()
  run(${dpkg_deb} --root-owner-group ${compression} -b ${folder} ${package})
  file(REMOVE_RECURSE ${folder})
endfunction()

foreach(package IN LISTS CPACK_PACKAGE_FILES)
  complete(${package})
endforeach()
