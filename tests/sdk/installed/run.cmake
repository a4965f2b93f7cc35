# Installs BUILD, builds PROJECT against the installation, and looks at what the module exports.
function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output
    ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${what} failed:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
# The same paths every time, relative to here: the compiler cache knows them.
set(ENV{CCACHE_BASEDIR} "${WORK}")
set(ENV{CCACHE_NOHASHDIR} 1)
run("the installation" "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/prefix")
# What the setup guide finds there.
set(guide sbin/mesos-master sbin/mesos-agent sbin/mesos-slave sbin/mesos-daemon.sh
  libexec/mesolite/deploy.sh include/mesolite/framework/scheduler.hpp
  lib/mesolite/modules/hierarchical.so)
foreach(whom cluster masters agents slaves)
  list(APPEND guide "sbin/mesos-start-${whom}.sh" "sbin/mesos-stop-${whom}.sh")
endforeach()
foreach(what deploy master agent slave)
  list(APPEND guide "etc/mesos/mesos-${what}-env.sh.template")
endforeach()
foreach(file IN LISTS guide)
  if(NOT EXISTS "${WORK}/prefix/${file}")
    message(FATAL_ERROR "the installation has no ${file}")
  endif()
endforeach()
run("the configuration of a stranger's project" "${CMAKE_COMMAND}" -S "${PROJECT}"
  -B "${WORK}/build" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${WORK}/prefix"
  "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}"
  "-DCMAKE_CXX_FLAGS=${FLAGS}")
run("the build of a stranger's project" "${CMAKE_COMMAND}" --build "${WORK}/build")
run("a program that uses the SDK" "${WORK}/build/uses_sdk")
run("a program that uses mini-spark" "${WORK}/build/spark_program" "--master=local[2]")
set(on_local_cluster "${CMAKE_CURRENT_LIST_DIR}/on_local_cluster.sh" "${WORK}/prefix/bin/mesolite")
run("the same on a cluster of the installation" ${on_local_cluster}
  "${WORK}/build/spark_program" --quiet)
run("a job of mini-hadoop" ${on_local_cluster} sh "${CMAKE_CURRENT_LIST_DIR}/run_job.sh"
  "${WORK}/prefix" "${WORK}/build/libhottest_years.so" "${WORK}/job")

run("nm" "${NM}" -D --defined-only "${WORK}/build/${MODULE}")
string(REGEX MATCHALL "[^\n]+" symbols "${output}")
list(LENGTH symbols count)
if(NOT count EQUAL 1 OR NOT output MATCHES " T mesolite_module\n$")
  message(FATAL_ERROR "${MODULE} should export mesolite_module and nothing else, but does:\n"
    "${output}")
endif()
