# The functions with which the folders of this tree describe their targets.
#
#   mesolite_add_library(mesolite_master DEPENDS mesolite_protocol mesolite_module)
#   mesolite_add_executable(mesos-master SOURCES mesos_master.cpp DEPENDS … INSTALL sbin)
#   mesolite_add_test(kernel_master_test FOLDER kernel/master DEPENDS mesolite_master)
#   mesolite_add_bench(first_bench SOURCES first_bench.cpp DEPENDS …)
#   mesolite_add_module(…)                          see MesoliteModule.cmake
#
# DEPENDS names libraries of ours, LIBRARIES third-party ones (by their names in
# MesoliteThirdParty.cmake). Sources left out mean all *.cpp of the folder. With MESOLITE_JOIN several
# sources are compiled as one; APART names those that share a name with a neighbour and stay alone.
include_guard(GLOBAL)

# Adds each folder (or pattern of folders) that has a CMakeLists.txt.
function(mesolite_add_folders)
  foreach(pattern IN LISTS ARGN)
    file(GLOB lists CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${pattern}/CMakeLists.txt")
    foreach(list_file IN LISTS lists)
      get_filename_component(folder "${list_file}" DIRECTORY)
      add_subdirectory("${folder}")
    endforeach()
  endforeach()
endfunction()

# Sets `result` to SOURCES, or to all *.cpp of the current folder when there are none.
function(mesolite_sources result)
  set(sources ${ARGN})
  if(NOT sources)
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  endif()
  set("${result}" "${sources}" PARENT_SCOPE)
endfunction()

# Compiles the target's sources several at a time if MESOLITE_JOIN says so, those named apart alone.
function(mesolite_join name)
  if(NOT MESOLITE_JOIN)
    return()
  endif()
  set_target_properties("${name}" PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  if(ARGN)
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# Builds lib<name>.a, linked as `name` or `mesolite::<rest of the name>`. A library whose headers
# are complete in themselves has no sources.
function(mesolite_add_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;APART;DEPENDS;LIBRARIES")
  mesolite_sources(sources ${arg_SOURCES})
  mesolite_resolve_third_party(libraries ${arg_LIBRARIES})
  set(scope PUBLIC)
  if(sources)
    add_library("${name}" STATIC ${sources})
    mesolite_join("${name}" ${arg_APART})
    target_link_libraries("${name}" PRIVATE $<BUILD_INTERFACE:mesolite_flags> ${libraries})
  else()
    set(scope INTERFACE)
    add_library("${name}" INTERFACE)
  endif()
  target_include_directories("${name}" ${scope}
    "$<BUILD_INTERFACE:${mesolite_SOURCE_DIR}/sdk/include>"
    "$<BUILD_INTERFACE:${mesolite_SOURCE_DIR}>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  target_compile_features("${name}" ${scope} cxx_std_20)
  target_link_libraries("${name}" ${scope} ${arg_DEPENDS} Threads::Threads)

  string(REGEX REPLACE "^mesolite_" "" short_name "${name}")
  add_library("mesolite::${short_name}" ALIAS "${name}")
  set_target_properties("${name}" PROPERTIES EXPORT_NAME "${short_name}")
  # What tests/layering and MesoliteInstall read.
  set_property(GLOBAL APPEND PROPERTY MESOLITE_LIBRARIES "${name}")
  set_property(GLOBAL PROPERTY "MESOLITE_DEPENDS_${name}" "${arg_DEPENDS}")
  set_property(GLOBAL PROPERTY "MESOLITE_FOLDER_${name}" "${CMAKE_CURRENT_SOURCE_DIR}")
endfunction()

# Builds a program. INSTALL sbin (daemons), bin (commands; the default), libexec (helpers that we
# start ourselves) or none (tests and examples, which stay in the build tree).
function(mesolite_add_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "INSTALL" "SOURCES;APART;DEPENDS;LIBRARIES")
  mesolite_sources(sources ${arg_SOURCES})
  mesolite_resolve_third_party(libraries ${arg_LIBRARIES})
  add_executable("${name}" ${sources})
  if(MESOLITE_SANITIZE MATCHES "thread")
    target_sources("${name}" PRIVATE "${mesolite_SOURCE_DIR}/tests/thread_sanitizer.cpp")
    list(APPEND arg_APART "${mesolite_SOURCE_DIR}/tests/thread_sanitizer.cpp")
  endif()
  mesolite_join("${name}" ${arg_APART})
  target_include_directories("${name}" PRIVATE "${mesolite_SOURCE_DIR}/sdk/include"
    "${mesolite_SOURCE_DIR}")
  target_link_libraries("${name}" PRIVATE mesolite_flags ${arg_DEPENDS} ${libraries}
    Threads::Threads)
  if("${arg_INSTALL}" STREQUAL "none")
    return()
  endif()
  set(folders_sbin "${CMAKE_INSTALL_SBINDIR}")
  set(folders_bin "${CMAKE_INSTALL_BINDIR}")
  set(folders_libexec "${MESOLITE_LIBEXEC_DIR}")
  if(NOT arg_INSTALL)
    set(arg_INSTALL bin)
  endif()
  set(folder "${folders_${arg_INSTALL}}")
  set_target_properties("${name}" PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${mesolite_BINARY_DIR}/${folder}")
  install(TARGETS "${name}" RUNTIME DESTINATION "${folder}")
endfunction()

# Builds and registers the GoogleTest program of tests/<FOLDER>: all *_test.cpp there, plus SOURCES
# (helpers). PROGRAMS names the targets that the test starts or loads. LABELS is for ctest -L, as is
# the folder; SERIAL keeps other tests from running beside it.
function(mesolite_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "FOLDER;TIMEOUT"
    "SOURCES;APART;DEPENDS;LIBRARIES;PROGRAMS;LABELS")
  if(NOT MESOLITE_TESTS)
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS "${mesolite_SOURCE_DIR}/tests/${arg_FOLDER}/*_test.cpp")
  mesolite_add_executable("${name}" INSTALL none SOURCES ${sources} ${arg_SOURCES}
    APART ${arg_APART} DEPENDS ${arg_DEPENDS} LIBRARIES ${arg_LIBRARIES} gmock gtest_main)
  # Where a test finds its data and the programs it starts.
  target_compile_definitions("${name}" PRIVATE
    MESOLITE_SOURCE_DIR="${mesolite_SOURCE_DIR}" MESOLITE_BUILD_DIR="${mesolite_BINARY_DIR}")
  set_target_properties("${name}" PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${mesolite_BINARY_DIR}/tests")
  if(arg_PROGRAMS)
    add_dependencies("${name}" ${arg_PROGRAMS})
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_test(NAME "${name}" COMMAND "${name}" WORKING_DIRECTORY "${mesolite_BINARY_DIR}")
  set_tests_properties("${name}" PROPERTIES TIMEOUT "${arg_TIMEOUT}" LABELS
    "${arg_FOLDER};${arg_LABELS}")
  if(arg_SERIAL)
    set_tests_properties("${name}" PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()

# Builds a bench: a program that is neither installed nor run by the tests. `ninja benches` builds
# all of them; `ninja` does not.
function(mesolite_add_bench name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;LIBRARIES")
  if(NOT MESOLITE_BENCHES)
    return()
  endif()
  mesolite_add_executable("${name}" INSTALL none SOURCES ${arg_SOURCES} DEPENDS ${arg_DEPENDS}
    LIBRARIES ${arg_LIBRARIES})
  set_target_properties("${name}" PROPERTIES EXCLUDE_FROM_ALL ON
    RUNTIME_OUTPUT_DIRECTORY "${mesolite_BINARY_DIR}/bench")
  add_dependencies(benches "${name}")
endfunction()
