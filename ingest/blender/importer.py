"""Convert a file that only Blender reads into a GLB, in a process that ends with the file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.blender.config import BlenderImportConfig
from ingest.blender.session import Reply, Request
from partworks.errors import Failed, Rejected
from partworks.geometry.limits import LoadLimits
from partworks.geometry.side_files import safe_path
from partworks.isolation import Child, Limits, Report

FORMATS = ("blend", "fbx", "usd", "usda", "usdc", "usdz")

REASONS: Mapping[str, str] = {
    "import_refused": "Blender cannot read the file, or there is nothing in it that can be seen.",
    "import_crashed": "Blender crashed at the file.",
    "import_deadline": "Blender took longer for the file than `blender.deadline_s`.",
    "import_memory": "Blender needed more memory for the file than `blender.memory_mb`.",
}
_REASON_OF_KIND = {
    "crashed": "import_crashed",
    "deadline": "import_deadline",
    "memory": "import_memory",
}
_MAGIC: Mapping[str, tuple[bytes, ...]] = {
    "blend": (b"BLENDER", b"\x28\xb5\x2f\xfd", b"\x1f\x8b"),  # plain, zstd, gzip
    "fbx": (b"Kaydara FBX Binary",),
    "usda": (b"#usda",),
    "usdc": (b"PXR-USDC",),
    "usd": (b"PXR-USDC", b"#usda"),
    "usdz": (b"PK\x03\x04",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """The GLB that Blender wrote, and words of `partworks.geometry.load.WARNINGS`."""

    glb: bytes
    warnings: tuple[str, ...]


def convert(
    data: bytes,
    ext: str,
    *,
    files: Mapping[str, bytes],
    config: BlenderImportConfig,
    limits: LoadLimits,
) -> Converted:
    """Let Blender read a file and write it as GLB: y up, in metres, at rest, modifiers applied.

    Each file gets a process of its own, which sees a folder with the file and what came with it,
    Blender and Python, and where the system allows it nothing else.

    Args:
        data: the file.
        ext: its ending, one of `FORMATS`.
        files: its side files by POSIX path relative to it.
        config: the process' limits.
        limits: `max_bytes` holds for the file and for the GLB.

    Raises:
        Rejected: `empty_file`, `not_a_model`, `too_large`, `unsafe_path` or `import_refused`.
        Failed: `import_crashed`, `import_deadline` or `import_memory`.
    """
    _check_bytes(data, ext, limits)
    with tempfile.TemporaryDirectory(prefix="partworks-import-") as name:
        folder = Path(name)
        # What came with the model lies beside it, and what is made here beside that.
        model = folder / "source" / f"model.{ext}"
        for path, content in files.items():
            _write(model.parent / safe_path(path), content)
        _write(model, data)
        request = Request(model=model, glb=folder / "model.glb")
        reply = _asked(folder, request, config)
        if reply.refusal:
            raise Rejected("import_refused", f"Blender has read the .{ext} file: {reply.refusal}")
        return Converted(glb=_result(request.glb, limits), warnings=reply.warnings)


def _asked(folder: Path, request: Request, config: BlenderImportConfig) -> Reply:
    child = Child(
        "ingest.blender.session:open_session",
        (folder,),
        # The worker's own limit on data is inherited; this one is watched from outside.
        limits=Limits(memory_mb=config.memory_mb, threads=1, cap_data=False),
    )
    try:
        report = child.call(request, deadline_s=config.deadline_s)
    finally:
        child.close()
    if report.kind == "ok":
        reply: Reply = report.value
        return reply
    raise _error(report, request.model.suffix)


def _error(report: Report, suffix: str) -> Exception:
    if report.kind == "raised" and report.opened:
        message = f"Blender cannot read the {suffix} file: {report.message}"
        return Rejected("import_refused", message[:1000])
    reason = _REASON_OF_KIND.get(report.kind, "import_crashed")
    return Failed(reason, f"Blender at the {suffix} file: {report.message}", stderr=report.stderr)


def _result(glb: Path, limits: LoadLimits) -> bytes:
    if not glb.is_file():
        raise Rejected("import_refused", "Blender wrote nothing; no surface of the file is shown")
    size = glb.stat().st_size
    if size > limits.max_bytes:
        raise Rejected("too_large", f"{size} bytes as GLB, the limit is {limits.max_bytes}")
    return glb.read_bytes()


def _check_bytes(data: bytes, ext: str, limits: LoadLimits) -> None:
    if not data:
        raise Rejected("empty_file", f"the .{ext} file has no bytes; fetch it again")
    if len(data) > limits.max_bytes:
        raise Rejected("too_large", f"{len(data)} bytes, the limit is {limits.max_bytes}")
    if data.startswith(_MAGIC[ext]):
        return
    if ext == "fbx" and b"FBXHeaderExtension" in data[:4096]:
        raise Rejected("unsupported_version", "the FBX is one of text; Blender reads binary ones")
    raise Rejected("not_a_model", f"the .{ext} file starts with {data[:16]!r}")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
