# tenfold_bpf(TARGET HEADER SOURCE)
#
# Compiles SOURCE, a program for the kernel, and the result as bytes into TARGET: HEADER declares
#   extern const std::span<const unsigned char> NAME_object;
# where NAME is the folder of SOURCE. Compilers: gcc-bpf (its package is small), else clang. Without one, or without libbpf
# that loads it, NAME_object is empty and TENFOLD_HAS_LIBBPF 0: the build says so, and the program does where it matters.
set(TENFOLD_BPF_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/bytes.cmake)
find_program(TENFOLD_BPF_GCC bpf-gcc)
find_program(TENFOLD_BPF_CLANG NAMES clang clang-22 clang-21 clang-20 clang-19 clang-18 clang-17 clang-16)
pkg_check_modules(bpf IMPORTED_TARGET libbpf>=0.8)

function(tenfold_bpf target header source)
  cmake_path(GET source PARENT_PATH folder)
  get_filename_component(name ${folder} NAME)
  get_filename_component(module ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  set(input ${CMAKE_CURRENT_SOURCE_DIR}/${source})
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}_object.cpp)
  # v3: of kernel 5.1, and of the newest that all of these compilers know.
  if(TENFOLD_BPF_GCC)
    set(compile ${TENFOLD_BPF_GCC} -mlittle-endian -mcpu=v3 -gbtf -idirafter /usr/include)
  elseif(TENFOLD_BPF_CLANG)
    set(compile ${TENFOLD_BPF_CLANG} -target bpfel -mcpu=v3 -g)
  endif()
  if(NOT bpf_FOUND OR NOT compile)
    message(STATUS "No XDP: it needs libbpf-dev, and gcc-bpf or clang; nftables serves instead")
    set(has 0)
    file(WRITE ${object} "")
  else()
    set(has 1)
    target_link_libraries(${target} PRIVATE PkgConfig::bpf)
    file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.h)
    add_custom_command(
      OUTPUT ${object}
      COMMAND ${compile} -std=gnu11 -O2 -Wall -Wextra -Werror -I ${PROJECT_SOURCE_DIR}/src
              -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -c ${input} -o ${object}
      DEPENDS ${input} ${headers}
      VERBATIM)
  endif()
  foreach(user ${target} ${module}_test)  # nobody else: who depends on the module sees nothing of it
    if(TARGET ${user})
      target_compile_definitions(${user} PRIVATE TENFOLD_HAS_LIBBPF=${has})
    endif()
  endforeach()
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DINPUT=${object} -DNAME=${name}_object -DHEADER=${CMAKE_CURRENT_SOURCE_DIR}/${header}
            -DINCLUDE=${module}/${header} -P ${TENFOLD_BPF_SCRIPT}
    DEPENDS ${object} ${CMAKE_CURRENT_SOURCE_DIR}/${header} ${TENFOLD_BPF_SCRIPT}
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
