# What holds for every target: language, warnings, sanitizers, where outputs lie.
#
# The build tree has the shape of an installation (sbin, bin, lib/mesolite/modules), so that a
# daemon finds its modules beside itself in both.
include_guard(GLOBAL)
include(GNUInstallDirs)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# Line tables only: enough for backtraces and profiles, at half the compile time of full -g.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

find_program(MESOLITE_CCACHE ccache)
if(MESOLITE_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${MESOLITE_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${MESOLITE_CCACHE}")
endif()

# Where things are installed, and where they lie in the build tree.
set(MESOLITE_MODULES_DIR "lib/mesolite/modules")
set(MESOLITE_LIBEXEC_DIR "libexec/mesolite")
set(MESOLITE_SDK_SOURCES_DIR "share/mesolite/src")

# ccache with a base directory hands the compiler paths relative to the build directory.
file(RELATIVE_PATH source_from_build "${PROJECT_BINARY_DIR}" "${PROJECT_SOURCE_DIR}")

# Whole-tree flags live on one target that every target of ours links privately.
add_library(mesolite_flags INTERFACE)
target_compile_options(mesolite_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  $<$<BOOL:${MESOLITE_WERROR}>:-Werror>
  # __FILE__ names the file as the repository does.
  "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/="
  "-fmacro-prefix-map=${source_from_build}/="
  # A unique symbol would pin a module in memory: dlclose would silently do nothing.
  $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)

if(MESOLITE_SANITIZE)
  add_compile_options("-fsanitize=${MESOLITE_SANITIZE}" -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  if(MESOLITE_SANITIZE MATCHES "undefined")
    # These guard every access and take two thirds of the time to compile; the address sanitizer
    # and the processor catch a null pointer and a wrong object too.
    add_compile_options(-fno-sanitize=null,alignment,object-size,vptr)
  endif()
  add_link_options("-fsanitize=${MESOLITE_SANITIZE}")
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
