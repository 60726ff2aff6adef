/** A histogram of amounts, as SVG that loads no other resources. */
import { buildAmount } from "#core/payroll/money";

interface Bar {
  /** Cents. The end of the last bar is inclusive. */
  from: number;
  to: number;
  count: number;
}

const MAX_BARS = 20;
const WIDTH = 720;
const HEIGHT = 240;
const MARGIN = 40;

/** Builds at most twenty bars of equal, round width. */
const buildBars = (amounts: readonly number[]): Bar[] => {
  if (amounts.length === 0) return [];
  const [least, most] = amounts.reduce(([low, high], amount) => [Math.min(low, amount), Math.max(high, amount)], [Infinity, -Infinity]);
  const width = roundUp(Math.max(1, (most - least) / (MAX_BARS - 1)));
  const start = Math.floor(least / width) * width;
  const bars = Array.from({ length: Math.floor((most - start) / width) + 1 }, (_, index) => ({
    from: start + index * width,
    to: start + (index + 1) * width,
    count: 0,
  }));
  for (const amount of amounts) bars[Math.floor((amount - start) / width)]!.count += 1;
  return bars;
};

/** Rounds up to the next of 1, 2, 5, 10, 20, 50, ... */
const roundUp = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find(step => step * power >= value) ?? 10);
};

/** Builds the chart. `title` is plain text without markup. */
const buildHistogram = (title: string, amounts: readonly number[]): string => {
  const bars = buildBars(amounts);
  const highest = Math.max(1, ...bars.map(({ count }) => count));
  const step = (WIDTH - 2 * MARGIN) / Math.max(1, bars.length);
  const plot = HEIGHT - 2 * MARGIN;
  const rects = bars.map(({ from, to, count }, index) => {
    const height = (count / highest) * plot;
    const [x, y] = [MARGIN + index * step + 1, HEIGHT - MARGIN - height];
    const label = `${buildAmount(from)} to ${buildAmount(to)}: ${count}`;
    return `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(step - 2).toFixed(1)}" height="${height.toFixed(1)}"><title>${label}</title></rect>`;
  });
  const [first, last] = [bars[0]?.from ?? 0, bars.at(-1)?.to ?? 0];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}" font-size="12">`,
    `<title>${title}</title>`,
    `<g fill="#3568a8">${rects.join("")}</g>`,
    `<path d="M${MARGIN} ${HEIGHT - MARGIN}H${WIDTH - MARGIN}" stroke="currentColor"/>`,
    `<g fill="currentColor"><text x="${MARGIN}" y="${HEIGHT - MARGIN / 2}">${buildAmount(first)}</text>`,
    `<text x="${WIDTH - MARGIN}" y="${HEIGHT - MARGIN / 2}" text-anchor="end">${buildAmount(last)}</text>`,
    `<text x="${MARGIN}" y="${MARGIN / 2}">tallest bar: ${highest} employees</text></g>`,
    "</svg>",
  ].join("");
};

export { buildBars, buildHistogram };
