"""The command line: a file per verb, one application, one place where errors become exit codes."""
