/** A review mesh as plain arrays, one entry per corner, face i of the file at corners 3i … 3i + 2. */

import {
  Box3,
  type BufferAttribute,
  type InterleavedBufferAttribute,
  type Material,
  Matrix3,
  type Mesh,
  MeshStandardMaterial,
  type Object3D,
  type Texture,
  Vector3,
} from "three";
import { MeshoptDecoder } from "three/examples/jsm/libs/meshopt_decoder.module.js";
import { GLTFLoader, type GLTFParser } from "three/examples/jsm/loaders/GLTFLoader.js";

/** Faces that share a material, contiguous. */
export interface Patch {
  readonly firstFace: number;
  readonly faces: number;
  readonly map: Texture | null;
  /** Linear RGB that multiplies the map. */
  readonly colour: readonly [number, number, number];
  readonly lightMap: Texture | null;
  /** Linear RGB that is given off; multiplies the light map. */
  readonly light: readonly [number, number, number];
  /** Alpha below which nothing is drawn; 0 where alpha means nothing. */
  readonly cutoff: number;
}

export interface Surface {
  readonly faces: number;
  /** (9F) float32, world frame. */
  readonly positions: Float32Array;
  /** (9F) int8, normalised. */
  readonly normals: Int8Array;
  /** (6F) float32. */
  readonly uvs: Float32Array;
  /** (9F) uint8, normalised linear colours of vertices; empty where the file has none. */
  readonly tints: Uint8Array;
  readonly patches: readonly Patch[];
  readonly box: Box3;
}

type Attribute = BufferAttribute | InterleavedBufferAttribute;

function meshesInOrder(root: Object3D): Mesh[] {
  const meshes: Mesh[] = [];
  root.traverse((node) => {
    if ((node as Mesh).isMesh) meshes.push(node as Mesh);
  });
  return meshes;
}

function cornersOf(mesh: Mesh): number {
  const geometry = mesh.geometry;
  return geometry.index
    ? geometry.index.count
    : (geometry.getAttribute("position") as Attribute).count;
}

function patchOf(material: Material | undefined, firstFace: number, faces: number): Patch {
  const run = { firstFace, faces };
  if (!(material instanceof MeshStandardMaterial)) {
    return {
      ...run,
      map: null,
      colour: [0.8, 0.8, 0.8],
      lightMap: null,
      light: [0, 0, 0],
      cutoff: 0,
    };
  }
  return {
    ...run,
    map: material.map,
    colour: material.color.toArray() as [number, number, number],
    lightMap: material.emissiveMap,
    light: material.emissive.toArray() as [number, number, number],
    cutoff: material.alphaTest,
  };
}

/**
 * Patches of a mesh: a review copy lists runs of faces (first, count, material) in the extras of its
 * one primitive, other files have one material a mesh.
 */
async function patchesOf(mesh: Mesh, firstFace: number, parser: GLTFParser): Promise<Patch[]> {
  const groups = (mesh.geometry.userData as { groups?: [number, number, number][] }).groups;
  if (!groups) {
    const material = Array.isArray(mesh.material) ? mesh.material[0] : mesh.material;
    return [patchOf(material, firstFace, cornersOf(mesh) / 3)];
  }
  return Promise.all(
    groups.map(async ([first, count, index]) => {
      const named = parser.json.materials !== undefined;
      const material = named
        ? ((await parser.getDependency("material", index)) as Material)
        : undefined;
      return patchOf(material, firstFace + first, count);
    }),
  );
}

function write(into: Float32Array | Int8Array | Uint8Array, slot: number, point: Vector3): void {
  into[slot] = point.x;
  into[slot + 1] = point.y;
  into[slot + 2] = point.z;
}

/** Copies one mesh into the arrays, corner by corner, in world space. */
function copyMesh(mesh: Mesh, firstFace: number, into: Surface): void {
  const position = mesh.geometry.getAttribute("position") as Attribute;
  const normal = mesh.geometry.getAttribute("normal") as Attribute | undefined;
  const uv = mesh.geometry.getAttribute("uv") as Attribute | undefined;
  const tint = mesh.geometry.getAttribute("color") as Attribute | undefined;
  const index = mesh.geometry.index;
  const turn = new Matrix3().getNormalMatrix(mesh.matrixWorld);
  const point = new Vector3();
  const corners = cornersOf(mesh);
  for (let corner = 0; corner < corners; corner += 1) {
    const vertex = index ? index.getX(corner) : corner;
    const slot = 3 * firstFace + corner;
    point.fromBufferAttribute(position, vertex).applyMatrix4(mesh.matrixWorld);
    write(into.positions, 3 * slot, point);
    if (normal) {
      point.fromBufferAttribute(normal, vertex).applyMatrix3(turn).normalize().multiplyScalar(127);
      write(into.normals, 3 * slot, point);
    }
    if (uv) {
      into.uvs[2 * slot] = uv.getX(vertex);
      into.uvs[2 * slot + 1] = uv.getY(vertex);
    }
  }
  if (into.tints.length > 0) copyTints(tint, index, into.tints, 9 * firstFace, corners);
  if (!normal) flatNormals(into, firstFace, corners / 3);
}

function copyTints(
  tint: Attribute | undefined,
  index: BufferAttribute | null,
  into: Uint8Array,
  start: number,
  corners: number,
): void {
  const colour = new Vector3(1, 1, 1);
  for (let corner = 0; corner < corners; corner += 1) {
    const vertex = index ? index.getX(corner) : corner;
    if (tint) colour.set(tint.getX(vertex), tint.getY(vertex), tint.getZ(vertex));
    write(into, start + 3 * corner, colour.multiplyScalar(255));
    colour.set(1, 1, 1);
  }
}

function flatNormals(into: Surface, firstFace: number, faces: number): void {
  const [a, b, c] = [new Vector3(), new Vector3(), new Vector3()];
  for (let face = firstFace; face < firstFace + faces; face += 1) {
    a.fromArray(into.positions, 9 * face);
    b.fromArray(into.positions, 9 * face + 3).sub(a);
    c.fromArray(into.positions, 9 * face + 6).sub(a);
    b.cross(c).normalize().multiplyScalar(127);
    for (let corner = 0; corner < 3; corner += 1) write(into.normals, 9 * face + 3 * corner, b);
  }
}

/**
 * Reads a GLB; meshes follow each other in the order of the scene, faces keep the file's order.
 *
 * Materials, geometry and the scene of the loader are thrown away; only its textures stay alive.
 */
export async function readSurface(bytes: ArrayBuffer): Promise<Surface> {
  const loader = new GLTFLoader().setMeshoptDecoder(MeshoptDecoder);
  const { scene, parser } = await loader.parseAsync(bytes, "");
  scene.updateMatrixWorld(true);
  const meshes = meshesInOrder(scene);
  const faces = meshes.reduce((total, mesh) => total + cornersOf(mesh) / 3, 0);
  const patches: Patch[] = [];
  const surface: Surface = {
    faces,
    positions: new Float32Array(9 * faces),
    normals: new Int8Array(9 * faces),
    uvs: new Float32Array(6 * faces),
    tints: new Uint8Array(
      meshes.some((mesh) => mesh.geometry.hasAttribute("color")) ? 9 * faces : 0,
    ),
    patches,
    box: new Box3(),
  };
  let firstFace = 0;
  for (const mesh of meshes) {
    copyMesh(mesh, firstFace, surface);
    patches.push(...(await patchesOf(mesh, firstFace, parser)));
    firstFace += cornersOf(mesh) / 3;
    mesh.geometry.dispose();
  }
  surface.box.setFromArray(surface.positions);
  return surface;
}
