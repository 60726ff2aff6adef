/** Which part of a drawing a canvas shows before somebody moves it. */
import type { Box, Point } from "./layout";

interface Size {
  width: number;
  height: number;
}

/** Where the drawing's origin is in the canvas, pixels, and how large a unit of the drawing is. */
interface View extends Point {
  scale: number;
}

/** A small program is enlarged no further. */
const FITTED_SCALE = 1.25;
/** Room to the left of the part that is shown first, in units of the drawing: enough for one node with an edge to that part. */
const ROOM_BEFORE = 200;

/** Centres the whole drawing. If that needs a smaller scale than `smallest`, shows the part that contains `start` instead. */
const fitInto = (canvas: Size, drawing: Size, smallest: number, start?: Box): View => {
  const whole = Math.min(canvas.width / drawing.width, canvas.height / drawing.height);
  const scale = Math.min(FITTED_SCALE, Math.max(smallest, whole));
  const { x, y, width, height } = start ?? { x: 0, y: 0, width: 0, height: drawing.height };
  const before = Math.min(ROOM_BEFORE, Math.max(0, canvas.width / scale - width));
  return {
    scale,
    x: placeInto(canvas.width, drawing.width * scale, (x - before) * scale),
    y: placeInto(canvas.height, drawing.height * scale, (y + height / 2) * scale - canvas.height / 2),
  };
};

/** Centres a drawing that fits. Otherwise moves its part at `from` to the beginning of the canvas, as far as no empty room is left at the end. */
const placeInto = (canvas: number, drawing: number, from: number): number =>
  drawing <= canvas ? (canvas - drawing) / 2 : Math.min(0, Math.max(canvas - drawing, -from));

export type { Size, View };
export { fitInto };
