"""`python -m train overfit --config C --data.root ROOT --parts 8`: learn a few parts by heart.

If data, network and loss fit together, a network can; it is the first thing to try with new ones.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

PARTS = 8


def as_fit(arguments: Sequence[str]) -> list[str]:
    """The arguments of `fit` that do it.

    The parts are the first of the training split, and are validated on as well. They count more
    than what config files say, and less than what the caller says.

    Args:
        arguments: those of `fit`, and `--parts`.
    """
    parser = ArgumentParser(prog="python -m train overfit", add_help=False, allow_abbrev=False)
    parser.add_argument("--parts", type=int, default=PARTS)
    parser.add_argument("--config", "-c", action="append", default=[])
    known, others = parser.parse_known_args(list(arguments))
    configs = [f"--config={path}" for path in known.config]
    preset = [
        f"--data.limit={known.parts}",
        "--data.val_split=train",
        "--trainer.limit_val_batches=1.0",
    ]
    return ["fit", *configs, *preset, *others]
