from dataclasses import replace

import pytest

from annotate.database.errors import Refused
from annotate.exchange.posting import parts_glb, post_parts
from partworks.errors import UsageError
from partworks.geometry.glb import read_glb, write_glb
from partworks.geometry.mesh import Mesh
from tests.annotate.exchange.desk import Desk
from tests.annotate.exchange.test_tasks import segment_anew
from tests.annotate.reviewing import PAIRS


@pytest.fixture
def loaded(desk: Desk) -> Desk:
    desk.put("one")
    desk.load()
    return desk


def exported(desk: Desk, user: str | None = None) -> Mesh:
    data = parts_glb(desk.store, desk.database, uid="one", queue="default", user=user)
    return read_glb(data)


def post(desk: Desk, mesh: Mesh, **options: bool) -> int:
    return post_parts(
        desk.store,
        desk.database,
        uid="one",
        queue="default",
        user="ada",
        data=write_glb(mesh),
        clock=lambda: desk.now,
        **options,
    )


def names(mesh: Mesh) -> list[str]:
    return list(dict.fromkeys(node.name for node in mesh.nodes))


def test_what_was_exported_changes_nothing(loaded: Desk) -> None:
    loaded.claim("ada")
    whole = exported(loaded)
    assert len(whole.nodes) == 5 and "table top" in names(whole)
    assert post(loaded, whole) == 0


def test_edits_go_into_the_review_and_are_accepted_there(loaded: Desk) -> None:
    loaded.claim("ada")
    top, *legs = exported(loaded).nodes
    legs = [replace(leg, name="legs", mesh_name="legs") for leg in legs]
    joined = Mesh(nodes=(top, *legs))
    assert post(loaded, joined) == 2, "a merge and a name"
    shown = exported(loaded, "ada")
    assert names(shown) == ["table top", "legs"]
    assert post(loaded, joined) == 0
    loaded.submit("ada")
    assert names(exported(loaded)) == ["table top", "legs"], "now decided"


def test_faces_that_are_gone_are_dropped_on_request(loaded: Desk) -> None:
    loaded.claim("ada")
    fewer = Mesh(nodes=exported(loaded).nodes[:4])
    with pytest.raises(UsageError, match="12 of 60 faces are missing"):
        post(loaded, fewer)
    assert post(loaded, fewer, may_drop=True) == 1
    assert exported(loaded, "ada").face_count == 48


def test_nobody_edits_what_another_holds(loaded: Desk) -> None:
    whole = exported(loaded)
    loaded.claim("bob")
    loaded.person("ada")
    with pytest.raises(Refused, match="ada does not hold one"):
        post(loaded, whole)


def test_segments_that_changed_are_refused(loaded: Desk) -> None:
    loaded.claim("ada")
    whole = exported(loaded)
    segment_anew(loaded, "one")
    with pytest.raises(UsageError, match="have changed since"):
        post(loaded, whole)


def test_a_name_that_no_page_would_take_is_refused(loaded: Desk) -> None:
    loaded.claim("ada")
    top, *legs = exported(loaded).nodes
    strange = Mesh(nodes=(replace(top, name="a\u2028b"), *legs))
    with pytest.raises(UsageError, match="cannot be taken over"):
        post(loaded, strange)
    loaded.submit("ada", PAIRS)
