# Writes OUTPUT, a C++ source that holds the files of FOLDER as byte arrays.
#   cmake -D OUTPUT=assets.cpp -D FOLDER=kernel/webui -P embed.cmake
set(arrays "")
set(rows "")
function(embed name path type)
  file(READ "${FOLDER}/${name}" bytes HEX)
  string(REGEX REPLACE "(................................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  string(MAKE_C_IDENTIFIER "${name}" id)
  set(arrays "${arrays}constexpr char ${id}[] = {\n${bytes}};\n" PARENT_SCOPE)
  set(rows "${rows}    {\"${path}\", \"${type}\", {${id}, sizeof(${id})}},\n" PARENT_SCOPE)
endfunction()

embed(index.html "/" "text/html; charset=utf-8")
embed(app.js "/app.js" "text/javascript; charset=utf-8")
embed(style.css "/style.css" "text/css; charset=utf-8")
embed(icon.svg "/icon.svg" "image/svg+xml")

file(WRITE "${OUTPUT}" "// Generated from kernel/webui by embed.cmake.
#include \"kernel/http/assets.hpp\"

namespace mesolite::http {
namespace {

${arrays}
constexpr Asset files[] = {
${rows}};

}  // namespace

std::span<const Asset> assets() { return files; }

}  // namespace mesolite::http
")
