# What `cmake --install` adds to the programs and modules: headers, archives, the CMake package.
include_guard(GLOBAL)
include(CMakePackageConfigHelpers)

# Sets `result` to `libraries` and all libraries of ours that they link, each once.
function(mesolite_closure result)
  set(open ${ARGN})
  set(closed "")
  while(open)
    list(POP_FRONT open library)
    if(library IN_LIST closed OR NOT TARGET "${library}")
      continue()
    endif()
    list(APPEND closed "${library}")
    get_property(depends GLOBAL PROPERTY "MESOLITE_DEPENDS_${library}")
    list(APPEND open ${depends})
  endwhile()
  set("${result}" "${closed}" PARENT_SCOPE)
endfunction()

get_property(libraries GLOBAL PROPERTY MESOLITE_LIBRARIES)
set(public_libraries "")
foreach(library IN LISTS libraries)
  get_property(folder GLOBAL PROPERTY "MESOLITE_FOLDER_${library}")
  # Beside the SDK: programs are written against mini-spark too.
  if(folder MATCHES "^${PROJECT_SOURCE_DIR}/(sdk(/|$)|frameworks/mini-spark$)")
    list(APPEND public_libraries "${library}")
  endif()
endforeach()
mesolite_closure(public_libraries ${public_libraries})

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/mesolite")
install(TARGETS ${public_libraries} EXPORT mesolite-targets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}/mesolite")
install(EXPORT mesolite-targets NAMESPACE mesolite:: DESTINATION "${package_dir}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/sdk/include/mesolite"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h"
  PATTERN "*.def")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/frameworks/mini-spark"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/frameworks" FILES_MATCHING PATTERN "*.hpp")

# The sources that mesolite_add_module() compiles into each module.
get_target_property(module_sources mesolite_base SOURCES)
if(TARGET mesolite_protocol)
  get_target_property(protocol_sources mesolite_protocol SOURCES)
  list(APPEND module_sources ${protocol_sources})
endif()
if(TARGET mesolite_cgroups)
  get_target_property(cgroup_sources mesolite_cgroups SOURCES)
  list(APPEND module_sources ${cgroup_sources})
endif()
list(FILTER module_sources INCLUDE REGEX "/sdk/src/")
foreach(source IN LISTS module_sources)
  get_filename_component(folder "${source}" DIRECTORY)
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}/sdk/src" "${folder}")
  install(FILES "${source}" DESTINATION "${MESOLITE_SDK_SOURCES_DIR}/${folder}")
endforeach()

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/mesolite-config.cmake.in"
  "${PROJECT_BINARY_DIR}/mesolite-config.cmake"
  INSTALL_DESTINATION "${package_dir}"
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR MESOLITE_SDK_SOURCES_DIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/mesolite-config-version.cmake"
  COMPATIBILITY SameMajorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/mesolite-config.cmake"
  "${PROJECT_BINARY_DIR}/mesolite-config-version.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/MesoliteModule.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/MesoliteThirdParty.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/module_exports.map"
  DESTINATION "${package_dir}")
