"""The published networks, full size.

Sizes come from the configurations of CraftsMan3D (v1.5, its autoencoder recipe, the first release
and the Dora variant), the constructor defaults of TripoSG (HoloPart's autoencoder is the same) and
3DShape2VecSet's kl_d512_m512_l64. AutoPartGen, section 3.1, does not give its latent's width;
TripoSG's is taken.
"""

from __future__ import annotations

from types import MappingProxyType

from train.models.vecset.config import BlockConfig, VecSetConfig

VARIANTS = MappingProxyType(
    {
        "craftsman-v1.5": VecSetConfig(),
        "craftsman-ae": VecSetConfig(tokens=1024, block=BlockConfig(qkv_bias=True)),
        "craftsman-arxiv": VecSetConfig(tokens=256, query_kind="learned", max_points=None),
        "craftsman-dora": VecSetConfig(
            tokens=2048, max_points=16384, half_precision_sampling=True, sharp_points=True
        ),
        "triposg": VecSetConfig(
            tokens=2048,
            max_points=None,
            width=512,
            heads=8,
            decoder_width=1024,
            output="sdf",
            field_sign=-1,
        ),
        "vecset": VecSetConfig(
            point_features=0,
            include_pi=True,
            max_points=None,
            tokens=512,
            width=512,
            heads=8,
            encoder_layers=0,
            encoder_norm=False,
            decoder_layers=24,
            read_heads=1,
            block=BlockConfig(mlp="geglu"),
            query_block="bare",
            shared_projection=True,
        ),
        "autopartgen": VecSetConfig(
            max_points=32768,
            tokens=2048,
            token_choices=(512, 2048),
            decoder_width=1024,
            decoder_heads=16,
            output="sdf",
            inside="negative",
        ),
    }
)
