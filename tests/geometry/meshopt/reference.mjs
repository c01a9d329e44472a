// Makes reference.json: streams of the published encoder with what the published decoder makes of
// them (by its SHA-256). `node reference.mjs FOLDER_OF_THE_MESHOPTIMIZER_PACKAGE > reference.json`
import { createHash } from "node:crypto";
const folder = process.argv[2];
const { MeshoptEncoder: encoder } = await import(folder + "/meshopt_encoder.js");
const { MeshoptDecoder: decoder } = await import(folder + "/meshopt_decoder.mjs");
const { MeshoptDecoder: exact } = await import(folder + "/meshopt_decoder_reference.js");
await encoder.ready;
await decoder.ready;

let state = 12345;
const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
const base64 = (bytes) => Buffer.from(bytes).toString("base64");
const cases = [];

function add(name, mode, count, size, stream, filter = "NONE") {
  const target = new Uint8Array(count * size);
  // The quick decoder rounds colours of 16 bits off by one now and then.
  (filter === "COLOR" ? exact : decoder).decodeGltfBuffer(target, count, size, stream, mode, filter);
  const decoded = createHash("sha256").update(target).digest("hex");
  cases.push({ name, mode, count, size, filter, stream: base64(stream), decoded });
}

function attributes(count, size, roughness) {
  const words = new Uint16Array((count * size) / 2);
  for (let i = 0; i < count; i++)
    for (let k = 0; k < size / 2; k++)
      words[(i * size) / 2 + k] = 900 * k + i * k + Math.floor(random() * roughness);
  return new Uint8Array(words.buffer);
}

for (const version of [0, 1])
  for (const [count, size, roughness] of [[1, 4, 9], [15, 8, 2], [16, 12, 300], [257, 16, 6], [300, 4, 65536], [140, 64, 40]])
    for (const level of version ? [0, 2, 3] : [2]) {
      const source = attributes(count, size, roughness);
      const stream = encoder.encodeVertexBufferLevel(source, count, size, level, version);
      add(`attributes v${version} level ${level} ${count}x${size}`, "ATTRIBUTES", count, size, stream);
    }
// Floats that grow: the encoder chooses to rotate and to exclude.
const floats = new Float32Array(3 * 300);
for (let i = 0; i < floats.length; i++) floats[i] = Math.sin(i / 40) * 10 + random() * 0.001;
add("attributes v1 floats", "ATTRIBUTES", 300, 12, encoder.encodeVertexBufferLevel(new Uint8Array(floats.buffer), 300, 12, 3, 1));
// Numbers whose bits toggle in one place: the encoder chooses exclusive or, rotated.
for (const shift of [0, 6, 14]) {
  const toggled = new Uint32Array(200);
  for (let i = 0; i < 200; i++) toggled[i] = 0x3f0a5000 ^ (Math.floor(random() * 16) << shift);
  add(`attributes v1 toggled ${shift}`, "ATTRIBUTES", 200, 4, encoder.encodeVertexBufferLevel(new Uint8Array(toggled.buffer), 200, 4, 3, 1));
}

function grid(side, shuffled) {
  const at = (x, y) => y * (side + 1) + x;
  const triangles = [];
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) triangles.push([at(x, y), at(x + 1, y), at(x, y + 1)], [at(x + 1, y), at(x + 1, y + 1), at(x, y + 1)]);
  if (shuffled) for (let i = triangles.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [triangles[i], triangles[j]] = [triangles[j], triangles[i]];
  }
  return new Uint32Array(triangles.flat());
}

const soup = new Uint32Array(900);
for (let i = 0; i < soup.length; i++) soup[i] = Math.floor(random() * (i % 7 ? 60 : 70000));
for (const [name, indices] of [["grid", grid(14, false)], ["shuffled", grid(9, true)], ["soup", soup]])
  for (const size of [2, 4]) {
    if (size === 2 && name === "soup") continue;
    const bytes = size === 4 ? new Uint8Array(indices.buffer) : new Uint8Array(new Uint16Array(indices).buffer);
    add(`triangles ${name} ${size}`, "TRIANGLES", indices.length, size, encoder.encodeIndexBuffer(bytes, indices.length, size));
    add(`sequence ${name} ${size}`, "INDICES", indices.length, size, encoder.encodeIndexSequence(bytes, indices.length, size));
  }

function units(count) {
  const values = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    const v = [0, 1, 2, 3].map(() => random() * 2 - 1);
    const n = Math.hypot(...v);
    v.forEach((x, k) => (values[4 * i + k] = x / n));
  }
  return values;
}
function normals(count) {
  const values = units(count);
  for (let i = 0; i < count; i++) {
    const n = Math.hypot(values[4 * i], values[4 * i + 1], values[4 * i + 2]);
    for (let k = 0; k < 3; k++) values[4 * i + k] /= n;
    values[4 * i + 3] = i % 2 ? 1 : -1;
  }
  return values;
}
const positive = units(70).map(Math.abs);
for (const [name, filter, stride, filtered] of [
  ["octahedral 8", "OCTAHEDRAL", 4, encoder.encodeFilterOct(normals(70), 70, 4, 8)],
  ["octahedral 6 of 8", "OCTAHEDRAL", 4, encoder.encodeFilterOct(normals(70), 70, 4, 6)],
  ["octahedral 12 of 16", "OCTAHEDRAL", 8, encoder.encodeFilterOct(normals(70), 70, 8, 12)],
  ["quaternion", "QUATERNION", 8, encoder.encodeFilterQuat(units(70), 70, 8, 12)],
  ["exponential", "EXPONENTIAL", 16, encoder.encodeFilterExp(units(70), 70, 16, 15)],
  ["color 8", "COLOR", 4, encoder.encodeFilterColor(positive, 70, 4, 8)],
  ["color 6 of 8", "COLOR", 4, encoder.encodeFilterColor(positive, 70, 4, 6)],
  ["color 12 of 16", "COLOR", 8, encoder.encodeFilterColor(positive, 70, 8, 12)],
])
  add("filter " + name, "ATTRIBUTES", 70, stride, encoder.encodeVertexBuffer(filtered, 70, stride), filter);

console.log("[\n" + cases.map((each) => JSON.stringify(each)).join(",\n") + "\n]");
