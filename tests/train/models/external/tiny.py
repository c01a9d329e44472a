"""Tiny models with random weights in folders as the Hugging Face programs write them."""

from __future__ import annotations

from pathlib import Path

import torch

from train.models.pixart.config import PixArtConfig

WIDTH = 12
WORDS = ("a", "red", "chair", "leg", "of", "the")


def tiny_pixart(folder: Path, *, config: PixArtConfig | None = None) -> PixArtConfig:
    """A denoiser of images in `folder/transformer`."""
    from diffusers import PixArtTransformer2DModel

    config = config or PixArtConfig(
        layers=2, heads=2, head_width=8, sample_size=4, text_width=WIDTH
    )
    torch.manual_seed(3)
    PixArtTransformer2DModel(**config.arguments()).save_pretrained(folder / "transformer")
    return config


def tiny_vae(folder: Path, *, latent_channels: int = 4) -> None:
    """An autoencoder with a factor of 2 in `folder/vae`."""
    from diffusers import AutoencoderKL

    torch.manual_seed(4)
    AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=(4, 8),
        layers_per_block=1,
        norm_num_groups=2,
        latent_channels=latent_channels,
        sample_size=8,
    ).save_pretrained(folder / "vae")


def tiny_t5(folder: Path) -> None:
    """An encoder in `folder/text_encoder` and a tokenizer of `WORDS` in `folder/tokenizer`."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

    names = ("<pad>", "</s>", "<unk>", *WORDS)
    tokenizer = Tokenizer(models.WordLevel({n: i for i, n in enumerate(names)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder / "tokenizer")
    torch.manual_seed(5)
    config = T5Config(
        vocab_size=len(names), d_model=WIDTH, d_kv=4, d_ff=16, num_layers=2, num_heads=3
    )
    T5EncoderModel(config).save_pretrained(folder / "text_encoder")
