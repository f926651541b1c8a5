#pragma once

namespace tenfold::app {

// The program's log goes to standard error, with time and level. Once in a process.
void log_to_standard_error();
// The same, but errors only: for commands that tell what happens themselves.
void log_errors_to_standard_error();

}  // namespace tenfold::app
