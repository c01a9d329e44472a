"""Training and validation of the part VAE."""

from __future__ import annotations

from typing import Any

import lightning
import torch
from torch import Tensor

from train.flexicubes.grid import Bounds
from train.flexicubes.sparse import extract_sparse
from train.frames import BOUND
from train.metrics.mesh import TriangleMesh
from train.models.part_vae.field_terms import compare, signed_field, slope_terms, volume_iou
from train.models.part_vae.network import build_network
from train.models.part_vae.noise import chosen_tokens, noise_like
from train.models.part_vae.objective import RENDERED, SLOPED, ObjectiveConfig
from train.models.part_vae.render_terms import cell_sizes, mesh_query, render_terms
from train.models.vecset.config import VecSetConfig
from train.models.vecset.posterior import Posterior
from train.optimisation import AdamWConfig, make_optimizer
from train.rendering.base import Renderer
from train.rendering.choice import choose_renderer
from train.samples import Batch, size_of


class PartVAEModule(lightning.LightningModule):
    """A VecSet autoencoder of parts with its objective (CoPart, section 3.1 and supplement A).

    The noise of an item is a function of the seed and of the item's place in the order of training,
    so that a run that goes on, or is shared out otherwise, draws what it would have drawn.

    Args:
        network: the sizes of the network, or the name of a published one, such as `craftsman-v1.5`.
        objective: what it is trained for.
        optimizer: how.
        flexicubes_head: widen the network's output to FlexiCubes' parameters.
        checkpoint: published weights to start from.
        checkpoint_format: the family that they are of; by default that of the published network.
        seed: of the noise of the bottleneck, of views, and of numbers of tokens.
    """

    def __init__(
        self,
        *,
        network: VecSetConfig | str,
        objective: ObjectiveConfig,
        optimizer: AdamWConfig,
        flexicubes_head: bool = False,
        checkpoint: str | None = None,
        checkpoint_format: str | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.model = build_network(
            network,
            checkpoint=checkpoint,
            checkpoint_format=checkpoint_format,
            flexicubes_head=flexicubes_head,
        )
        objective.check(self.model.config)
        self.objective = objective
        self.optimizer = optimizer
        self.seed = seed
        self._renderer: Renderer | None = None

    def encode(
        self, surface_BSF: Tensor, *, sharp_BSF: Tensor | None = None, tokens: int | None = None
    ) -> Posterior:
        """The posterior of (B, S, 6) points; see `VecSetAutoencoder.encode`."""
        return self.model.encode(surface_BSF, sharp_BSF=sharp_BSF, tokens=tokens)

    @torch.no_grad()
    def reconstruct(
        self,
        latent_BTD: Tensor,
        *,
        resolution: int | None = None,
        bounds: Bounds = (-BOUND, BOUND),
    ) -> list[TriangleMesh]:
        """The mesh of each latent, in the frame that its points were in.

        By FlexiCubes' parameters, or, of a network that has none, by dual marching cubes. A latent
        without a surface gives an empty mesh.

        Args:
            resolution: cubes along a side; by default those of training.
            bounds: of the grid.
        """
        resolution = resolution or self.objective.render.resolution
        tokens_BTC = self.model.decode(latent_BTD)
        low, high = (torch.tensor(end, dtype=torch.float32) for end in bounds)
        size = ((high - low).max() / resolution).to(tokens_BTC.device).reshape(1)
        meshes = []
        for row in range(len(latent_BTD)):
            extraction = extract_sparse(
                mesh_query(
                    self.model,
                    tokens_BTC[row : row + 1],
                    cell_size_1=size if self.model.config.cell_size_input else None,
                ),
                resolution=resolution,
                bounds=bounds,
                # Small pieces are worth finding where nobody waits for a step.
                coarse=max(min(resolution, 32), resolution // 2),
                device=latent_BTD.device,
            )
            meshes.append(
                TriangleMesh(
                    vertices=extraction.vertices.double().cpu().numpy(),
                    faces=extraction.faces.cpu().numpy(),
                )
            )
        return meshes

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Loss of a batch, with a sampled latent."""
        del batch_idx
        step = self.trainer.global_step
        tokens = chosen_tokens(self.model.config.token_choices, seed=self.seed, step=step)
        posterior = self.encode(batch["surface"], sharp_BSF=batch.get("sharp"), tokens=tokens)
        noise_BTD = noise_like(posterior.mean_BTD, batch["place"].tolist(), seed=self.seed)
        weights = self.objective.weights_at(step)
        terms, _ = self._terms(posterior.displaced(noise_BTD), posterior, batch, weights=weights)
        terms["untrusted"] = (~batch["trusted"]).float().mean()
        terms["stand_in"] = batch["stand_in"].float().mean()
        for name, value in terms.items():
            self.log(f"train/{name}", value, prog_bar=name == "loss", batch_size=size_of(batch))
        return terms["loss"]

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Terms of a batch, with the mean latent and the weights of the end of training."""
        del batch_idx
        posterior = self.encode(batch["surface"], sharp_BSF=batch.get("sharp"))
        weights = {
            name: weight
            for name, weight in self.objective.weights_at(None).items()
            if name not in SLOPED
        }
        terms, signed_BQ = self._terms(posterior.mean_BTD, posterior, batch, weights=weights)
        size = size_of(batch)
        for name, value in terms.items():
            self.log(f"val/{name}", value, batch_size=size, sync_dist=True, prog_bar=True)
        trusted_B = batch["trusted"]
        iou_B = volume_iou(signed_BQ, batch)
        known = int(trusted_B.sum())
        mean = torch.where(trusted_B, iou_B, 0).sum() / max(known, 1)
        self.log("val/volume_iou", mean, batch_size=known, sync_dist=True, prog_bar=True)

    def configure_optimizers(self) -> Any:
        """AdamW over every parameter that is trained."""
        trained = [each for each in self.parameters() if each.requires_grad]
        return make_optimizer(trained, self.optimizer)

    def _terms(
        self,
        latent_BTD: Tensor,
        posterior: Posterior,
        batch: Batch,
        *,
        weights: dict[str, float],
    ) -> tuple[dict[str, Tensor], Tensor]:
        """The terms that have a weight, their weighted sum `loss`, and the field at the queries."""
        tokens_BTC = self.model.decode(latent_BTD)
        cell_size_B = None
        if self.model.config.cell_size_input:
            cell_size_B = cell_sizes(batch, config=self.objective.render)
        raw = self.model.query(tokens_BTC, batch["queries"], cell_size_B=cell_size_B)
        signed_BQ = signed_field(raw, self.model.config)
        # The field is asked in every step, so that each weight has a gradient in each.
        terms = {"field": compare(signed_BQ, batch, objective=self.objective)}
        if "kl" in weights:
            terms["kl"] = posterior.kl()
        if sloped := [name for name in SLOPED if name in weights]:
            terms |= slope_terms(
                self.model,
                tokens_BTC,
                batch,
                objective=self.objective,
                cell_size_B=cell_size_B,
                wanted=sloped,
            )
        if rendered := [name for name in RENDERED if name in weights]:
            terms |= render_terms(
                self.model,
                tokens_BTC,
                batch,
                config=self.objective.render,
                renderer=self._get_renderer(),
                cell_size_B=cell_size_B,
                wanted=rendered,
                seed=self.seed,
            )
        loss = sum(
            (weights.get(name, 0.0) * value for name, value in terms.items()), start=0 * raw.sum()
        )
        return {"loss": loss, **terms}, signed_BQ

    def _get_renderer(self) -> Renderer:
        if self._renderer is None:
            self._renderer = choose_renderer(self.objective.render.renderer, self.device)
        return self._renderer
