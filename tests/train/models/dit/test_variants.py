from __future__ import annotations

from train.models.dit.variants import SIMPLE_VARIANTS, VARIANTS


def test_names_are_those_of_the_autoencoders() -> None:
    from train.models.vecset.variants import VARIANTS as AUTOENCODERS

    assert {*VARIANTS, *SIMPLE_VARIANTS} < {*AUTOENCODERS}
    for name, config in {**VARIANTS, **SIMPLE_VARIANTS}.items():
        assert config.latent_dim == AUTOENCODERS[name].latent_dim
