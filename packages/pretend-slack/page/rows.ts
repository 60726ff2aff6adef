/** Where the rows of a long list stand, of which only those near the view are drawn. Heights and places are in pixels. */

/** The view stands at the end and goes with it, or keeps its distance (from top to top) to one row whatever comes and goes elsewhere. */
type Anchor = "end" | { key: string; distance: number };

interface Span {
  from: number;
  /** The first row that is not in it. */
  to: number;
}

/** Taken for the height of a row that was not drawn yet: a line of text with its byline and how it went out. */
const guessedHeight = 76;

/** The heights of rows as they were measured, by key, and a guess for the others. */
class Rows {
  readonly #heights = new Map<string, number>();
  #keys: readonly string[] = [];
  /** Where each row begins; at last, where the list ends. */
  #tops = new Float64Array(1);
  #indexes = new Map<string, number>();

  /** What is in the list now. The same array again costs nothing. */
  set(keys: readonly string[]) {
    if (keys === this.#keys) return;
    this.#keys = keys;
    this.#indexes = new Map(keys.map((key, index) => [key, index]));
    this.#sum();
  }

  /** Takes heights as they are on the screen. Returns whether any was another before. */
  measure(measured: Iterable<readonly [key: string, height: number]>): boolean {
    let changed = false;
    for (const [key, height] of measured) {
      // Browsers round: less than that is no change.
      if (Math.abs(height - (this.#heights.get(key) ?? Number.NaN)) < 0.1) continue;
      this.#heights.set(key, height);
      changed = true;
    }
    if (changed) this.#sum();
    return changed;
  }

  /** Every row may have another height now: the list became wider or narrower. */
  forget() {
    this.#heights.clear();
    this.#sum();
  }

  get height(): number {
    return this.#tops[this.#keys.length]!;
  }

  top(index: number): number {
    return this.#tops[index]!;
  }

  indexOf(key: string): number | undefined {
    return this.#indexes.get(key);
  }

  /** Where the view's top is, if it is so high; undefined when the row that it keeps to has gone. */
  topOf(anchor: Anchor, viewHeight: number): number | undefined {
    const last = Math.max(0, this.height - viewHeight);
    if (anchor === "end") return last;
    const index = this.#indexes.get(anchor.key);
    return index === undefined ? undefined : Math.min(last, Math.max(0, this.#tops[index]! + anchor.distance));
  }

  /** Keeps a view to the first row that is in sight and not among `unsteady`, rows which come and go themselves. */
  anchorAt(top: number, unsteady: ReadonlySet<string>): Anchor {
    let index = this.#indexAt(top);
    while (index < this.#keys.length - 1 && unsteady.has(this.#keys[index]!)) index += 1;
    const key = this.#keys[index];
    return key === undefined ? "end" : { key, distance: top - this.#tops[index]! };
  }

  /** Keeps a row in the middle of the view; undefined when there is none. */
  anchorInMiddle(key: string, viewHeight: number): Anchor | undefined {
    const index = this.#indexes.get(key);
    if (index === undefined) return undefined;
    const height = this.#tops[index + 1]! - this.#tops[index]!;
    return { key, distance: Math.min(0, (height - viewHeight) / 2) };
  }

  /** The rows between two heights, those included that are cut. */
  spanOf(top: number, bottom: number): Span {
    return { from: this.#indexAt(top), to: Math.min(this.#keys.length, this.#indexAt(bottom) + 1) };
  }

  /** Binary search for the last row that begins at a height or before. */
  #indexAt(top: number): number {
    let low = 0;
    let high = this.#keys.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#tops[middle]! <= top) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #sum() {
    const tops = new Float64Array(this.#keys.length + 1);
    this.#keys.forEach((key, index) => {
      tops[index + 1] = tops[index]! + (this.#heights.get(key) ?? guessedHeight);
    });
    this.#tops = tops;
  }
}

export type { Anchor, Span };
export { guessedHeight, Rows };
