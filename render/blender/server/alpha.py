"""Smooth alpha for glass, by the compositor."""

from __future__ import annotations

from typing import Any


def denoise_alpha(scene: Any) -> None:
    """Smooth alpha like the colours: Cycles leaves it as sampled, and glass would be all grain.

    The denoiser leaves traces in the background, so that only what is near a sampled surface stays.
    """
    scene.render.use_compositing = True
    scene.use_nodes = True
    nodes, links = scene.node_tree.nodes, scene.node_tree.links
    nodes.clear()
    rendered = nodes.new("CompositorNodeRLayers")
    alpha = rendered.outputs["Alpha"]
    denoise = nodes.new("CompositorNodeDenoise")
    denoise.use_hdr = False
    links.new(alpha, denoise.inputs["Image"])
    sampled = nodes.new("CompositorNodeMath")
    sampled.operation = "GREATER_THAN"
    links.new(alpha, sampled.inputs[0])
    sampled.inputs[1].default_value = 0.0
    near = nodes.new("CompositorNodeDilateErode")
    near.distance = 1
    links.new(sampled.outputs[0], near.inputs[0])
    kept = nodes.new("CompositorNodeMath")
    kept.operation = "MULTIPLY"
    links.new(denoise.outputs["Image"], kept.inputs[0])
    links.new(near.outputs[0], kept.inputs[1])
    replace = nodes.new("CompositorNodeSetAlpha")
    replace.mode = "REPLACE_ALPHA"
    links.new(rendered.outputs["Image"], replace.inputs["Image"])
    links.new(kept.outputs[0], replace.inputs["Alpha"])
    result = nodes.new("CompositorNodeComposite")
    links.new(replace.outputs["Image"], result.inputs["Image"])
