import {
  BufferAttribute,
  BufferGeometry,
  DoubleSide,
  Ray,
  TorusKnotGeometry,
  Vector3,
} from "three";
import { MeshBVH } from "three-mesh-bvh";
import { describe, expect, it } from "vitest";

import { Picker } from "../../src/scene/picking";

function knot(): Float32Array {
  const geometry = new TorusKnotGeometry(1, 0.3, 90, 12).toNonIndexed();
  return (geometry.getAttribute("position") as BufferAttribute).array as Float32Array;
}

function tree(positions: Float32Array, indirect: boolean): MeshBVH {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(positions, 3));
  return new MeshBVH(geometry, { indirect });
}

/** A ray that meets the middle of a face from just outside. */
function towards(positions: Float32Array, face: number): { ray: Ray; middle: Vector3 } {
  const [a, b, c] = [0, 3, 6].map((k) => new Vector3().fromArray(positions, 9 * face + k)) as [
    Vector3,
    Vector3,
    Vector3,
  ];
  const middle = a.clone().add(b).add(c).divideScalar(3);
  const normal = b.clone().sub(a).cross(c.clone().sub(a)).normalize();
  return { ray: new Ray(middle.clone().addScaledVector(normal, 0.01), normal.negate()), middle };
}

describe("face numbers of hits", () => {
  const positions = knot();
  const faces = positions.length / 9;
  const sample = Array.from({ length: 60 }, (_, index) => Math.floor((index * faces) / 60));

  it("are the file's with an indirect tree", () => {
    const bvh = tree(positions.slice(), true);
    const hits = sample.map(
      (face) => bvh.raycastFirst(towards(positions, face).ray, DoubleSide)?.faceIndex,
    );
    expect(hits).toEqual(sample);
  });

  it("would be others with the default tree, which is why ours is indirect", () => {
    const bvh = tree(positions.slice(), false);
    const hits = sample.map(
      (face) => bvh.raycastFirst(towards(positions, face).ray, DoubleSide)?.faceIndex,
    );
    expect(hits).not.toEqual(sample);
  });

  it("survive the way through the worker, and a ball finds what lies in it", () => {
    const serialized = MeshBVH.serialize(tree(positions.slice(), true));
    const picker = new Picker(positions, serialized);
    const { middle } = towards(positions, 500);
    const found = new Set<number>();
    picker.within(middle, 0.2, (face) => found.add(face));
    const expected = Array.from({ length: faces }, (_, face) => face).filter(
      (face) => picker.centroid(face, new Vector3()).distanceTo(middle) <= 0.2,
    );
    expect([...found].sort((a, b) => a - b)).toEqual(expected);
    expect(expected).toContain(500);
  });
});
