"""`partworks annotate VERB`: one module a verb, each with TEXT, `add_arguments` and `execute`."""
