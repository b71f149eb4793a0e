"""The command line: argv, environment, printing, progress, exit codes. The only place that prints or exits."""
