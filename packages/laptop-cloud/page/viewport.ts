/** The part of the diagram that is visible: dragging and the wheel, two fingers, or keys move and enlarge it. */
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { fitInto, type Size, type View } from "./fit";
import type { Box, Point } from "./layout";

interface Viewport {
  view: View;
  canvas: Size;
  /** Shows the whole drawing, however small. At first, only as much of it is shown as is readable. */
  fit(): void;
  /** Enlarges around the centre of the canvas. */
  zoomBy(factor: number): void;
  /** Moves a point of the drawing into the centre. */
  centre(point: Point): void;
  /** Shows a part of the drawing, in the centre and with room around it. */
  show(part: Box): void;
  /** Moves a point of the drawing into sight, if it is not. */
  reveal(point: Point): void;
}

/** At this scale, the diagram's text of 13 units is 12 pixels high. */
const READABLE_SCALE = 12 / 13;
const MIN_SCALE = 0.2;
const MAX_SCALE = 4;

/** A pointer that moves less than this between press and release clicks; otherwise it drags. In pixels. */
const CLICK_PX = 4;

/** How far a node's centre stays from the edge when it is revealed, pixels. */
const MARGIN_PX = 100;

/** `start` is the part of the drawing that is shown first if the whole drawing would be too small to read. Default: the left side. */
const useViewport = (canvas: RefObject<Element>, drawing: Size, start?: Box): Viewport => {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const [view, setView] = useState<View>({ x: 0, y: 0, scale: 1 });
  /** The smallest scale to fit the drawing into the canvas, whenever one of them changes size. Undefined once somebody moved the drawing. */
  const smallest = useRef<number | undefined>(READABLE_SCALE);
  const change = (build: (before: View) => View) => {
    smallest.current = undefined;
    setView(build);
  };
  const fit = () => {
    smallest.current = MIN_SCALE;
    setView(fitInto(size, drawing, MIN_SCALE));
  };

  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setSize({ width: entry!.contentRect.width, height: entry!.contentRect.height }));
    observer.observe(canvas.current!);
    return () => observer.disconnect();
  }, [canvas]);
  useLayoutEffect(() => {
    if (smallest.current !== undefined) setView(fitInto(size, drawing, smallest.current, start));
  }, [size, drawing]);
  useEffect(() => listenForGestures(canvas.current!, change), [canvas]);

  const centreOf = { x: size.width / 2, y: size.height / 2 };
  const centreAt = ({ x, y }: Point, { scale }: View): View => ({ scale, x: centreOf.x - x * scale, y: centreOf.y - y * scale });
  const isVisible = (point: Point, view: View): boolean => {
    const [x, y] = [view.x + point.x * view.scale, view.y + point.y * view.scale];
    return x > MARGIN_PX && x < size.width - MARGIN_PX && y > MARGIN_PX / 2 && y < size.height - MARGIN_PX / 2;
  };
  return {
    view,
    canvas: size,
    fit,
    zoomBy: factor => change(before => zoom(before, factor, centreOf)),
    centre: point => change(before => centreAt(point, before)),
    show: ({ x, y, width, height }) => {
      const scale = Math.min(1, Math.max(MIN_SCALE, Math.min(size.width / (width + MARGIN_PX), size.height / (height + MARGIN_PX))));
      change(() => centreAt({ x: x + width / 2, y: y + height / 2 }, { x: 0, y: 0, scale }));
    },
    reveal: point => {
      // The whole drawing is visible.
      if (smallest.current === MIN_SCALE) return;
      // A new size of the drawing may just have changed the view.
      setView(before => {
        if (isVisible(point, before)) return before;
        smallest.current = undefined;
        return centreAt(point, before);
      });
    },
  };
};

/** Keeps the point of the drawing that is at `at` in the canvas. */
const zoom = (before: View, factor: number, at: Point): View => {
  const scale = Math.min(MAX_SCALE, Math.max(MIN_SCALE, before.scale * factor));
  const ratio = scale / before.scale;
  return { scale, x: at.x - (at.x - before.x) * ratio, y: at.y - (at.y - before.y) * ratio };
};

/** Returns a function that ends listening. */
const listenForGestures = (canvas: Element, change: (build: (before: View) => View) => void): (() => void) => {
  const ending = new AbortController();
  /** The pressed pointers, in pixels of the canvas. */
  const pointers = new Map<number, Point>();
  let pressedAt: Point | undefined;
  let isDragged = false;
  const placeOf = ({ clientX, clientY }: MouseEvent): Point => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  const on = <Name extends keyof HTMLElementEventMap>(name: Name, listener: (event: HTMLElementEventMap[Name]) => void, capture = false) =>
    canvas.addEventListener(name, listener as EventListener, { signal: ending.signal, passive: false, capture });

  on("wheel", event => {
    event.preventDefault();
    // Pixels of a wheel's notch differ; browsers report pinching on a touchpad as small steps with the Control key.
    const speed = event.ctrlKey ? 0.01 : 0.002;
    const at = placeOf(event);
    change(before => zoom(before, Math.exp(-event.deltaY * speed), at));
  });
  on("pointerdown", event => {
    if (event.button !== 0) return;
    pointers.set(event.pointerId, placeOf(event));
    pressedAt = placeOf(event);
    isDragged = false;
  });
  on("pointermove", event => {
    const before = pointers.get(event.pointerId);
    if (before === undefined) return;
    const now = placeOf(event);
    if (!isDragged && distance(now, pressedAt!) < CLICK_PX) return;
    if (!isDragged) canvas.setPointerCapture(event.pointerId);
    isDragged = true;
    pointers.set(event.pointerId, now);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) change(view => ({ ...view, x: view.x + now.x - before.x, y: view.y + now.y - before.y }));
    else change(view => zoom(view, distance(now, other) / Math.max(1, distance(before, other)), middleOf(now, other)));
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"] as const) on(name, event => pointers.delete(event.pointerId));
  // The end of a drag over a node does not select it.
  on("click", event => isDragged && event.stopPropagation(), true);
  return () => ending.abort();
};

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);
const middleOf = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

export type { Viewport };
export { useViewport };
