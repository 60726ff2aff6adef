/** Icons on a field of 20 by 20, drawn as lines. */
const PATHS = {
  trace: "M4 5h5v10h7M9 10h7M13.5 7.5 16 10l-2.5 2.5M13.5 12.5 16 15l-2.5 2.5",
  reply: "M4 4.5h12v8.5H9.5L6 16v-3H4z",
  react: "M10 3a7 7 0 1 1 0 14a7 7 0 0 1 0-14M7 11.5c1.5 2.7 4.5 2.7 6 0M7.6 7.8v.4M12.4 7.8v.4",
  edit: "M4 16l.8-3.2L13 4.6l2.4 2.4L7.2 15.2zM11.5 6.1l2.4 2.4",
  delete: "M4 5.5h12M8 5.5V3.8h4v1.7M5.5 5.5l.8 11h7.4l.8-11M8.5 8.5v5M11.5 8.5v5",
  eye: "M2.5 10C5 5.8 7.5 4.8 10 4.8s5 1 7.5 5.2c-2.5 4.2-5 5.2-7.5 5.2S5 14.2 2.5 10M10 7.7a2.3 2.3 0 1 1 0 4.6a2.3 2.3 0 0 1 0-4.6",
  tick: "M4.5 10.5l3.5 3.5 7.5-8",
  clock: "M10 3.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13M10 6.5v3.5l2.5 1.5",
  pending: "M10 3.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13",
  close: "M5 5l10 10M15 5L5 15",
  attach: "M13.5 7.5l-5 5a1.4 1.4 0 0 0 2 2l5.5-5.5a2.9 2.9 0 0 0-4.1-4.1l-5.8 5.8a4.3 4.3 0 0 0 6.1 6.1l4-4",
  send: "M3.5 4l13 6-13 6 1.8-6zM5.3 10h5.2",
  lock: "M5.5 9.5h9V16h-9zM7.2 9.5V7a2.8 2.8 0 0 1 5.6 0v2.5",
};

/** An icon. The text or the label beside it says what it means. */
const Icon = ({ name }: { name: keyof typeof PATHS }) => (
  <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);

export { Icon };
