# mesolite_add_module(): builds a module, here and in a project of anyone's that says
# find_package(mesolite).
#
#   mesolite_add_module(my-allocator [SOURCES my_allocator.cpp module.cpp] [LIBRARIES …])
#
# builds my-allocator.so, which exports one C function and nothing else, and carries its own copy of
# the codec and of the SDK's base, so that a module of any compiler or standard library loads.
# Sources left out mean all *.cpp of the folder. The MESOLITE_MODULE line stands in module.cpp:
# the other sources, when there are any, also become the library <name>_classes, which tests link
# straight in.
include_guard(GLOBAL)

set(MESOLITE_MODULE_EXPORTS "${CMAKE_CURRENT_LIST_DIR}/module_exports.map")

# The target that holds what every module carries with it. In this tree that is made of archives
# that exist anyway; a stranger's project compiles it from the installed sources, with its own
# compiler.
function(mesolite_ensure_module_support)
  if(TARGET mesolite_module_support)
    return()
  endif()
  if(NOT MESOLITE_SDK_SOURCES)
    add_library(mesolite_module_support INTERFACE)
    target_link_libraries(mesolite_module_support INTERFACE
      mesolite_cgroups mesolite_protocol mesolite_base)
    return()
  endif()
  file(GLOB_RECURSE sources "${MESOLITE_SDK_SOURCES}/*.cpp")
  add_library(mesolite_module_support STATIC EXCLUDE_FROM_ALL ${sources})
  mesolite_resolve_third_party(libraries msgpack expected)
  target_include_directories(mesolite_module_support PUBLIC "${MESOLITE_INCLUDE_DIR}")
  target_compile_features(mesolite_module_support PUBLIC cxx_std_20)
  target_link_libraries(mesolite_module_support PRIVATE ${libraries})
  mesolite_set_module_flags(mesolite_module_support)
endfunction()

function(mesolite_set_module_flags target)
  set_target_properties("${target}" PROPERTIES
    POSITION_INDEPENDENT_CODE ON
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  # A unique symbol would pin the module in memory: dlclose would silently do nothing, and a
  # reopened path would return the old code. Clang has neither the flag nor the need.
  target_compile_options("${target}" PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
endfunction()

function(mesolite_add_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_INSTALL" "" "SOURCES;LIBRARIES")
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  endif()
  mesolite_resolve_third_party(libraries ${arg_LIBRARIES})
  mesolite_ensure_module_support()

  set(classes ${arg_SOURCES})
  list(FILTER classes EXCLUDE REGEX "(^|/)module\\.cpp$")
  set(border ${arg_SOURCES})
  list(REMOVE_ITEM border ${classes})
  if(border AND classes)
    add_library("${name}_classes" STATIC ${classes})
    target_link_libraries("${name}_classes" PUBLIC mesolite_module_support ${libraries})
    mesolite_set_module_flags("${name}_classes")
    if(COMMAND mesolite_join)
      mesolite_join("${name}_classes")
    endif()
    if(TARGET mesolite_flags)
      target_link_libraries("${name}_classes" PRIVATE mesolite_flags)
    endif()
    add_library("${name}" MODULE ${border})
    target_link_libraries("${name}" PRIVATE "${name}_classes")
  else()
    add_library("${name}" MODULE ${arg_SOURCES})
    target_link_libraries("${name}" PRIVATE mesolite_module_support ${libraries})
  endif()

  mesolite_set_module_flags("${name}")
  set_target_properties("${name}" PROPERTIES PREFIX "" SUFFIX ".so"
    LINK_DEPENDS "${MESOLITE_MODULE_EXPORTS}")
  target_link_options("${name}" PRIVATE "LINKER:--version-script=${MESOLITE_MODULE_EXPORTS}")
  if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize" AND NOT MESOLITE_SANITIZE)
    # A symbol that nobody has is the linker's error here, not a daemon's at start. (Sanitized
    # modules take their runtime from the program that loads them.)
    target_link_options("${name}" PRIVATE "LINKER:--no-undefined")
  endif()
  if(TARGET mesolite_flags)
    target_link_libraries("${name}" PRIVATE mesolite_flags)
  endif()
  if(arg_NO_INSTALL)
    return()
  endif()
  if(mesolite_BINARY_DIR)
    set_target_properties("${name}" PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY "${mesolite_BINARY_DIR}/${MESOLITE_MODULES_DIR}")
    set_property(GLOBAL APPEND PROPERTY MESOLITE_MODULES "${name}")
  endif()
  install(TARGETS "${name}" LIBRARY DESTINATION "${MESOLITE_MODULES_DIR}")
endfunction()
