# find_package(switchwire CONFIG) defines two libraries for target_link_libraries:
#   switchwire::esl         libesl.so, which the program needs at run time
#   switchwire::esl-static  libesl.a, linked in
# C programs include <esl.h>, C++ programs may include <esl_oop.h>.

get_filename_component(_switchwire_prefix "${CMAKE_CURRENT_LIST_DIR}/@UP@" ABSOLUTE)
set(_switchwire_lib "${_switchwire_prefix}/@LIBDIR@")

find_package(Threads REQUIRED)

if(NOT TARGET switchwire::esl)
  add_library(switchwire::esl SHARED IMPORTED)
  set_target_properties(switchwire::esl PROPERTIES
    IMPORTED_LOCATION "${_switchwire_lib}/@SONAME@"
    IMPORTED_SONAME "@SONAME@"
    INTERFACE_INCLUDE_DIRECTORIES "${_switchwire_prefix}/include")

  add_library(switchwire::esl-static STATIC IMPORTED)
  set_target_properties(switchwire::esl-static PROPERTIES
    IMPORTED_LOCATION "${_switchwire_lib}/libesl.a"
    INTERFACE_INCLUDE_DIRECTORIES "${_switchwire_prefix}/include"
    INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m")
endif()

unset(_switchwire_lib)
unset(_switchwire_prefix)
