/** From a point of the screen to a face, and from a brush to faces. */

import {
  BufferAttribute,
  BufferGeometry,
  DoubleSide,
  type PerspectiveCamera,
  Ray,
  Sphere,
  Vector2,
  Vector3,
} from "three";
import {
  CONTAINED,
  INTERSECTED,
  MeshBVH,
  NOT_INTERSECTED,
  type SerializedBVH,
} from "three-mesh-bvh";

export interface Hit {
  readonly face: number;
  readonly point: Vector3;
  readonly distance: number;
}

export class Picker {
  private readonly bvh: MeshBVH;
  private readonly geometry = new BufferGeometry();

  constructor(
    private readonly positions: Float32Array,
    serialized: SerializedBVH,
  ) {
    this.geometry.setAttribute("position", new BufferAttribute(positions, 3));
    this.bvh = MeshBVH.deserialize(serialized, this.geometry, { setIndex: false });
  }

  /** The first face along the ray through a point of the view that `shown` lets through. */
  at(
    pointer: Vector2,
    camera: PerspectiveCamera,
    shown: ((face: number) => boolean) | null,
  ): Hit | null {
    const ray = new Ray();
    ray.origin.setFromMatrixPosition(camera.matrixWorld);
    ray.direction.set(pointer.x, pointer.y, 0.5).unproject(camera).sub(ray.origin).normalize();
    if (!shown) {
      const hit = this.bvh.raycastFirst(ray, DoubleSide);
      return hit && { face: hit.faceIndex as number, point: hit.point, distance: hit.distance };
    }
    const hits = this.bvh.raycast(ray, DoubleSide).sort((a, b) => a.distance - b.distance);
    const hit = hits.find((candidate) => shown(candidate.faceIndex as number));
    return hit ? { face: hit.faceIndex as number, point: hit.point, distance: hit.distance } : null;
  }

  /** Calls `visit` for the faces whose centroid lies within `radius` of `centre`. */
  within(centre: Vector3, radius: number, visit: (face: number) => void): void {
    const sphere = new Sphere(centre, radius);
    const farthest = new Vector3();
    const middle = new Vector3();
    this.bvh.shapecast({
      intersectsBounds: (box) => {
        if (!sphere.intersectsBox(box)) return NOT_INTERSECTED;
        farthest.set(
          Math.max(Math.abs(box.min.x - centre.x), Math.abs(box.max.x - centre.x)),
          Math.max(Math.abs(box.min.y - centre.y), Math.abs(box.max.y - centre.y)),
          Math.max(Math.abs(box.min.z - centre.z), Math.abs(box.max.z - centre.z)),
        );
        return farthest.lengthSq() <= radius * radius ? CONTAINED : INTERSECTED;
      },
      intersectsTriangle: (_, face, contained) => {
        if (contained || this.centroid(face, middle).distanceTo(centre) <= radius) visit(face);
        return false;
      },
    });
  }

  /** Centroid of a face, written into `into`. */
  centroid(face: number, into: Vector3): Vector3 {
    const p = this.positions;
    const at = (axis: number): number =>
      ((p[9 * face + axis] as number) +
        (p[9 * face + 3 + axis] as number) +
        (p[9 * face + 6 + axis] as number)) /
      3;
    return into.set(at(0), at(1), at(2));
  }

  dispose(): void {
    this.geometry.dispose();
  }
}
