# Third-party sources, each pinned in sources.json. Set-up unpacks hash-checked tarballs into MASKCHECK_CACHE/sources;
# where they are missing, they are fetched from their projects at the same commit.
include(FetchContent)

if(DEFINED ENV{MASKCHECK_CACHE})
  set(mc_cache $ENV{MASKCHECK_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(mc_cache $ENV{XDG_CACHE_HOME}/maskcheck)
else()
  set(mc_cache $ENV{HOME}/.cache/maskcheck)
endif()

set(mc_sources_file ${CMAKE_CURRENT_LIST_DIR}/sources.json)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${mc_sources_file})
file(READ ${mc_sources_file} mc_sources)

# Sets <name>_SOURCE_DIR.
function(mc_source name)
  string(JSON archive ERROR_VARIABLE no_archive GET "${mc_sources}" ${name} archive)
  if(no_archive)
    string(JSON repository GET "${mc_sources}" ${name} repository)
    string(JSON commit GET "${mc_sources}" ${name} commit)
    set(origin GIT_REPOSITORY https://github.com/${repository}.git GIT_TAG ${commit})
  else()
    string(JSON sha256 GET "${mc_sources}" ${name} sha256)
    set(origin URL ${archive} URL_HASH SHA256=${sha256})
  endif()
  string(TOUPPER ${name} NAME)
  if(NOT DEFINED FETCHCONTENT_SOURCE_DIR_${NAME} AND EXISTS ${mc_cache}/sources/${name}/.complete)
    set(FETCHCONTENT_SOURCE_DIR_${NAME} ${mc_cache}/sources/${name})
  endif()
  # A subfolder that does not exist: only the files are wanted, not the projects' own CMake files.
  FetchContent_Declare(${name} ${origin} SOURCE_SUBDIR none)
  FetchContent_MakeAvailable(${name})
  set(${name}_SOURCE_DIR ${${name}_SOURCE_DIR} PARENT_SCOPE)
endfunction()

foreach(name xnnpack pthreadpool fxdiv stb protobufc)
  mc_source(${name})
endforeach()
if(MC_BUILD_TESTS)
  mc_source(cmocka)
endif()
