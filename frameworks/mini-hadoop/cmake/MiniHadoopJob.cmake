# mini_hadoop_add_job(name [SOURCES file…]): a job of your own as a shared library, for
# `mini-hadoop jar lib<name>.so`. Sources left out mean all *.cpp of the folder. It links nothing of
# Mesolite: what it uses is in the program that loads it.
include_guard(GLOBAL)

function(mini_hadoop_add_job name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES")
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  endif()
  add_library("${name}" MODULE ${arg_SOURCES})
  target_compile_features("${name}" PRIVATE cxx_std_20)
  target_include_directories("${name}" PRIVATE ${MESOLITE_INCLUDE_DIR})
endfunction()
