/** Renders beside captions, with boxes and numbers drawn over them. */

import type { Box, Caption, Picture } from "../network/captions";
import { h, svg } from "../panels/dom";
import { COLOURS } from "../scene/palette";
import type { Colour } from "../scene/vision";

/** Room around a part that is shown enlarged, by the longer side of its box. */
const AROUND = 0.35;
/** An enlarged part shows this share of its picture at least. */
const LEAST = 0.25;

/** The colour of a part, here and beside its texts. */
export function colourOf(target: string): Colour {
  return COLOURS[Number(target) % COLOURS.length] as Colour;
}

/** A picture of the object with the number of each part that it shows at its best. */
export function wholePicture(picture: Picture, captions: readonly Caption[]): Element {
  const parts = captions.filter(({ place }) => place?.picture.url === picture.url);
  const size = Math.max(picture.width, picture.height);
  return drawing(
    `The object with ${parts.length} of its parts numbered`,
    [0, 0, picture.width, picture.height],
    picture,
    ...parts.flatMap(({ target, place }) => marks(target, place?.box as Box, size)),
  );
}

/** Where a part is, enlarged; and the part alone, where there is a picture of that. */
export function partPictures(caption: Caption): readonly Node[] {
  const { alone, place, target, title } = caption;
  const name = `Part ${target}, ${title}`;
  const shown: Node[] = [];
  if (place) {
    const view = enlarged(place.picture, place.box);
    const size = Math.max(view[2] - view[0], view[3] - view[1]);
    shown.push(
      drawing(`${name}, in the object`, view, place.picture, outline(target, place.box, size)),
    );
  }
  if (alone) shown.push(drawing(`${name}, alone`, [0, 0, alone.width, alone.height], alone));
  if (shown.length === 0) shown.push(h("p", { class: "quiet" }, "There is no picture of it."));
  return shown;
}

/** The square of a picture that shows a box and what is around it. */
export function enlarged(picture: Picture, box: Box): Box {
  const [x0, y0, x1, y1] = box;
  const side = Math.max(x1 - x0, y1 - y0) * (1 + 2 * AROUND);
  const most = Math.min(picture.width, picture.height);
  const half = Math.min(Math.max(side, LEAST * most), most) / 2;
  const x = Math.min(Math.max((x0 + x1) / 2, half), picture.width - half);
  const y = Math.min(Math.max((y0 + y1) / 2, half), picture.height - half);
  return [x - half, y - half, x + half, y + half];
}

function drawing(name: string, view: Box, picture: Picture, ...over: readonly Node[]): Element {
  const [x0, y0, x1, y1] = view;
  return svg(
    "svg",
    {
      class: "render",
      viewBox: `${x0} ${y0} ${x1 - x0} ${y1 - y0}`,
      role: "img",
      "aria-label": name,
    },
    svg("image", { href: picture.url, width: picture.width, height: picture.height }),
    ...over,
  );
}

function outline(target: string, [x0, y0, x1, y1]: Box, size: number): Node {
  return svg("rect", {
    x: x0,
    y: y0,
    width: x1 - x0,
    height: y1 - y0,
    fill: "none",
    stroke: `rgb(${colourOf(target).join(",")})`,
    "stroke-width": size / 120,
  });
}

function marks(target: string, box: Box, size: number): readonly Node[] {
  const height = size / 20;
  const label = svg(
    "text",
    {
      class: "mark",
      x: box[0] + height / 4,
      y: box[1] + height,
      "font-size": height,
      "stroke-width": height / 5,
    },
    target,
  );
  return [outline(target, box, size), label];
}
