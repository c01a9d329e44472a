/** Draws face numbers instead of colours, to know what is seen and not only what is hit. */

import {
  Color,
  NearestFilter,
  type PerspectiveCamera,
  RGBAFormat,
  Scene,
  UnsignedByteType,
  type Vector2,
  type WebGLRenderer,
  WebGLRenderTarget,
} from "three";

import { PASS } from "./shaders";
import type { Skin } from "./skin";

function faceOf(pixels: Uint8Array, slot: number): number {
  const [low, middle, high] = [pixels[slot], pixels[slot + 1], pixels[slot + 2]] as [
    number,
    number,
    number,
  ];
  return low + 256 * middle + 65536 * high - 1;
}

export class IdentityPass {
  constructor(private readonly renderer: WebGLRenderer) {}

  /** The face at a point of the view (each axis in [-1, 1]), -1 for none. */
  at(view: Vector2, camera: PerspectiveCamera, skin: Skin): number {
    const size = 4096;
    const x = Math.floor(((view.x + 1) / 2) * size);
    const y = Math.floor(((1 - view.y) / 2) * size);
    const narrow = camera.clone();
    narrow.setViewOffset(size, size, x, y, 1, 1);
    return faceOf(this.draw(narrow, skin, 1, 1), 0);
  }

  /** Sets `seen[face]` to 1 for every face with a pixel in a view of the given size. */
  mark(seen: Uint8Array, camera: PerspectiveCamera, skin: Skin, size: Vector2): void {
    const pixels = this.draw(camera, skin, size.x, size.y);
    for (let slot = 0; slot < pixels.length; slot += 4) {
      const face = faceOf(pixels, slot);
      if (face >= 0) seen[face] = 1;
    }
  }

  private draw(camera: PerspectiveCamera, skin: Skin, width: number, height: number): Uint8Array {
    const target = new WebGLRenderTarget(width, height, {
      format: RGBAFormat,
      type: UnsignedByteType,
      minFilter: NearestFilter,
      magFilter: NearestFilter,
    });
    const parent = skin.group.parent;
    const scene = new Scene().add(skin.group);
    const colour = this.renderer.getClearColor(new Color());
    const alpha = this.renderer.getClearAlpha();
    this.renderer.setClearColor(0x000000, 0);
    this.renderer.setRenderTarget(target);
    this.renderer.clear();
    skin.xray = false;
    skin.purpose = PASS.identity;
    this.renderer.render(scene, camera);
    skin.purpose = PASS.shaded;
    const pixels = new Uint8Array(4 * width * height);
    this.renderer.readRenderTargetPixels(target, 0, 0, width, height, pixels);
    this.renderer.setRenderTarget(null);
    this.renderer.setClearColor(colour, alpha);
    parent?.add(skin.group);
    target.dispose();
    return pixels;
  }
}
