/** Integer and float textures that the shaders read by face and by atom. */

import {
  DataTexture,
  FloatType,
  NearestFilter,
  RedIntegerFormat,
  RGBAFormat,
  SRGBColorSpace,
  UnsignedByteType,
  UnsignedIntType,
  UnsignedShortType,
} from "three";

/** Width of textures with one texel a face; a power of two below every device's limit. */
export const FACE_WIDTH = 2048;
const ATOM_WIDTH = 256;

function padded(entries: number, width: number): number {
  return Math.max(1, Math.ceil(entries / width));
}

function finished(texture: DataTexture): DataTexture {
  texture.minFilter = NearestFilter;
  texture.magFilter = NearestFilter;
  texture.generateMipmaps = false;
  texture.unpackAlignment = 1;
  texture.needsUpdate = true;
  return texture;
}

/** One atom id a face, R16UI while ids fit and R32UI otherwise. */
export function labelTexture(atomOfFace: ArrayLike<number>, wide: boolean): DataTexture {
  const rows = padded(atomOfFace.length, FACE_WIDTH);
  const size = rows * FACE_WIDTH;
  const texels = wide ? new Uint32Array(size) : new Uint16Array(size);
  texels.set(atomOfFace);
  const type = wide ? UnsignedIntType : UnsignedShortType;
  const texture = new DataTexture(texels, FACE_WIDTH, rows, RedIntegerFormat, type);
  texture.internalFormat = wide ? "R32UI" : "R16UI";
  return finished(texture);
}

/** One byte a face: 0 nothing, 1 and 2 the two colours of a preview. */
export function paintTexture(faces: number): DataTexture {
  const rows = padded(faces, FACE_WIDTH);
  const texels = new Uint8Array(rows * FACE_WIDTH);
  const texture = new DataTexture(texels, FACE_WIDTH, rows, RedIntegerFormat, UnsignedByteType);
  texture.internalFormat = "R8UI";
  return finished(texture);
}

/** Colour (sRGB bytes) and marks (alpha) of each atom: a merge rewrites four bytes an atom here. */
export function paletteTexture(atoms: number): DataTexture {
  const rows = padded(atoms, ATOM_WIDTH);
  const texels = new Uint8Array(4 * rows * ATOM_WIDTH);
  const texture = new DataTexture(texels, ATOM_WIDTH, rows, RGBAFormat, UnsignedByteType);
  texture.colorSpace = SRGBColorSpace;
  return finished(texture);
}

/** Shift of each atom in the exploded view, in the units of the mesh. */
export function shiftTexture(atoms: number): DataTexture {
  const rows = padded(atoms, ATOM_WIDTH);
  const texels = new Float32Array(4 * rows * ATOM_WIDTH);
  return finished(new DataTexture(texels, ATOM_WIDTH, rows, RGBAFormat, FloatType));
}

/** A white pixel for patches without a map. */
export function whiteTexture(): DataTexture {
  return finished(new DataTexture(new Uint8Array([255, 255, 255, 255]), 1, 1));
}
