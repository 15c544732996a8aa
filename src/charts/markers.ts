/**
 * How a method looks: a colour and a marker shape, both fixed by its place in the experiment's list of methods,
 * so that it looks the same in every chart. Twelve of each; from the thirteenth method on the pairs differ.
 */

const COLOUR_COUNT = 12;

type Shape = (x: number, y: number) => string;

const SHAPES: readonly Shape[] = [
  (x, y) => `M${at(x - 5, y)}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z`,
  (x, y) => `M${at(x - 4.5, y - 4.5)}h9v9h-9z`,
  (x, y) => polygon(x, y, { radius: 6.2, corners: 3, startDegrees: -90 }),
  (x, y) => polygon(x, y, { radius: 6.2, corners: 4, startDegrees: -90 }),
  (x, y) => polygon(x, y, { radius: 6.2, corners: 3, startDegrees: 90 }),
  (x, y) => `M${at(x - 5.5, y - 1.8)}h3.7v-3.7h3.6v3.7h3.7v3.6h-3.7v3.7h-3.6v-3.7h-3.7z`,
  (x, y) => star(x, y),
  (x, y) => `M${at(x - 6, y - 2.6)}h12v5.2h-12z`,
  (x, y) => `M${at(x - 2.6, y - 6)}h5.2v12h-5.2z`,
  (x, y) => `M${at(x - 5.5, y - 5)}l11 10v-10l-11 10z`,
  (x, y) => polygon(x, y, { radius: 6.4, corners: 5, startDegrees: -90 }),
  (x, y) => `M${at(x, y - 2.4)}l3 -3l2.4 2.4l-3 3l3 3l-2.4 2.4l-3 -3l-3 3l-2.4 -2.4l3 -3l-3 -3l2.4 -2.4z`,
];

/** The CSS class that carries a method's colour. */
export function colourClass(index: number): string {
  return `series-${(index % COLOUR_COUNT) + 1}`;
}

/** The outline of a method's marker, as SVG path data. */
export function markerPath(index: number, x: number, y: number): string {
  const round = Math.floor(index / COLOUR_COUNT);
  return SHAPES[(index + round) % SHAPES.length](x, y);
}

/** A coordinate with one decimal: a tenth of a pixel is finer than the eye. */
export function coordinate(value: number): string {
  return `${Math.round(value * 10) / 10}`;
}

function at(x: number, y: number): string {
  return `${coordinate(x)} ${coordinate(y)}`;
}

interface Corners {
  readonly corners: number;
  /** Where the first corner is. */
  readonly startDegrees: number;
}

function polygon(
  x: number,
  y: number,
  { radius, ...corners }: Corners & { readonly radius: number },
): string {
  return ring(x, y, corners, () => radius);
}

function star(x: number, y: number): string {
  return ring(x, y, { corners: 10, startDegrees: -90 }, (corner) => (corner % 2 === 0 ? 7 : 3.2));
}

function ring(
  x: number,
  y: number,
  { corners, startDegrees }: Corners,
  radius: (corner: number) => number,
): string {
  const points = Array.from({ length: corners }, (_, corner) => {
    const angle = ((startDegrees + (360 * corner) / corners) * Math.PI) / 180;
    return at(x + radius(corner) * Math.cos(angle), y + radius(corner) * Math.sin(angle));
  });
  return `M${points.join('L')}z`;
}
