/** GLSL of the surface: the face number is `gl_VertexID / 3`, its colour comes from two look-ups. */

/** Bits in the alpha channel of the palette. */
export const MARK = { hidden: 1, selected: 2, hovered: 4, dropped: 8 } as const;

/** What a draw of the surface is for. */
export const PASS = { shaded: 0, ghost: 1, identity: 2 } as const;

export const vertexShader = /* glsl */ `
precision highp usampler2D;
uniform usampler2D labels;
uniform usampler2D paint;
uniform sampler2D palette;
uniform sampler2D shifts;
uniform int width;
uniform int firstFace;
uniform int purpose;
uniform bool xray;
uniform float explode;
uniform vec3 centre;
#ifdef TINTED
in vec3 tint;
#endif
out vec3 vertexTint;
flat out vec3 faceColour;
flat out int marks;
flat out int painted;
flat out int faceNumber;
out vec3 viewNormal;
out vec2 mapUv;

void main() {
  int face = firstFace + gl_VertexID / 3;
  ivec2 texel = ivec2(face % width, face / width);
  int atom = int(texelFetch(labels, texel, 0).r);
  ivec2 entry = ivec2(atom % 256, atom / 256);
  vec4 look = texelFetch(palette, entry, 0);
  faceColour = look.rgb;
  marks = int(look.a * 255.0 + 0.5);
  painted = int(texelFetch(paint, texel, 0).r);
  faceNumber = face;
  mapUv = uv;
#ifdef TINTED
  vertexTint = tint;
#else
  vertexTint = vec3(1.0);
#endif
  viewNormal = normalMatrix * normal;
  // Shrunk by as much as the parts are moved apart, so that the whole stays in view.
  vec3 apart = position + explode * texelFetch(shifts, entry, 0).xyz;
  vec3 moved = centre + (apart - centre) / (1.0 + explode);
  gl_Position = projectionMatrix * modelViewMatrix * vec4(moved, 1.0);
  bool chosen = (marks & 6) != 0 || painted != 0;
  bool skip = (marks & 1) != 0 || (purpose == 0 && xray && !chosen) || (purpose == 1 && chosen);
  if (skip) gl_Position = vec4(0.0, 0.0, 2.0, 1.0);
}
`;

export const fragmentShader = /* glsl */ `
precision highp int;
uniform sampler2D map;
uniform vec3 mapColour;
uniform sampler2D lightMap;
uniform vec3 light;
uniform float cutoff;
in vec3 vertexTint;
uniform float segmentShare;
uniform int purpose;
flat in vec3 faceColour;
flat in int marks;
flat in int painted;
flat in int faceNumber;
in vec3 viewNormal;
in vec2 mapUv;
out vec4 fragment;

vec3 shade(vec3 base) {
  vec3 normal = normalize(viewNormal);
  if (!gl_FrontFacing) normal = -normal;
  float key = max(dot(normal, normalize(vec3(0.35, 0.55, 0.75))), 0.0);
  float fill = 0.5 + 0.5 * normal.y;
  return base * (0.34 + 0.22 * fill + 0.62 * key);
}

vec3 marked(vec3 colour) {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  if ((marks & 8) != 0) {
    float grey = dot(colour, vec3(0.3, 0.5, 0.2));
    colour = vec3(grey) * ((((pixel.x - pixel.y) & 15) < 2) ? 0.25 : 0.6);
  }
  if ((marks & 4) != 0) colour = mix(colour, vec3(1.0), 0.22);
  // Stripes, not a colour: a selection has to be seen in any palette and by any eye.
  if ((marks & 2) != 0) {
    bool stripe = ((pixel.x + pixel.y) & 15) < 4;
    colour = stripe ? vec3(1.0) : mix(colour, vec3(1.0), 0.12);
  }
  if (painted == 1) colour = mix(colour, vec3(0.95, 0.22, 0.02), 0.72);
  if (painted == 2) colour = mix(colour, vec3(0.02, 0.28, 0.95), 0.72);
  return colour;
}

void main() {
  if (purpose == 2) {
    int id = faceNumber + 1;
    fragment = vec4(float(id & 255), float((id >> 8) & 255), float((id >> 16) & 255), 255.0) / 255.0;
    return;
  }
  vec4 texel = texture(map, mapUv);
  // Cut-outs stay whole where segments are shown: a hole would hide a face that has a label.
  if (cutoff > 0.0 && segmentShare == 0.0 && texel.a < cutoff) discard;
  vec3 shown = shade(texel.rgb * mapColour * vertexTint) + light * texture(lightMap, mapUv).rgb;
  vec3 colour = marked(mix(shown, shade(faceColour), segmentShare));
  fragment = linearToOutputTexel(vec4(colour, purpose == 1 ? 0.14 : 1.0));
}
`;
