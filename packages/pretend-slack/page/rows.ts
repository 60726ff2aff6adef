/** Positions of the rows in a long list that renders only those near the view. Heights and positions are in pixels. */

/** The view's anchor: the end of the list, or a row and the distance from its top to the view's top. */
type Anchor = "end" | { key: string; distance: number };

interface Span {
  from: number;
  /** The first row after the span. */
  to: number;
}

/** Assumed for rows that were not rendered yet: between one line of text with its byline and one without. */
const ASSUMED_HEIGHT = 40;

/** The measured heights of rows by key, and an assumption for the others. */
class Rows {
  readonly #heights = new Map<string, number>();
  #keys: readonly string[] = [];
  /** The top of each row, then the end of the list. */
  #tops = new Float64Array(1);
  #indexes = new Map<string, number>();

  /** Sets the rows of the list. Passing the same array again costs nothing. */
  set(keys: readonly string[]) {
    if (keys === this.#keys) return;
    this.#keys = keys;
    this.#indexes = new Map(keys.map((key, index) => [key, index]));
    this.#sum();
  }

  /** Sets measured heights. Returns whether any has changed. */
  measure(measured: Iterable<readonly [key: string, height: number]>): boolean {
    let changed = false;
    for (const [key, height] of measured) {
      // Browsers round, so smaller differences are no change.
      if (Math.abs(height - (this.#heights.get(key) ?? Number.NaN)) < 0.1) continue;
      this.#heights.set(key, height);
      changed = true;
    }
    if (changed) this.#sum();
    return changed;
  }

  /** Discards all heights, because the width of the list has changed. */
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

  /** The top of a view of this height; undefined when the row of its anchor has gone. */
  topOf(anchor: Anchor, viewHeight: number): number | undefined {
    const last = Math.max(0, this.height - viewHeight);
    if (anchor === "end") return last;
    const index = this.#indexes.get(anchor.key);
    return index === undefined ? undefined : Math.min(last, Math.max(0, this.#tops[index]! + anchor.distance));
  }

  /** Anchors a view to its first row that is not among `transient`, the rows that come and go. */
  anchorAt(top: number, transient: ReadonlySet<string>): Anchor {
    let index = this.#indexAt(top);
    while (index < this.#keys.length - 1 && transient.has(this.#keys[index]!)) index += 1;
    const key = this.#keys[index];
    return key === undefined ? "end" : { key, distance: top - this.#tops[index]! };
  }

  /** Anchors a row in the middle of the view; undefined when there is no such row. */
  anchorInMiddle(key: string, viewHeight: number): Anchor | undefined {
    const index = this.#indexes.get(key);
    if (index === undefined) return undefined;
    const height = this.#tops[index + 1]! - this.#tops[index]!;
    return { key, distance: Math.min(0, (height - viewHeight) / 2) };
  }

  /** The rows between two positions, including those that are cut. */
  spanOf(top: number, bottom: number): Span {
    return { from: this.#indexAt(top), to: Math.min(this.#keys.length, this.#indexAt(bottom) + 1) };
  }

  /** Binary search for the last row that begins at a position or before. */
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
      tops[index + 1] = tops[index]! + (this.#heights.get(key) ?? ASSUMED_HEIGHT);
    });
    this.#tops = tops;
  }
}

export type { Anchor, Span };
export { ASSUMED_HEIGHT, Rows };
