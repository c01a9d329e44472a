/** Lines along the sides where two groups meet. */

import { BufferAttribute, BufferGeometry, LineBasicMaterial, LineSegments } from "three";

/** End points (6 floats a line) of the sides whose two faces have different labels. */
export function borderLines(
  positions: Float32Array,
  across: Int32Array,
  labelOfFace: (face: number) => number,
  shown: (face: number) => boolean,
): Float32Array {
  const ends: number[] = [];
  for (let side = 0; side < across.length; side += 1) {
    const other = across[side] as number;
    const face = Math.floor(side / 3);
    if (other <= face || labelOfFace(face) === labelOfFace(other)) continue;
    if (!shown(face) && !shown(other)) continue;
    const next = side % 3 === 2 ? side - 2 : side + 1;
    for (let axis = 0; axis < 3; axis += 1) ends.push(positions[3 * side + axis] as number);
    for (let axis = 0; axis < 3; axis += 1) ends.push(positions[3 * next + axis] as number);
  }
  return new Float32Array(ends);
}

export class Borders {
  readonly lines = new LineSegments(
    new BufferGeometry(),
    new LineBasicMaterial({ color: 0x101014, transparent: true, opacity: 0.85 }),
  );

  constructor() {
    this.lines.frustumCulled = false;
    this.lines.renderOrder = 1;
    // Towards the eye by a hair, or the faces beside a line swallow half of it.
    this.lines.material.onBeforeCompile = (shader) => {
      shader.vertexShader = shader.vertexShader.replace(
        "#include <project_vertex>",
        "#include <project_vertex>\n  gl_Position = projectionMatrix * vec4(0.998 * mvPosition.xyz, 1.0);",
      );
    };
  }

  set(ends: Float32Array): void {
    this.lines.geometry.dispose();
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(ends, 3));
    this.lines.geometry = geometry;
  }

  dispose(): void {
    this.lines.geometry.dispose();
    this.lines.material.dispose();
  }
}
