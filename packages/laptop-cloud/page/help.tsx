import { useEffect, useRef } from "preact/hooks";
import "./help.css";

/** Keys and what they do. */
interface KeyHint {
  keys: string;
  does: string;
}

/** Keys of one part of the page. */
interface KeyHints {
  where: string;
  hints: KeyHint[];
}

const FRAME_KEYS: KeyHints[] = [
  {
    where: "Everywhere",
    hints: [
      { keys: "?", does: "shows these keys" },
      { keys: "/", does: "finds a resource in the diagram" },
      { keys: "← →", does: "move between tabs" },
      { keys: "↑ ↓ ← →", does: "move the line between two parts, where it has the focus" },
      { keys: "Esc", does: "closes what is open" },
    ],
  },
  {
    where: "In the diagram",
    hints: [
      { keys: "↑ ↓ ← →", does: "move between resources" },
      { keys: "Enter", does: "selects a resource, or opens a group" },
      { keys: "Esc", does: "selects nothing" },
    ],
  },
];

interface Props {
  /** Keys of the program's own parts. */
  hints: KeyHints[];
  /** Shows the first minute again; undefined while it is shown, and where there is none. */
  onTour: (() => void) | undefined;
}

/** A button, also on the key `?`, that shows the list of keys. */
const Help = ({ hints, onTour }: Props) => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "?") dialog.current?.showModal();
      else if (event.key === "/") document.querySelector<HTMLElement>(".find input")?.focus();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  const close = () => dialog.current?.close();
  return (
    <>
      <button type="button" class="help" aria-label="Keys" title="Keys (?)" onClick={() => dialog.current?.showModal()}>
        ?
      </button>
      <dialog ref={dialog} class="keys-list" aria-labelledby="keys-title">
        <h2 id="keys-title">Keys</h2>
        {[...FRAME_KEYS, ...hints].map(({ where, hints: keys }) => (
          <section key={where}>
            <h3>{where}</h3>
            <dl>
              {keys.map(({ keys: key, does }) => (
                <div key={does}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <p class="row">
          {onTour === undefined ? null : (
            <button
              type="button"
              onClick={() => {
                close();
                onTour();
              }}
            >
              Show the first minute again
            </button>
          )}
          <button type="button" onClick={close}>
            Close
          </button>
        </p>
      </dialog>
    </>
  );
};

const isTyping = ({ target }: KeyboardEvent) => target instanceof Element && target.closest("input, textarea, select, dialog") !== null;

export type { KeyHints };
export { Help };
