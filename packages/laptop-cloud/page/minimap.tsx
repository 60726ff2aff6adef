import { useMemo } from "preact/hooks";
import { type Layout, NODE_SIZE, type Point } from "./layout";
import type { Viewport } from "./viewport";

/** Size of the map, pixels. */
const WIDTH = 150;
const HEIGHT = 84;

/** Where the visible part lies in the whole drawing. A press on the map moves there. Hidden while everything is visible. */
const Minimap = ({ layout, viewport }: { layout: Layout; viewport: Viewport }) => {
  const { view, canvas, centre } = viewport;
  // Only the visible part changes while the diagram moves.
  const drawing = useMemo(
    () => (
      <>
        {[...layout.frames].map(([id, frame]) => (
          <rect key={id} class="frame" {...frame} />
        ))}
        {[...layout.nodes].map(([id, { x, y }]: [string, Point]) => (
          <rect key={id} class="spot" x={x - NODE_SIZE.width / 2} y={y - NODE_SIZE.height / 2} {...NODE_SIZE} />
        ))}
      </>
    ),
    [layout],
  );
  const seen = { x: -view.x / view.scale, y: -view.y / view.scale, width: canvas.width / view.scale, height: canvas.height / view.scale };
  const isWhole = seen.x <= 1 && seen.y <= 1 && seen.x + seen.width >= layout.width - 1 && seen.y + seen.height >= layout.height - 1;
  if (isWhole || canvas.width === 0) return null;
  const follow = (event: PointerEvent) => {
    if (event.type === "pointermove" && event.buttons === 0) return;
    const map = event.currentTarget as SVGSVGElement;
    map.setPointerCapture(event.pointerId);
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM()!.inverse());
    centre(at);
  };
  return (
    // The keys and buttons of the diagram do the same.
    <svg
      class="minimap"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      aria-hidden="true"
      onPointerDown={follow}
      onPointerMove={follow}
    >
      {drawing}
      <rect class="seen" {...seen} />
    </svg>
  );
};

export { Minimap };
