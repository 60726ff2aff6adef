import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useRef } from "preact/hooks";
import { type Anchor, Rows, type Span } from "./rows";

/** So far beyond the view rows are drawn, pixels: what is scrolled into sight is there already. */
const drawnMargin = 1500;

/** When less than this is left of it, more is drawn, pixels. */
const leastMargin = 600;

/** Who comes so near to the end goes with it, pixels. */
const nearEnd = 80;

/** Who goes up by less than this stays at the end, pixels: browsers round. */
const atEnd = 2;

/** The attribute by which a drawn row says its key. */
const keyAttribute = "data-row";

/** Where the reader is. */
interface View {
  anchor: Anchor;
  /** As it was when the list was last drawn or scrolled. */
  top: number;
  width: number;
  drawn: Span;
}

/**
 * Says which rows of a long list are to be drawn, and where; the view stays where its reader is, whatever comes before it.
 *
 * The list is the box itself: each child with `data-row` is a row, placed by `top`. `unsteady` are rows that come and go themselves.
 */
const useRows = (box: RefObject<HTMLElement>, keys: readonly string[], unsteady: ReadonlySet<string>) => {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const { rows, view } = useRef({
    rows: new Rows(),
    view: { anchor: "end", top: 0, width: 0, drawn: { from: 0, to: 0 } } satisfies View as View,
  }).current;
  const sizes = useRef<Sizes>();
  rows.set(keys);
  const viewHeight = box.current?.clientHeight ?? 0;
  const top = rows.topOf(view.anchor, viewHeight) ?? view.top;
  view.drawn = rows.spanOf(top - drawnMargin, top + viewHeight + drawnMargin);

  useLayoutEffect(() => {
    const list = box.current;
    if (list === null) return;
    sizes.current ??= new Sizes((width, heights) => {
      const isWider = view.width !== 0 && width !== undefined && width !== view.width;
      view.width = width ?? view.width;
      if (isWider) rows.forget();
      if (rows.measure(heights) || isWider || width !== undefined) redraw(undefined);
    });
    // Measured at once: what was only guessed is put right before anybody sees it.
    if (rows.measure(sizes.current.take(list))) return redraw(undefined);
    const target = view.anchor === "end" ? list.scrollHeight - list.clientHeight : rows.topOf(view.anchor, list.clientHeight);
    if (target !== undefined && Math.abs(target - list.scrollTop) >= 1) list.scrollTop = target;
    view.top = list.scrollTop;
  });
  useLayoutEffect(() => () => sizes.current?.stop(), []);

  /** To be called when the box was scrolled. */
  const follow = () => {
    const list = box.current;
    if (list === null || Math.abs(list.scrollTop - view.top) < 1) return;
    const left = list.scrollHeight - list.clientHeight - list.scrollTop;
    const isUp = list.scrollTop < view.top;
    const isAtEnd = left < (isUp ? atEnd : nearEnd) || (view.anchor === "end" && !isUp);
    view.anchor = isAtEnd ? "end" : rows.anchorAt(list.scrollTop, unsteady);
    view.top = list.scrollTop;
    const { from, to } = rows.spanOf(view.top - leastMargin, view.top + list.clientHeight + leastMargin);
    if (from < view.drawn.from || to > view.drawn.to) redraw(undefined);
  };
  const goToEnd = () => {
    view.anchor = "end";
    redraw(undefined);
  };
  /** Brings a row to the middle of the view. Does nothing when there is none. */
  const goTo = (key: string) => {
    view.anchor = rows.anchorInMiddle(key, box.current?.clientHeight ?? 0) ?? view.anchor;
    redraw(undefined);
  };
  return {
    drawn: drawnRows(rows, view.drawn, focusedRow(box.current)),
    height: rows.height,
    topOf: (index: number) => rows.top(index),
    isAtEnd: () => view.anchor === "end",
    follow,
    goTo,
    goToEnd,
  };
};

/** What has the focus stays, however far away it was scrolled: else the focus would be lost. */
const drawnRows = (rows: Rows, { from, to }: Span, focused: string | undefined): number[] => {
  const indexes = Array.from({ length: to - from }, (_, index) => from + index);
  const kept = focused === undefined ? undefined : rows.indexOf(focused);
  if (kept === undefined || (kept >= from && kept < to)) return indexes;
  return kept < from ? [kept, ...indexes] : [...indexes, kept];
};

const focusedRow = (box: HTMLElement | null): string | undefined => {
  const { activeElement } = document;
  if (box === null || activeElement === box || !box.contains(activeElement)) return undefined;
  return activeElement?.closest(`[${keyAttribute}]`)?.getAttribute(keyAttribute) ?? undefined;
};

type Heights = (readonly [key: string, height: number])[];

/** The sizes of a list and its rows: asked for once, and told when they change later (a picture came, the window was resized). */
class Sizes {
  readonly #known = new WeakSet<Element>();
  readonly #observer: ResizeObserver;

  /** `changed` is told the list's width too, if its size is another. */
  constructor(changed: (width: number | undefined, heights: Heights) => void) {
    this.#observer = new ResizeObserver(entries => {
      let width: number | undefined;
      const heights: Heights = [];
      for (const { target, borderBoxSize } of entries) {
        const key = target.getAttribute(keyAttribute);
        if (!target.isConnected) this.#observer.unobserve(target);
        else if (key === null) width = target.clientWidth;
        else heights.push([key, borderBoxSize[0]!.blockSize]);
      }
      changed(width, heights);
    });
  }

  /** The heights of rows that are new in the list. */
  take(list: Element): Heights {
    this.#observe(list);
    return [...list.querySelectorAll(`:scope > [${keyAttribute}]`)]
      .filter(row => this.#observe(row))
      .map(row => [row.getAttribute(keyAttribute)!, row.getBoundingClientRect().height]);
  }

  stop() {
    this.#observer.disconnect();
  }

  #observe(element: Element): boolean {
    if (this.#known.has(element)) return false;
    this.#known.add(element);
    this.#observer.observe(element);
    return true;
  }
}

export { useRows };
