from __future__ import annotations

from tests.train.denoiser.made import made_object
from tests.train.models.joint.made import small_config
from train.denoiser.operations import StepOperations
from train.denoiser.sample import collate
from train.models.joint.operations import forward_operations


def test_objects_add_up_and_texts_count_by_their_length() -> None:
    """The shortcut, two counts for each kind of object, is the count of the whole batch."""
    config = small_config()
    batch = collate([made_object(2, place=1), made_object(4, place=2), made_object(2, place=3)])
    words = batch["text"].shape[1]
    assert words == 3
    whole = forward_operations(config, counts=(3, 5, 3), tokens=6, views=2, side=4, words=words)
    assert StepOperations(config).training(batch) == 3 * whole


def test_modalities_that_are_not_those_of_the_network_are_not_counted() -> None:
    batch = collate([made_object(2, images=False)])
    assert StepOperations(small_config()).training(batch) == 0
    assert StepOperations(small_config(images=None)).training(batch) > 0
