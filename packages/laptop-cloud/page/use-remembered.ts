import { useCallback, useState } from "preact/hooks";

/** A number that the browser keeps for this page, under `name`. */
const useRemembered = (name: string, initial: number): [value: number, remember: (value: number) => void] => {
  const [value, setValue] = useState(() => read(name) ?? initial);
  const remember = useCallback(
    (changed: number) => {
      setValue(changed);
      try {
        localStorage.setItem(name, String(changed));
      } catch {
        // A browser that stores nothing forgets the value with the page.
      }
    },
    [name],
  );
  return [value, remember];
};

const read = (name: string): number | undefined => {
  try {
    const stored = localStorage.getItem(name);
    return stored === null || !Number.isFinite(Number(stored)) ? undefined : Number(stored);
  } catch {
    return undefined;
  }
};

export { useRemembered };
