# tenfold_embed(TARGET HEADER FILE...)
#
# Compiles text files into TARGET. HEADER, written by hand, declares for each file `name.ext`
#   extern const std::string_view name_ext;
# in the namespace that its line `namespace ... {` opens; a source made at build time defines them.
set(TENFOLD_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/embed.cmake)

function(tenfold_embed target header)
  set(inputs)
  foreach(file ${ARGN})
    list(APPEND inputs ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  get_filename_component(module ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded.cpp)
  list(JOIN inputs "|" joined)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DHEADER=${CMAKE_CURRENT_SOURCE_DIR}/${header}
            -DINCLUDE=${module}/${header} "-DFILES=${joined}" -P ${TENFOLD_EMBED_SCRIPT}
    DEPENDS ${inputs} ${CMAKE_CURRENT_SOURCE_DIR}/${header} ${TENFOLD_EMBED_SCRIPT}
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
