/** Renderer, camera and the loop that draws only when something changed. */

import {
  Box3,
  Matrix4,
  type Object3D,
  PerspectiveCamera,
  Scene,
  Sphere,
  Spherical,
  Vector2,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";

import type { Borders } from "./borders";
import { IdentityPass } from "./identity";
import { PASS } from "./shaders";
import type { Skin } from "./skin";

export type SecondView = "off" | "texture" | "behind";

export interface Contents {
  readonly skin: Skin;
  readonly borders: Borders;
  readonly box: Box3;
  /** (9F) corners of the faces. */
  readonly positions: Float32Array;
}

const MARGIN = 1.08;
/** Enough of the points to frame an object by. */
const SAMPLES = 60_000;

/** How far from the target a camera of this direction sees all points. */
function fittingDistance(points: Float32Array, target: Vector3, camera: PerspectiveCamera): number {
  camera.updateMatrixWorld();
  const turn = camera.matrixWorld.clone().setPosition(0, 0, 0).invert();
  const tall = Math.tan((camera.fov * Math.PI) / 360);
  const wide = tall * camera.aspect;
  const point = new Vector3();
  const stride = 3 * Math.max(1, Math.floor(points.length / 3 / SAMPLES));
  let distance = 1e-6;
  for (let slot = 0; slot + 2 < points.length; slot += stride) {
    point.fromArray(points, slot).sub(target).applyMatrix4(turn);
    distance = Math.max(
      distance,
      point.z + Math.abs(point.x) / wide,
      point.z + Math.abs(point.y) / tall,
    );
  }
  return distance;
}

/** Whether WebGL runs on the processor: then every pixel counts. */
function isSoftware(): boolean {
  const context = document.createElement("canvas").getContext("webgl2");
  const name = context ? String(context.getParameter(context.RENDERER)) : "";
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software/i.test(name);
}

export class Stage {
  readonly camera = new PerspectiveCamera(35, 1, 0.01, 100);
  readonly controls: OrbitControls;
  readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly identity: IdentityPass;
  private contents: Contents | null = null;
  private readonly observer: ResizeObserver;
  private requested = 0;
  private second: SecondView = "off";
  /** Shown as: segment share in [0, 1], the ghost pass. */
  segmentShare = 0.65;
  xray = false;
  showBorders = true;
  frames = 0;
  moves = 0;

  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly host: HTMLElement,
  ) {
    const software = isSoftware();
    this.renderer = new WebGLRenderer({ canvas, antialias: !software, alpha: true });
    this.renderer.autoClear = false;
    this.renderer.setPixelRatio(software ? 1 : Math.min(devicePixelRatio, 2));
    this.identity = new IdentityPass(this.renderer);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enableDamping = false;
    this.controls.addEventListener("change", () => {
      this.moves += 1;
      this.invalidate();
    });
    this.observer = new ResizeObserver(() => {
      this.resize();
    });
    this.observer.observe(host);
    this.resize();
  }

  /** Replaces what is shown; the caller disposes of what was shown before. */
  show(contents: Contents | null): void {
    this.scene.clear();
    this.contents = contents;
    if (contents) {
      this.scene.add(contents.skin.group as Object3D, contents.borders.lines);
      this.frame(contents.positions, true);
    }
    this.invalidate();
  }

  /** Draws once, at the next frame. */
  invalidate(): void {
    if (this.requested) return;
    this.requested = requestAnimationFrame(() => {
      this.requested = 0;
      this.draw();
    });
  }

  /**
   * Puts points into view, as large as they fit; `reset` also takes the direction of the first view.
   *
   * @param points (3N) float32.
   */
  frame(points: Float32Array, reset = false): void {
    const box = new Box3().setFromArray(points);
    if (box.isEmpty()) return;
    const target = box.getCenter(new Vector3());
    const direction = reset
      ? new Vector3(0.55, 0.42, 1).normalize()
      : this.camera.position.clone().sub(this.controls.target).normalize();
    this.setDepth();
    this.controls.target.copy(target);
    this.camera.position.copy(target).add(direction);
    this.camera.lookAt(target);
    const distance = fittingDistance(points, target, this.camera);
    this.camera.position.copy(target).addScaledVector(direction, distance * MARGIN);
    this.controls.update();
    this.invalidate();
  }

  /** Turns the view by angles in radians, for the arrow keys. */
  turn(around: number, over: number): void {
    const offset = this.camera.position.clone().sub(this.controls.target);
    const spherical = new Spherical().setFromVector3(offset);
    spherical.theta += around;
    spherical.phi += over;
    spherical.makeSafe();
    this.camera.position.copy(this.controls.target).add(offset.setFromSpherical(spherical));
    this.controls.update();
    this.moves += 1;
    this.invalidate();
  }

  /** Nearer (below 1) or farther (above 1), for the plus and minus keys. */
  zoom(factor: number): void {
    const offset = this.camera.position.clone().sub(this.controls.target).multiplyScalar(factor);
    this.camera.position.copy(this.controls.target).add(offset);
    this.controls.update();
    this.invalidate();
  }

  set secondView(view: SecondView) {
    this.second = view;
    this.resize();
  }

  get secondView(): SecondView {
    return this.second;
  }

  /** Position in the first view, each axis in [-1, 1]; null outside. */
  toView(clientX: number, clientY: number): Vector2 | null {
    const box = this.canvas.getBoundingClientRect();
    const width = this.second === "off" ? box.width : box.width / 2;
    const point = new Vector2(
      ((clientX - box.left) / width) * 2 - 1,
      1 - ((clientY - box.top) / box.height) * 2,
    );
    return Math.abs(point.x) > 1 || Math.abs(point.y) > 1 ? null : point;
  }

  /** From the object's frame to the first view. */
  projection(): Matrix4 {
    this.camera.updateMatrixWorld();
    const { projectionMatrix, matrixWorldInverse } = this.camera;
    return new Matrix4().multiplyMatrices(projectionMatrix, matrixWorldInverse);
  }

  /** Pixel of the page where a point of the object appears in the first view. */
  toClient(point: Vector3): Vector2 {
    const box = this.canvas.getBoundingClientRect();
    const width = this.second === "off" ? box.width : box.width / 2;
    this.camera.updateMatrixWorld();
    const seen = point.clone().project(this.camera);
    return new Vector2(
      box.left + ((seen.x + 1) / 2) * width,
      box.top + ((1 - seen.y) / 2) * box.height,
    );
  }

  /** The face drawn at a point of the first view, -1 for none; follows exploded parts. */
  faceDrawnAt(view: Vector2): number {
    return this.contents ? this.identity.at(view, this.camera, this.contents.skin) : -1;
  }

  /** A byte a face: 1 where at least one pixel of the first view shows it. */
  visibleFaces(faces: number): Uint8Array {
    const seen = new Uint8Array(faces);
    if (this.contents) this.identity.mark(seen, this.camera, this.contents.skin, this.viewSize());
    return seen;
  }

  /** Gives the graphics context back. */
  dispose(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.requested);
    this.controls.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }

  private viewSize(): Vector2 {
    const size = this.renderer.getDrawingBufferSize(new Vector2());
    if (this.second !== "off") size.x = Math.floor(size.x / 2);
    return size;
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width === 0 || height === 0) return;
    this.renderer.setSize(width, height, false);
    this.camera.aspect = (this.second === "off" ? width : width / 2) / height;
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  private setDepth(): void {
    const box = this.contents?.box;
    if (!box) return;
    const radius = box.getBoundingSphere(new Sphere()).radius;
    this.controls.minDistance = radius * 0.02;
    this.controls.maxDistance = radius * 20;
    this.camera.near = radius * 0.01;
    this.camera.far = radius * 45;
    this.camera.updateProjectionMatrix();
  }

  private draw(): void {
    this.frames += 1;
    const size = this.renderer.getSize(new Vector2());
    this.renderer.setScissorTest(false);
    this.renderer.setViewport(0, 0, size.x, size.y);
    this.renderer.clear();
    const contents = this.contents;
    if (!contents) return;
    if (this.second === "off") {
      this.drawView(contents, this.camera, this.segmentShare, this.xray);
      return;
    }
    const half = Math.floor(size.x / 2);
    this.renderer.setScissorTest(true);
    this.part(0, half, size.y);
    this.drawView(contents, this.camera, this.segmentShare, this.xray);
    this.part(half + 1, size.x - half - 1, size.y);
    const behind = this.second === "behind";
    const camera = behind ? this.cameraBehind() : this.camera;
    this.drawView(contents, camera, behind ? this.segmentShare : 0, false);
    this.renderer.setScissorTest(false);
  }

  private part(left: number, width: number, height: number): void {
    this.renderer.setViewport(left, 0, width, height);
    this.renderer.setScissor(left, 0, width, height);
  }

  private cameraBehind(): PerspectiveCamera {
    const camera = this.camera.clone();
    const target = this.controls.target;
    camera.position.sub(target);
    camera.position.set(-camera.position.x, camera.position.y, -camera.position.z).add(target);
    camera.lookAt(target);
    return camera;
  }

  private drawView(
    contents: Contents,
    camera: PerspectiveCamera,
    share: number,
    xray: boolean,
  ): void {
    const { skin, borders } = contents;
    skin.segmentShare = share;
    skin.xray = xray;
    skin.purpose = PASS.shaded;
    borders.lines.visible = this.showBorders && !xray && share > 0 && skin.explode === 0;
    this.renderer.render(this.scene, camera);
    if (!xray) return;
    skin.purpose = PASS.ghost;
    this.renderer.render(this.scene, camera);
    skin.purpose = PASS.shaded;
  }
}
