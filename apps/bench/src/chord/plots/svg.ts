// Figures as SVG: axes, lines, bars and what they mean; no more than the figures of the ring need.

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Where it has a number. */
  readonly ticks: readonly number[];
  /** Of a logarithmic one, `from` is above 0. */
  readonly scale: "linear" | "logarithmic";
  /** How its numbers are written. Default: as they are. */
  readonly written?: (tick: number) => string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Draws a bar from this to the other: what most of the samples lie within. */
  readonly spread?: readonly [low: number, high: number];
}

export interface Series {
  readonly name: string;
  /** Rings are seen where they lie over another line. */
  readonly look: "line" | "dashes" | "bars" | "rings";
  readonly points: readonly Point[];
}

export interface Figure {
  readonly title: string;
  /** What was measured, and how. */
  readonly subtitle: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const width = 760;
const height = 480;
const frame = { left: 76, top: 100, right: 24, bottom: 60 } as const;
const colours = ["#0b6e99", "#c2410c", "#4d7c0f", "#7e22ce"] as const;
const ink = "#222222";
const faint = "#dddddd";

/** @throws RangeError when a point has no finite place */
export function drawSvg({ title, subtitle, x, y, series }: Figure): string {
  const place: Place = {
    x: (value) => frame.left + part(x, value) * (width - frame.left - frame.right),
    y: (value) => height - frame.bottom - part(y, value) * (height - frame.top - frame.bottom),
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="13" fill="${ink}">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text({ x: frame.left, y: 28, words: title, more: 'font-size="18" font-weight="bold"' }),
    text({ x: frame.left, y: 48, words: subtitle, more: 'font-size="12"' }),
    ...acrossTicks(x, place),
    ...upwardTicks(y, place),
    ...series.flatMap((each, index) => [...drawSeries(each, colourOf(index), place), legend(each, index)]),
    "</svg>",
    "",
  ].join("\n");
}

interface Place {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** Where a value lies between the ends of an axis: 0 to 1. */
function part({ scale, from, to, label }: Axis, value: number): number {
  const at = scale === "linear" ? (each: number) => each : Math.log2;
  const found = (at(value) - at(from)) / (at(to) - at(from));
  if (!Number.isFinite(found)) throw new RangeError(`${value} has no place on the axis "${label}"`);
  return found;
}

function acrossTicks(axis: Axis, place: Place): readonly string[] {
  const bottom = height - frame.bottom;
  const middle = (frame.left + width - frame.right) / 2;
  return [
    ...axis.ticks.flatMap((tick) => [
      line([place.x(tick), bottom, place.x(tick), bottom + 5], ink),
      text({ x: place.x(tick), y: bottom + 20, words: written(axis, tick), more: 'text-anchor="middle"' }),
    ]),
    text({ x: middle, y: height - 16, words: axis.label, more: 'text-anchor="middle"' }),
  ];
}

function upwardTicks(axis: Axis, place: Place): readonly string[] {
  const middle = (frame.top + height - frame.bottom) / 2;
  return [
    ...axis.ticks.flatMap((tick) => [
      line([frame.left, place.y(tick), width - frame.right, place.y(tick)], faint),
      text({ x: frame.left - 8, y: place.y(tick) + 4, words: written(axis, tick), more: 'text-anchor="end"' }),
    ]),
    line([frame.left, frame.top, frame.left, height - frame.bottom], ink),
    line([frame.left, height - frame.bottom, width - frame.right, height - frame.bottom], ink),
    text({ x: 22, y: middle, words: axis.label, more: `text-anchor="middle" transform="rotate(-90 22 ${middle})"` }),
  ];
}

function drawSeries({ look, points }: Series, colour: string, place: Place): readonly string[] {
  if (look === "bars") {
    const bottom = height - frame.bottom;
    const gap = Math.min(...points.slice(1).map(({ x }, index) => place.x(x) - place.x(points[index]?.x ?? x)), 80);
    return points.map(({ x, y }) => {
      const top = place.y(y);
      return `<rect x="${figure(place.x(x) - 0.4 * gap)}" y="${figure(top)}" width="${figure(0.8 * gap)}" height="${figure(bottom - top)}" fill="${colour}" fill-opacity="0.75"/>`;
    });
  }
  if (look === "rings") return points.map(({ x, y }) => ring([place.x(x), place.y(y)], colour));
  const way = points.map(({ x, y }) => `${figure(place.x(x))},${figure(place.y(y))}`).join(" ");
  const dashes = look === "dashes" ? ' stroke-dasharray="6 5"' : "";
  const drawn = [`<polyline points="${way}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`];
  for (const { x, y, spread } of points) {
    if (look === "line")
      drawn.push(`<circle cx="${figure(place.x(x))}" cy="${figure(place.y(y))}" r="3.5" fill="${colour}"/>`);
    if (spread === undefined) continue;
    const [low, high] = spread;
    drawn.push(line([place.x(x), place.y(low), place.x(x), place.y(high)], colour));
    for (const end of spread) drawn.push(line([place.x(x) - 4, place.y(end), place.x(x) + 4, place.y(end)], colour));
  }
  return drawn;
}

/** Two columns above the frame. */
function legend({ name, look }: Series, index: number): string {
  const left = frame.left + (index % 2) * 340;
  const y = 70 + Math.floor(index / 2) * 18;
  const words = text({ x: left + 36, y, words: name, more: 'font-size="12"' });
  if (look === "rings") return ring([left + 14, y - 4], colourOf(index)) + words;
  const dashes = look === "dashes" ? ' stroke-dasharray="6 5"' : "";
  const thick = look === "bars" ? 9 : 2;
  const sign = `<line x1="${left}" y1="${y - 4}" x2="${left + 28}" y2="${y - 4}" stroke="${colourOf(index)}" stroke-width="${thick}"${dashes}/>`;
  return sign + words;
}

function colourOf(index: number): string {
  return colours[index % colours.length] ?? ink;
}

function written({ written: write = String }: Axis, tick: number): string {
  return write(tick);
}

function line([x1, y1, x2, y2]: readonly [number, number, number, number], colour: string): string {
  return `<line x1="${figure(x1)}" y1="${figure(y1)}" x2="${figure(x2)}" y2="${figure(y2)}" stroke="${colour}"/>`;
}

function ring([x, y]: readonly [number, number], colour: string): string {
  return `<circle cx="${figure(x)}" cy="${figure(y)}" r="6.5" fill="none" stroke="${colour}" stroke-width="2"/>`;
}

interface Text {
  readonly x: number;
  readonly y: number;
  readonly words: string;
  /** Further attributes. */
  readonly more: string;
}

function text({ x, y, words, more }: Text): string {
  const safe = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<text x="${figure(x)}" y="${figure(y)}" ${more}>${safe}</text>`;
}

function figure(value: number): string {
  return String(Math.round(10 * value) / 10);
}
