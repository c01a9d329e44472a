"""The verbs of the command line: `add_arguments(parser)` and `execute(parser, arguments)` each."""
