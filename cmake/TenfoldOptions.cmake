# Compiler settings that every target shares. The presets in CMakePresets.json set these options.
option(TENFOLD_TESTS "Build unit tests" ON)
option(TENFOLD_BENCHMARKS "Build micro benchmarks" OFF)
option(TENFOLD_FUZZERS "Build fuzzers (needs clang)" OFF)
# Several sources compiled as one (a unity build): half the compiler's time for a whole build, since the libraries'
# headers are most of it; more for one changed file, so that the preset of daily work (dev) goes without.
option(TENFOLD_UNITY "Compile sources in batches" OFF)
set(TENFOLD_UNITY_BATCH 8)  # larger ones win little more, and two cores would wait for the last
set(TENFOLD_SANITIZERS "" CACHE STRING "Value for -fsanitize=, e.g. address,undefined or thread")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(tenfold_options INTERFACE)
add_library(tenfold::options ALIAS tenfold_options)
target_include_directories(tenfold_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(tenfold_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wconversion -Wno-sign-conversion -Werror=return-type
  # Coroutine frames of GCC 12 trip these with no defect behind them.
  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(tenfold_options INTERFACE -fcoroutines -Wno-mismatched-new-delete -Wno-maybe-uninitialized)
  # GCC 12 at -O2 loads a moved-from string's pointer before the move where a vector shares its place in a std::expected, and
  # frees the string twice (seen in src/net/resolver.cpp). Its summaries of what a call may change say too little.
  target_compile_options(tenfold_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:-fno-ipa-modref>)
  if(TENFOLD_UNITY)
    # In a batch GCC takes a source for a header and warns of its private types in coroutines' frames; and what is private to
    # one file seems to shadow what is private to another.
    target_compile_options(tenfold_options INTERFACE -Wno-subobject-linkage -Wno-shadow)
  endif()
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND TENFOLD_UNITY)
  target_compile_options(tenfold_options INTERFACE -Wno-shadow)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  # libstdc++ offers std::expected only to compilers that claim the newest concepts; clang 16 has all it needs.
  target_compile_options(tenfold_options INTERFACE -D__cpp_concepts=202002L -Wno-builtin-macro-redefined
    -Wno-macro-redefined)
endif()

if(TENFOLD_SANITIZERS)
  target_compile_options(tenfold_options INTERFACE -fsanitize=${TENFOLD_SANITIZERS} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(tenfold_options INTERFACE -fsanitize=${TENFOLD_SANITIZERS})
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  target_link_options(tenfold_options INTERFACE -fuse-ld=mold)
endif()
