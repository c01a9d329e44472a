"""`partworks annotate`: the review of segments by people; the verbs live with the stage."""

from __future__ import annotations

from partworks.commands.verbs import Verbs
from partworks.stages import REVIEW_COMMANDS

TAKES_SETTINGS = False
COMMAND = Verbs(
    "annotate",
    REVIEW_COMMANDS,
    {
        "serve": "serve",
        "import": "importing",
        "export": "exporting",
        "stats": "stats",
        "train": "training",
        "users": "users",
    },
)

VERBS = COMMAND.modules
add_arguments = COMMAND.add_arguments
verb_parser = COMMAND.parser
execute = COMMAND.execute
