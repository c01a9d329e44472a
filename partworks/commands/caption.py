"""`partworks caption`: batches of requests and what they cost; the verbs live with the stage."""

from __future__ import annotations

from partworks.commands.verbs import Verbs
from partworks.stages import CAPTION_COMMANDS

TAKES_SETTINGS = False
COMMAND = Verbs("caption", CAPTION_COMMANDS, {"batch": "batch", "spending": "spending"})

VERBS = COMMAND.modules
add_arguments = COMMAND.add_arguments
verb_parser = COMMAND.parser
execute = COMMAND.execute
