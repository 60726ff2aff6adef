import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useRef } from "preact/hooks";
import { type Anchor, Rows, type Span } from "./rows";

/** Rows within this distance from the view are rendered, so that scrolling finds them in place. */
const RENDERED_MARGIN_PX = 1500;

/** More rows are rendered when the rendered margin is smaller than this. */
const MIN_MARGIN_PX = 600;

/** A view that scrolls down to within this distance of the end stays at the end. */
const NEAR_END_PX = 80;

/** A view that scrolls up by less than this stays at the end, because browsers round. */
const AT_END_PX = 2;

/** Holds the key of a rendered row. */
const KEY_ATTRIBUTE = "data-row";

/** The visible part of the list. */
interface View {
  anchor: Anchor;
  /** Since the list was last rendered or scrolled. */
  top: number;
  width: number;
  rendered: Span;
}

/**
 * Decides which rows of a long list to render, and where. The visible rows stay in place while rows before them come, go or change height.
 *
 * The children of `box` with `data-row` are the rows, positioned by `top`. `transient` are the keys of rows that come and go.
 */
const useRows = (box: RefObject<HTMLElement>, keys: readonly string[], transient: ReadonlySet<string>) => {
  const [, rerender] = useReducer((count: number) => count + 1, 0);
  const { rows, view } = useRef({
    rows: new Rows(),
    view: { anchor: "end", top: 0, width: 0, rendered: { from: 0, to: 0 } } satisfies View as View,
  }).current;
  const sizes = useRef<Sizes>();
  rows.set(keys);
  const viewHeight = box.current?.clientHeight ?? 0;
  const top = rows.topOf(view.anchor, viewHeight) ?? view.top;
  view.rendered = rows.spanOf(top - RENDERED_MARGIN_PX, top + viewHeight + RENDERED_MARGIN_PX);

  useLayoutEffect(() => {
    const list = box.current;
    if (list === null) return;
    sizes.current ??= new Sizes((width, heights) => {
      const isWider = view.width !== 0 && width !== undefined && width !== view.width;
      view.width = width ?? view.width;
      if (isWider) rows.forget();
      if (rows.measure(heights) || isWider || width !== undefined) rerender(undefined);
    });
    // Measures before the browser paints, so that assumed heights are never seen.
    if (rows.measure(sizes.current.measureNew(list))) return rerender(undefined);
    const target = view.anchor === "end" ? list.scrollHeight - list.clientHeight : rows.topOf(view.anchor, list.clientHeight);
    if (target !== undefined && Math.abs(target - list.scrollTop) >= 1) list.scrollTop = target;
    view.top = list.scrollTop;
  });
  useLayoutEffect(() => () => sizes.current?.stop(), []);

  /** Call this when the box was scrolled. */
  const follow = () => {
    const list = box.current;
    if (list === null || Math.abs(list.scrollTop - view.top) < 1) return;
    const left = list.scrollHeight - list.clientHeight - list.scrollTop;
    const isUp = list.scrollTop < view.top;
    const isAtEnd = left < (isUp ? AT_END_PX : NEAR_END_PX) || (view.anchor === "end" && !isUp);
    view.anchor = isAtEnd ? "end" : rows.anchorAt(list.scrollTop, transient);
    view.top = list.scrollTop;
    const { from, to } = rows.spanOf(view.top - MIN_MARGIN_PX, view.top + list.clientHeight + MIN_MARGIN_PX);
    if (from < view.rendered.from || to > view.rendered.to) rerender(undefined);
  };
  const goToEnd = () => {
    view.anchor = "end";
    rerender(undefined);
  };
  /** Scrolls a row to the middle of the view, if it exists. */
  const goTo = (key: string) => {
    view.anchor = rows.anchorInMiddle(key, box.current?.clientHeight ?? 0) ?? view.anchor;
    rerender(undefined);
  };
  return {
    rendered: renderedRows(rows, view.rendered, focusedRow(box.current)),
    height: rows.height,
    topOf: (index: number) => rows.top(index),
    isAtEnd: () => view.anchor === "end",
    follow,
    goTo,
    goToEnd,
  };
};

/** The rows of the span, and the row with the focus, which would lose the focus if it were removed. */
const renderedRows = (rows: Rows, { from, to }: Span, focused: string | undefined): number[] => {
  const indexes = Array.from({ length: to - from }, (_, index) => from + index);
  const kept = focused === undefined ? undefined : rows.indexOf(focused);
  if (kept === undefined || (kept >= from && kept < to)) return indexes;
  return kept < from ? [kept, ...indexes] : [...indexes, kept];
};

const focusedRow = (box: HTMLElement | null): string | undefined => {
  const { activeElement } = document;
  if (box === null || activeElement === box || !box.contains(activeElement)) return undefined;
  return activeElement?.closest(`[${KEY_ATTRIBUTE}]`)?.getAttribute(KEY_ATTRIBUTE) ?? undefined;
};

type Heights = (readonly [key: string, height: number])[];

/** Measures a list and its rows once, and observes later changes, such as a loaded image or a resized window. */
class Sizes {
  readonly #known = new WeakSet<Element>();
  readonly #observer: ResizeObserver;

  /** `width` is undefined unless the size of the list has changed. */
  constructor(onChange: (width: number | undefined, heights: Heights) => void) {
    this.#observer = new ResizeObserver(entries => {
      let width: number | undefined;
      const heights: Heights = [];
      for (const { target, borderBoxSize } of entries) {
        const key = target.getAttribute(KEY_ATTRIBUTE);
        if (!target.isConnected) this.#observer.unobserve(target);
        else if (key === null) width = target.clientWidth;
        else heights.push([key, borderBoxSize[0]!.blockSize]);
      }
      onChange(width, heights);
    });
  }

  /** Measures the rows that are new in the list. */
  measureNew(list: Element): Heights {
    this.#observe(list);
    return [...list.querySelectorAll(`:scope > [${KEY_ATTRIBUTE}]`)]
      .filter(row => this.#observe(row))
      .map(row => [row.getAttribute(KEY_ATTRIBUTE)!, row.getBoundingClientRect().height]);
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
