interface Props {
  label: string;
  /** The direction of the line: a vertical one stands between columns. */
  orientation: "vertical" | "horizontal";
  /** Where it stands in the nearest positioned element, in percent. */
  value: number;
  onChange(value: number): void;
}

/** Percent. What is next to a splitter may need more room; the style sheet sees to that. */
const MIN = 15;
const MAX = 85;
const STEP = 2;

/** A line that is dragged, or moved with the arrow keys, to divide the room around it. */
const Splitter = ({ label, orientation, value, onChange }: Props) => {
  const move = (to: number) => onChange(Math.round(Math.min(MAX, Math.max(MIN, to)) * 10) / 10);
  const onKeyDown = (event: KeyboardEvent) => {
    const keys = orientation === "vertical" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    const to = { [keys[0]!]: value - STEP, [keys[1]!]: value + STEP, Home: MIN, End: MAX }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(to);
  };
  const onDrag = ({ currentTarget, clientX, clientY, pointerId }: PointerEvent & { currentTarget: HTMLElement }) => {
    if (!currentTarget.hasPointerCapture(pointerId)) return;
    const { left, top, width, height } = currentTarget.offsetParent!.getBoundingClientRect();
    move(100 * (orientation === "vertical" ? (clientX - left) / width : (clientY - top) / height));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> can't be moved.
    <div
      class={`splitter ${orientation}`}
      role="separator"
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={Math.round(value)}
      aria-valuemin={MIN}
      aria-valuemax={MAX}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId);
        // Otherwise the drag would select text.
        event.preventDefault();
        event.currentTarget.focus();
      }}
      onPointerMove={onDrag}
    />
  );
};

export { Splitter };
