"""The whole study: made objects, two networks, what they learned and what they make."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from train.denoiser.module import DenoiserModule
from train.models.joint.model import JointDenoiser
from train.rendering.base import Renderer
from train.study.config import StudyConfig
from train.study.following import Made, make, measures
from train.study.generator import StudyGenerator
from train.study.latents import all_latents
from train.study.learning import errors, independent, joint_config, train
from train.study.objects import MadeObject, made_objects
from train.study.report import Findings, Side

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Studied:
    """Findings with what they were made from.

    Attributes:
        model: the joint one.
        objects: held out.
        joint: made by it.
        independent: made by the other.
    """

    findings: Findings
    model: JointDenoiser
    objects: list[MadeObject]
    joint: Made
    independent: Made


def run_study(config: StudyConfig, *, renderer: Renderer, log: Log) -> Studied:
    """Train both networks on the same batches with the same noise, and measure both alike.

    Args:
        log: told what is done, now and then.
    """
    objects = made_objects(config.held_out, seed=config.seed + 1)
    shown = all_latents(made_objects(config.objects, seed=config.seed), renderer=renderer)
    unseen = all_latents(objects, renderer=renderer)
    log(f"{len(shown)} objects to train on, {len(unseen)} held out")
    network = joint_config(**asdict(config.network))
    found: dict[str, tuple[DenoiserModule, Side, Made]] = {}
    for name, sizes in (("joint", network), ("independent", independent(network))):
        start = time.perf_counter()
        module = train(shown, network=sizes, config=config.learning, progress=_told(name, log))
        seconds = time.perf_counter() - start
        made = make(StudyGenerator(module.model), objects, seed=config.seed)
        side = Side(
            weights=sum(weight.numel() for weight in module.parameters()),
            seconds=seconds,
            errors=errors(module, unseen, draws=config.draws, seed=config.seed),
            measures=measures(objects, made),
        )
        log(f"{name}: {side.weights:,} weights, trained in {seconds:.0f} s")
        found[name] = (module, side, made)
    module, ours, joint = found["joint"]
    _, theirs, apart = found["independent"]
    return Studied(
        findings=Findings(config=config, joint=ours, independent=theirs),
        model=module.model,
        objects=objects,
        joint=joint,
        independent=apart,
    )


def _told(name: str, log: Log) -> Callable[[int, float], None]:
    recent: list[float] = []

    def progress(step: int, loss: float) -> None:
        recent.append(loss)
        if len(recent) == _EVERY:
            log(f"{name}: step {step + 1}, loss {sum(recent) / _EVERY:.4f}")
            recent.clear()

    return progress


_EVERY = 200
