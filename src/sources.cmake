# Third-party sources, each pinned. Set-up unpacks hash-checked tarballs into MASKCHECK_CACHE/sources; where they are
# missing, they are fetched from their projects at the same commit.
include(FetchContent)

if(DEFINED ENV{MASKCHECK_CACHE})
  set(mc_cache $ENV{MASKCHECK_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(mc_cache $ENV{XDG_CACHE_HOME}/maskcheck)
else()
  set(mc_cache $ENV{HOME}/.cache/maskcheck)
endif()

function(mc_source name)
  string(TOUPPER ${name} NAME)
  if(NOT DEFINED FETCHCONTENT_SOURCE_DIR_${NAME} AND EXISTS ${mc_cache}/sources/${name}/.complete)
    set(FETCHCONTENT_SOURCE_DIR_${NAME} ${mc_cache}/sources/${name})
  endif()
  # A subfolder that does not exist: only the files are wanted, not the projects' own CMake files.
  FetchContent_Declare(${name} ${ARGN} SOURCE_SUBDIR none)
  FetchContent_MakeAvailable(${name})
  set(${name}_SOURCE_DIR ${${name}_SOURCE_DIR} PARENT_SCOPE)
endfunction()

mc_source(xnnpack GIT_REPOSITORY https://github.com/google/XNNPACK.git
  GIT_TAG 4ea82e595b36106653175dcb04b2aa532660d0d8)
mc_source(pthreadpool GIT_REPOSITORY https://github.com/Maratyszcza/pthreadpool.git
  GIT_TAG 560c60d342a76076f0557a3946924c6478470044)
mc_source(fxdiv GIT_REPOSITORY https://github.com/Maratyszcza/FXdiv.git
  GIT_TAG b408327ac2a15ec3e43352421954f5b1967701d1)
mc_source(stb GIT_REPOSITORY https://github.com/nothings/stb.git
  GIT_TAG 5c205738c191bcb0abc65c4febfa9bd25ff35234)
mc_source(protobufc URL https://github.com/protobuf-c/protobuf-c/releases/download/v1.5.1/protobuf-c-1.5.1.tar.gz
  URL_HASH SHA256=20d1dc257da96f8ddff8be4dd9779215bbd0a6069ed53bbe9de38fa7629be06b)
if(MC_BUILD_TESTS)
  mc_source(cmocka URL https://cmocka.org/files/1.1/cmocka-1.1.7.tar.xz
    URL_HASH SHA256=810570eb0b8d64804331f82b29ff47c790ce9cd6b163e98d47a4807047ecad82)
endif()
