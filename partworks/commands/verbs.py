"""Commands of several verbs, which live with a stage and are imported when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from jsonargparse import ArgumentParser


@dataclass(frozen=True, slots=True)
class Verbs:
    """The verbs of one command.

    Attributes:
        command: its name.
        package: where its verbs are.
        modules: verb -> the module there that does it, with TEXT, add_arguments and execute.
    """

    command: str
    package: str
    modules: Mapping[str, str]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The verb; each has flags of its own."""
        width = max(map(len, self.modules))
        verbs = [f"  {verb:<{width}}  {self._module(verb).TEXT}" for verb in self.modules]
        usage = f"partworks {self.command} VERB --root ROOT [options]"
        parser.usage = "\n".join([usage, "", *verbs])
        text = f"`partworks {self.command} VERB --help` says more."
        parser.add_argument("verb", choices=tuple(self.modules), help=text)

    def parser(self, verb: str) -> ArgumentParser:
        """The parser of one verb."""
        module = self._module(verb)
        name = f"partworks {self.command} {verb}"
        parser = ArgumentParser(
            prog=name,
            usage=f"{name} --root ROOT [options]",
            description=module.TEXT,
            allow_abbrev=False,
        )
        module.add_arguments(parser)
        return parser

    def execute(self, parser: ArgumentParser, arguments: Sequence[str]) -> int:
        """Do what the verb says."""
        verb = parser.parse_args(arguments[:1]).verb
        return int(self._module(verb).execute(self.parser(verb).parse_args(arguments[1:])))

    def _module(self, verb: str) -> Any:
        return import_module(f"{self.package}.{self.modules[verb]}")
