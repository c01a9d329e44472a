/** The surface of the object on the GPU: geometry goes up once, edits rewrite small textures. */

import {
  BufferAttribute,
  BufferGeometry,
  type DataTexture,
  DoubleSide,
  GLSL3,
  Group,
  type IUniform,
  Mesh,
  NormalBlending,
  ShaderMaterial,
  Sphere,
  type Texture,
  Vector3,
} from "three";

import type { Patch, Surface } from "../geometry/surface";
import { PASS, fragmentShader, vertexShader } from "./shaders";
import {
  FACE_WIDTH,
  labelTexture,
  paintTexture,
  paletteTexture,
  shiftTexture,
  whiteTexture,
} from "./textures";

/** Sixteen-bit labels reach this far. */
const NARROW = 0xffff;

export interface Look {
  /** sRGB bytes. */
  readonly colour: readonly [number, number, number];
  /** A sum of `MARK` bits. */
  readonly marks: number;
  readonly shift: readonly [number, number, number];
}

export class Skin {
  readonly group = new Group();
  private readonly white = whiteTexture();
  private readonly meshes: Mesh<BufferGeometry, ShaderMaterial>[] = [];
  private readonly maps = new Set<Texture>();
  private labels: DataTexture;
  private readonly paintMap: DataTexture;
  private palette: DataTexture;
  private shifts: DataTexture;
  private readonly shared: Record<string, IUniform>;

  constructor(surface: Surface, atomOfFace: ArrayLike<number>, atoms: number) {
    this.labels = labelTexture(atomOfFace, atoms > NARROW);
    this.paintMap = paintTexture(surface.faces);
    this.palette = paletteTexture(atoms);
    this.shifts = shiftTexture(atoms);
    this.shared = {
      labels: { value: this.labels },
      paint: { value: this.paintMap },
      palette: { value: this.palette },
      shifts: { value: this.shifts },
      width: { value: FACE_WIDTH },
      purpose: { value: PASS.shaded },
      xray: { value: false },
      explode: { value: 0 },
      centre: { value: surface.box.getCenter(new Vector3()) },
      segmentShare: { value: 0.65 },
    };
    for (const patch of surface.patches) this.addPatch(surface, patch);
  }

  private addPatch(surface: Surface, patch: Patch): void {
    const geometry = new BufferGeometry();
    const [first, last] = [patch.firstFace, patch.firstFace + patch.faces];
    const position = surface.positions.subarray(9 * first, 9 * last);
    geometry.setAttribute("position", new BufferAttribute(position, 3));
    geometry.setAttribute(
      "normal",
      new BufferAttribute(surface.normals.subarray(9 * first, 9 * last), 3, true),
    );
    geometry.setAttribute("uv", new BufferAttribute(surface.uvs.subarray(6 * first, 6 * last), 2));
    const tinted = surface.tints.length > 0;
    if (tinted) {
      geometry.setAttribute(
        "tint",
        new BufferAttribute(surface.tints.subarray(9 * first, 9 * last), 3, true),
      );
    }
    geometry.boundingSphere = surface.box.getBoundingSphere(new Sphere());
    const material = new ShaderMaterial({
      glslVersion: GLSL3,
      vertexShader,
      fragmentShader,
      side: DoubleSide,
      defines: tinted ? { TINTED: "" } : {},
      uniforms: {
        ...this.shared,
        map: { value: patch.map ?? this.white },
        mapColour: { value: [...patch.colour] },
        lightMap: { value: patch.lightMap ?? this.white },
        light: { value: [...patch.light] },
        cutoff: { value: patch.cutoff },
        firstFace: { value: patch.firstFace },
      },
    });
    for (const map of [patch.map, patch.lightMap]) if (map) this.maps.add(map);
    const mesh = new Mesh(geometry, material);
    mesh.frustumCulled = false; // an exploded part may leave the box
    this.meshes.push(mesh);
    this.group.add(mesh);
  }

  /** Rewrites the atom of every face: only a refinement, or its undo, needs this. */
  setLabels(atomOfFace: ArrayLike<number>, atoms: number): void {
    const texels = this.labels.image.data as Uint16Array | Uint32Array;
    if (atoms > NARROW && texels instanceof Uint16Array) {
      this.labels.dispose();
      this.labels = labelTexture(atomOfFace, true);
      this.uniform("labels").value = this.labels;
    } else {
      texels.set(atomOfFace);
      this.labels.needsUpdate = true;
    }
  }

  /** Colours, marks and shifts of all atoms. */
  setLooks(atoms: number, look: (atom: number) => Look): void {
    if (4 * atoms > (this.palette.image.data as Uint8Array).length) this.growAtoms(atoms);
    const palette = this.palette.image.data as Uint8Array;
    const shifts = this.shifts.image.data as unknown as Float32Array;
    for (let atom = 0; atom < atoms; atom += 1) {
      const { colour, marks, shift } = look(atom);
      palette.set([colour[0], colour[1], colour[2], marks], 4 * atom);
      shifts.set(shift, 4 * atom);
    }
    this.palette.needsUpdate = true;
    this.shifts.needsUpdate = true;
  }

  private growAtoms(atoms: number): void {
    this.palette.dispose();
    this.shifts.dispose();
    this.palette = paletteTexture(2 * atoms);
    this.shifts = shiftTexture(2 * atoms);
    this.uniform("palette").value = this.palette;
    this.uniform("shifts").value = this.shifts;
  }

  /** Bytes of the preview by face; call `paintChanged` after writing. */
  get paint(): Uint8Array {
    return this.paintMap.image.data as Uint8Array;
  }

  paintChanged(): void {
    this.paintMap.needsUpdate = true;
  }

  /** 0 texture only … 1 segment colours only. */
  set segmentShare(share: number) {
    this.uniform("segmentShare").value = share;
  }

  set explode(amount: number) {
    this.uniform("explode").value = amount;
  }

  get explode(): number {
    return this.uniform("explode").value as number;
  }

  set xray(on: boolean) {
    this.uniform("xray").value = on;
  }

  /** Switches what the next draw is for. */
  set purpose(purpose: number) {
    this.uniform("purpose").value = purpose;
    const ghost = purpose === PASS.ghost;
    for (const { material } of this.meshes) {
      material.transparent = ghost;
      material.depthWrite = !ghost;
      material.blending = NormalBlending;
    }
  }

  private uniform(name: string): IUniform {
    return this.shared[name] as IUniform;
  }

  /** Frees the GPU's memory; a session sees hundreds of objects in one page. */
  dispose(): void {
    for (const mesh of this.meshes) {
      mesh.geometry.dispose();
      mesh.material.dispose();
    }
    for (const map of this.maps) {
      map.dispose();
      const image = map.image as { close?: () => void } | null;
      image?.close?.();
    }
    for (const texture of [this.labels, this.paintMap, this.palette, this.shifts, this.white]) {
      texture.dispose();
    }
  }
}
