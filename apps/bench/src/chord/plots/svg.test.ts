import { expect, test } from "vitest";
import { drawSvg, type Figure } from "./svg.js";

const figure: Figure = {
  title: "Hops & members <of a ring>",
  subtitle: "none",
  x: { label: "members", from: 16, to: 64, ticks: [16, 32, 64], scale: "logarithmic" },
  y: { label: "hops", from: 0, to: 4, ticks: [0, 2, 4], scale: "linear", written: (tick) => `${tick} hops` },
  series: [
    { name: "measured", look: "line", points: [{ x: 32, y: 2, spread: [1, 3] }] },
    { name: "law", look: "dashes", points: [16, 64].map((x) => ({ x, y: 4 })) },
    { name: "counted", look: "bars", points: [16, 32].map((x) => ({ x, y: 1 })) },
  ],
};

test("a figure has its words, safe ones, and each point in its place", () => {
  const svg = drawSvg(figure);
  expect(svg).toContain("Hops &amp; members &lt;of a ring&gt;");
  for (const words of ["measured", "law", "counted", "members", "4 hops"]) expect(svg).toContain(`>${words}</text>`);
  // The middle of both axes, one of which doubles.
  expect(svg).toContain('<circle cx="406" cy="260" r="3.5"');
  expect(svg).toContain('<polyline points="76,100 736,100"');
  expect(svg.match(/<rect /g)).toHaveLength(3);
});

test("a point that has no place is refused, not drawn somewhere", () => {
  const nowhere = { ...figure, series: [{ name: "bad", look: "line", points: [{ x: 0, y: 1 }] }] } as const;
  expect(() => drawSvg(nowhere)).toThrow(RangeError);
});
