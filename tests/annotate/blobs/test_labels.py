import gzip

import numpy as np
import pytest

from annotate.blobs.labels import pack_labels, unpack_labels


@pytest.mark.parametrize(("largest", "ext"), [(0, "u16.gz"), (65535, "u16.gz"), (65536, "u32.gz")])
def test_labels_come_back_in_as_few_bytes_as_they_need(largest: int, ext: str) -> None:
    labels = np.asarray([0, largest, largest // 2], np.int32)
    data, found = pack_labels(labels)
    assert found == ext
    assert unpack_labels(data, ext).tolist() == labels.tolist()
    assert len(gzip.decompress(data)) == 3 * (2 if ext == "u16.gz" else 4)


def test_bytes_are_little_endian_and_repeatable() -> None:
    labels = np.asarray([258, 1], np.int32)
    data, _ = pack_labels(labels)
    assert gzip.decompress(data) == bytes([2, 1, 1, 0])
    assert pack_labels(labels)[0] == data


def test_no_faces() -> None:
    data, ext = pack_labels(np.zeros(0, np.int32))
    assert unpack_labels(data, ext).shape == (0,)
