import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface DrillDownProps {
  /** What the list shows, for the button that leads back: "All invocations". */
  all: string;
  /** The list. `open` shows the details of the entry with this key. */
  list(open: (key: string) => void): ComponentChildren;
  /** The details of an entry. `open` shows those of another one. */
  details(key: string, open: (key: string) => void): ComponentChildren;
}

/** A list, or in its place the details of one entry and a way back, which fits any width. The keyboard's focus follows. */
const DrillDown = ({ all, list, details }: DrillDownProps) => {
  const [selected, setSelected] = useState<string>();
  const left = useRef<string>();
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (selected !== undefined) root.current?.querySelector<HTMLElement>("button.back")?.focus();
    else if (left.current !== undefined) root.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(left.current)}"]`)?.focus();
    left.current = selected;
  }, [selected]);
  return (
    <div ref={root}>
      {selected === undefined ? (
        list(setSelected)
      ) : (
        <>
          <button type="button" class="quiet back" onClick={() => setSelected(undefined)}>
            ← {all}
          </button>
          {details(selected, setSelected)}
        </>
      )}
    </div>
  );
};

interface OpenButtonProps {
  entry: string;
  open(key: string): void;
  children: ComponentChildren;
}

/** The button in the list that shows an entry's details. */
const OpenButton = ({ entry, open, children }: OpenButtonProps) => (
  <button type="button" class="quiet" data-key={entry} onClick={() => open(entry)}>
    {children}
  </button>
);

export { DrillDown, OpenButton };
