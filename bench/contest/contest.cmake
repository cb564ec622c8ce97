# Contests: one program written in several languages, each source built for its memory managers into bin/<contest>. What
# needs a compiler that is not installed is left out, and `bench` says so when it runs.
find_program(GO_COMPILER go)
find_program(JAVA_COMPILER javac)
find_program(OCAML_COMPILER ocamlopt)
set(contest_clock ${CMAKE_CURRENT_LIST_DIR}/monotonic_clock.c)

# contest_file(contest file source DEPENDS what... COMMAND word...): bin/<contest>/<file>
function(contest_file contest file source)
  cmake_parse_arguments(arg "" "" "DEPENDS;COMMAND" ${ARGN})
  set(output ${CMAKE_BINARY_DIR}/bin/${contest}/${file})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/bin/${contest})
  add_custom_command(OUTPUT ${output} COMMAND ${arg_COMMAND}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${source} ${arg_DEPENDS}
    COMMENT "Building ${contest}/${file}" VERBATIM)
  set_property(GLOBAL APPEND PROPERTY GREYWAVE_contest_${contest} ${output})
endfunction()

# contest_c(contest stem build COMMAND compiler flag... DEPENDS what... LIBRARIES flag...): <stem>.c as <stem>-<build>
function(contest_c contest stem build)
  cmake_parse_arguments(arg "" "" "COMMAND;DEPENDS;LIBRARIES" ${ARGN})
  contest_file(${contest} ${stem}-${build} ${stem}.c DEPENDS ${arg_DEPENDS}
    COMMAND ${arg_COMMAND} ${CMAKE_CURRENT_SOURCE_DIR}/${stem}.c -o ${CMAKE_BINARY_DIR}/bin/${contest}/${stem}-${build}
            ${arg_LIBRARIES})
endfunction()

function(contest_greywave contest stem)
  contest_c(${contest} ${stem} greywave COMMAND ${gwcc_compile} DEPENDS ${gwcc_depends})
endfunction()

# contest_boehm(contest stem build flag...)
function(contest_boehm contest stem build)
  if(BOEHM_LIBRARY AND BOEHM_INCLUDE)
    contest_c(${contest} ${stem} ${build} COMMAND ${plain_compile} -I${BOEHM_INCLUDE} -DCONTEST_BOEHM ${ARGN}
      LIBRARIES ${BOEHM_LIBRARY})
  endif()
endfunction()

function(contest_malloc contest stem)
  contest_c(${contest} ${stem} malloc COMMAND ${plain_compile} -DCONTEST_MALLOC)
  if(MIMALLOC_LIBRARY)
    contest_c(${contest} ${stem} mimalloc COMMAND ${plain_compile} -DCONTEST_MALLOC
      LIBRARIES -Wl,--no-as-needed ${MIMALLOC_LIBRARY})
  endif()
endfunction()

function(contest_go contest stem)
  if(GO_COMPILER)
    contest_file(${contest} ${stem}-go ${stem}.go
      COMMAND ${GO_COMPILER} build -o ${CMAKE_BINARY_DIR}/bin/${contest}/${stem}-go
              ${CMAKE_CURRENT_SOURCE_DIR}/${stem}.go)
  endif()
endfunction()

function(contest_java contest class)
  if(JAVA_COMPILER)
    contest_file(${contest} ${class}.class ${class}.java
      COMMAND ${JAVA_COMPILER} -d ${CMAKE_BINARY_DIR}/bin/${contest} ${CMAKE_CURRENT_SOURCE_DIR}/${class}.java)
  endif()
endfunction()

# The compiler leaves files beside its source, so it works on a copy.
function(contest_ocaml contest stem)
  if(OCAML_COMPILER)
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/ocaml)
    configure_file(${contest_clock} ${folder}/monotonic_clock.c COPYONLY)
    configure_file(${stem}.ml ${folder}/${stem}.ml COPYONLY)
    contest_file(${contest} ${stem}-ocaml ${stem}.ml DEPENDS ${folder}/${stem}.ml ${folder}/monotonic_clock.c
      COMMAND ${CMAKE_COMMAND} -E chdir ${folder} ${OCAML_COMPILER} -O3 monotonic_clock.c ${stem}.ml
              -o ${CMAKE_BINARY_DIR}/bin/${contest}/${stem}-ocaml)
  endif()
endfunction()

function(contest_python contest stem)
  contest_file(${contest} ${stem}.py ${stem}.py
    COMMAND cp ${CMAKE_CURRENT_SOURCE_DIR}/${stem}.py ${CMAKE_BINARY_DIR}/bin/${contest}/${stem}.py)
endfunction()

# contest(name): bin/bench_<name> from main.c, and everything declared above.
function(contest name)
  get_property(built GLOBAL PROPERTY GREYWAVE_contest_${name})
  add_custom_target(bench_${name}_entrants DEPENDS ${built})
  add_executable(bench_${name} EXCLUDE_FROM_ALL main.c)
  target_link_libraries(bench_${name} PRIVATE bench_contest greywave_warnings)
  add_dependencies(bench_${name} bench_${name}_entrants)
endfunction()
