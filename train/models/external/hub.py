"""Published models in the folders of the Hugging Face programs, on disk or by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from train.models.external.errors import CheckpointError


def locate(source: str | Path, part: str) -> dict[str, Any]:
    """Where to read one model of a pipeline from, as arguments of `from_pretrained`.

    Args:
        source: a folder of the model itself, a folder of a pipeline that has it in `part`, or the
            name of a pipeline on the hub, such as `PixArt-alpha/PixArt-XL-2-512x512`.
        part: of the pipeline, such as `transformer`, `vae`, `text_encoder` or `tokenizer`.

    Raises:
        CheckpointError: what looks like a path does not exist.
    """
    folder = Path(source)
    if folder.is_dir():
        inside = (folder / part).is_dir()
        return {
            "pretrained_model_name_or_path": str(folder / part if inside else folder),
            "local_files_only": True,
        }
    if folder.is_absolute() or str(source).startswith(".") or len(folder.parts) != 2:
        raise CheckpointError(
            f"there is no folder {source}; give one with a config.json, or a hub name owner/model"
        )
    return {"pretrained_model_name_or_path": str(source), "subfolder": part}


@contextmanager
def readable(source: str | Path, part: str) -> Iterator[None]:
    """Say what could not be read, whatever the programs raise."""
    try:
        yield
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        first = (str(error).strip().splitlines() or ["no message"])[0]
        raise CheckpointError(
            f"cannot read the {part} of {source} ({type(error).__name__}: {first}); give a folder"
            " with a config.json and safetensors, or a hub name that can be reached"
        ) from error


def require_covered(source: str | Path, part: str, account: dict[str, Any]) -> None:
    """Raise `CheckpointError` if a tensor of the model or of the file was left over.

    Args:
        account: what `from_pretrained` gives back as its loading information.
    """
    kinds = ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs")
    problems = [f"{kind}: {_shown(account[kind])}" for kind in kinds if account.get(kind)]
    if problems:
        raise CheckpointError(
            f"the weights of the {part} of {source} are not those of its config.json; fetch both"
            " again:\n  " + "\n  ".join(problems)
        )


def _shown(found: Any) -> str:
    names = sorted(str(name) for name in found)
    rest = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + rest
