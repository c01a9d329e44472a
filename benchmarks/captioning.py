"""How close the captioner comes to what an endpoint allows: 1,000 parts at 200 ms, 50 at once.

The endpoint is a stand-in in a process of its own that answers after a fixed time. The ideal is
the number of rounds times that time; the whole object is one request more.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

from caption.composite.composite import Composite
from caption.facts import Look, ObjectFacts, PartFacts
from caption.vlm.captioner import VlmCaptioner
from caption.vlm.config import VlmConfig
from partworks.store import Store

LATENCY_S = 0.2
CONCURRENT = 50
PARTS = 1000
PICTURE_BYTES = 100_000


def picture(generator: np.random.Generator) -> Composite:
    """Bytes of the size of a composite that only a PNG's beginning makes one."""
    image = b"\x89PNG" + generator.bytes(PICTURE_BYTES)
    return Composite(
        image=image,
        width=1024,
        height=512,
        view=0,
        panels=(),
        box=None,
        alone=None,
        arrow=None,
        visible_share=0.5,
        pixels_of_part=1,
        note="",
    )


def facts(count: int) -> ObjectFacts:
    """An object of so many parts."""
    look = Look(colors=(), material="", form="block")
    part = PartFacts(noun="part", look=look, place=(), relation=("", ""), share=0.1, hidden=False)
    return ObjectFacts(noun="toy", look=look, sides=(1.0, 1.0, 1.0), parts=(part,) * count)


def measure(
    url: str, *, objects: int, parts: int, second_look: bool, budget: float | None = None
) -> tuple[float, float]:
    """Seconds for so many objects one after another in a fresh root, and of this process's CPU."""
    config = VlmConfig(
        model="stand-in",
        base_url=url,
        input_price=1.0,
        output_price=1.0,
        concurrency=CONCURRENT,
        verify=second_look,
        variants=10 if second_look else 0,
        budget=budget,
    )
    generator = np.random.default_rng(0)
    shown = [[picture(generator) for _ in range(parts + 1)] for _ in range(objects)]
    with tempfile.TemporaryDirectory() as folder:
        captioner = VlmCaptioner(config, store=Store(folder), max_words=15)
        start, cpu = time.monotonic(), time.process_time()
        for pictures in shown:
            captioner.caption(facts(parts), pictures[1:], pictures[0])
        taken = time.monotonic() - start, time.process_time() - cpu
        captioner.close()
        return taken


def report(name: str, *, seconds: float, cpu: float, ideal: float) -> None:
    """One line."""
    print(
        f"{name}: {seconds:.2f} s, ideal {ideal:.2f} s, {100 * (seconds / ideal - 1):+.1f} % "
        f"({cpu:.2f} s of CPU)",
        flush=True,
    )


def main() -> None:
    """Measure the client alone and a worker that goes from object to object."""
    os.environ.pop("OPENAI_API_KEY", None)
    command = [sys.executable, "-m", "tests.caption.server", "--latency", str(LATENCY_S)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
            measure(url, objects=1, parts=4, second_look=False)
            ideal = math.ceil((PARTS + 1) / CONCURRENT) * LATENCY_S
            for name, budget in (("1,000 parts", None), ("1,000 parts with a budget", 1e3)):
                seconds, cpu = measure(
                    url, objects=1, parts=PARTS, second_look=False, budget=budget
                )
                report(name, seconds=seconds, cpu=cpu, ideal=ideal)
            seconds, cpu = measure(url, objects=20, parts=8, second_look=True)
            report(
                "20 objects of 8 parts in series, with a second look",
                seconds=seconds,
                cpu=cpu,
                ideal=20 * 2 * LATENCY_S,
            )
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
