/** Everything that is slow and needs only positions, off the main thread: BVH first, then the rest. */

import { BufferAttribute, BufferGeometry } from "three";
import { CENTER, MeshBVH, type SerializedBVH } from "three-mesh-bvh";

import { neighbours } from "./weld";

export type WorkerAnswer =
  | { readonly kind: "bvh"; readonly serialized: SerializedBVH }
  | { readonly kind: "neighbours"; readonly across: Int32Array };

const port = self as unknown as {
  onmessage: ((event: MessageEvent<Float32Array>) => void) | null;
  postMessage(answer: WorkerAnswer, transfer: Transferable[]): void;
};

port.onmessage = ({ data: positions }) => {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(positions, 3));
  // Without `indirect` the tree reorders the triangles, and a hit names the wrong face.
  const bvh = new MeshBVH(geometry, { indirect: true, strategy: CENTER });
  const serialized = MeshBVH.serialize(bvh, { cloneBuffers: false });
  const buffers: Transferable[] = [...serialized.roots];
  if (serialized.indirectBuffer) buffers.push(serialized.indirectBuffer.buffer as ArrayBuffer);
  port.postMessage({ kind: "bvh", serialized }, buffers);
  const across = neighbours(positions);
  port.postMessage({ kind: "neighbours", across }, [across.buffer as ArrayBuffer]);
};
