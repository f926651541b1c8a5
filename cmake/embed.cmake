# Run by tenfold_embed at build time: writes a source that defines each file's text as a raw string literal.
# GCC and clang take literals of any length; the delimiter must not occur in a file.
file(STRINGS ${HEADER} namespace_line REGEX "^namespace .*{" LIMIT_COUNT 1)
string(REGEX REPLACE "^namespace +([^ ]+) .*" "\\1" namespace "${namespace_line}")
set(text "#include \"${INCLUDE}\"\n\nnamespace ${namespace} {\n\n")
string(REPLACE "|" ";" files "${FILES}")
foreach(file ${files})
  get_filename_component(name ${file} NAME)
  string(MAKE_C_IDENTIFIER ${name} identifier)
  file(READ ${file} content)
  string(APPEND text "constinit const std::string_view ${identifier} = R\"=TENFOLD=(${content})=TENFOLD=\";\n\n")
endforeach()
string(APPEND text "}  // namespace ${namespace}\n")
file(WRITE ${OUTPUT} "${text}")
