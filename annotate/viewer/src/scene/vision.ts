/** How different two colours look, also to eyes that lack one kind of cone. */

export type Colour = readonly [number, number, number];

type Matrix = readonly [Colour, Colour, Colour];

/**
 * Linear RGB as seen by full colour vision and by protanopes, deuteranopes and tritanopes
 * (Machado, Oliveira and Fernandes 2009, table 1, severity 1).
 */
const EYES: readonly Matrix[] = [
  [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
];

/** OKLab of Ottosson 2020, from linear RGB. */
const CONES: Matrix = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const LAB: Matrix = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];

function times(matrix: Matrix, [x, y, z]: Colour): Colour {
  return matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Colour;
}

function each(colour: Colour, change: (value: number) => number): Colour {
  return colour.map(change) as unknown as Colour;
}

function linear(value: number): number {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function lab(colour: Colour, eye: Matrix): Colour {
  const seen = each(times(eye, each(colour, linear)), (value) => Math.min(Math.max(value, 0), 1));
  return times(LAB, each(times(CONES, seen), Math.cbrt));
}

/** Distance of two sRGB colours (bytes) in hundredths of OKLab, to the eye that sees least of it. */
export function contrast(a: Colour, b: Colour): number {
  const distances = EYES.map((eye) => {
    const [p, q] = [lab(a, eye), lab(b, eye)];
    return 100 * Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
  });
  return Math.min(...distances);
}
