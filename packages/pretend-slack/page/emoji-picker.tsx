import { useEffect, useId, useRef, useState } from "preact/hooks";
import { EMOJI_NAMES } from "./emoji";
import { characterOf } from "./glyphs";
import { Icon } from "./icon";

interface Props {
  /** Takes `:name:`. */
  onPick(emoji: string): void;
}

/** A button that shows the emoji. The arrow keys move among them; Esc closes them. */
const EmojiPicker = ({ onPick }: Props) => {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const picker = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  useEffect(() => {
    if (!isOpen) return;
    picker.current?.querySelector<HTMLElement>(".emoji-list button")?.focus();
    const onPress = ({ target }: PointerEvent) => {
      if (!picker.current?.contains(target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", onPress);
    return () => removeEventListener("pointerdown", onPress);
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (isOpen && event.key === "Escape") close();
    else if (isOpen && step !== undefined) {
      const buttons = [...picker.current!.querySelectorAll<HTMLElement>(".emoji-list button")];
      const at = buttons.indexOf(document.activeElement as HTMLElement);
      buttons[(at + step + buttons.length) % buttons.length]?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons inside have the focus.
    <div class="emoji-picker" ref={picker} onKeyDown={onKeyDown}>
      <button
        ref={opener}
        type="button"
        class="emoji-opener"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-label="Emoji"
        title="Emoji"
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="react" />
      </button>
      {isOpen ? (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would be read as part of the form.
        <div class="emoji-list" role="group" id={id} aria-label="Emoji">
          {EMOJI_NAMES.map(name => (
            <button
              type="button"
              key={name}
              aria-label={name}
              title={`:${name}:`}
              onClick={() => {
                setOpen(false);
                onPick(`:${name}:`);
              }}
            >
              {characterOf(`:${name}:`) || name}
            </button>
          ))}
        </div>
      ) : null}
    </div>
  );
};

/** Buttons to move by, in the order in which they are read. */
const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export { EmojiPicker };
