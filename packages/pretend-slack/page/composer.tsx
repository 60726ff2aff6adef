import { usePage } from "@slack-fanout/laptop-cloud/page";
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ShownMessage, Workspace } from "../src/protocol";
import { type Completion, findCompletions, type Sources } from "./completion";
import { EMOJI_NAMES } from "./emoji";
import { EmojiPicker } from "./emoji-picker";
import { characterOf } from "./glyphs";
import { Icon } from "./icon";
import { formatMrkdwn, toTypedText } from "./mrkdwn";
import type { Content } from "./use-compose";

interface Props {
  /** Id of the text box. */
  id: string;
  label: string;
  /** Shown while there is no text. */
  hint: string;
  workspace: Workspace;
  /** The message whose text is being edited. */
  editing: ShownMessage | undefined;
  /** Files to send with the message. */
  files: File[];
  /** Text to start with; each new object replaces what is typed. */
  draft: { text: string } | undefined;
  onFiles(files: File[]): void;
  onLeaveEdit(): void;
  send(content: Content): Promise<void>;
}

/** The message box. Enter sends, Shift+Enter starts a new line, Tab completes a command, a name or an emoji. */
const Composer = ({ id, label, hint, workspace, editing, files, draft, onFiles, onLeaveEdit, send }: Props) => {
  const { reportError } = usePage();
  const [{ text, caret }, setTyped] = useState({ text: "", caret: 0 });
  /** The option that the arrow keys chose. */
  const [chosen, setChosen] = useState<number>();
  const [isClosed, setClosed] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const sources = useMemo<Sources>(
    () => ({
      commands: workspace.app?.commands ?? [],
      users: workspace.users,
      channels: workspace.channels.filter(({ kind }) => kind !== "im").map(({ name }) => name),
      emoji: EMOJI_NAMES,
    }),
    [workspace],
  );
  const names = useMemo(
    () => ({
      users: new Map(workspace.users.map(({ id, name }) => [name, id])),
      channels: new Map(workspace.channels.filter(({ kind }) => kind !== "im").map(({ id, name }) => [name, id])),
    }),
    [workspace],
  );
  const { from, completions } = isClosed ? NO_COMPLETIONS : findCompletions(text.slice(0, caret), sources);
  const option = completions[Math.min(chosen ?? 0, completions.length - 1)];

  const write = (written: string, at = written.length) => {
    setTyped({ text: written, caret: at });
    setChosen(undefined);
    setClosed(false);
  };
  const begin = (written: string) => {
    write(written);
    box.current?.focus();
  };
  const moved = useRef(false);
  /** Replaces what stands between a place and the caret. */
  const insert = (inserted: string, at: number) => {
    const before = `${text.slice(0, at)}${inserted} `;
    moved.current = true;
    write(before + text.slice(caret), before.length);
  };
  const complete = (completion: Completion) => insert(completion.text, from);
  // A changed text moves the caret to its end.
  useLayoutEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    box.current?.focus();
    box.current?.setSelectionRange(caret, caret);
  });
  // Layout effects run before the next key press, so that the key goes into the box.
  useLayoutEffect(() => {
    if (draft !== undefined) begin(draft.text);
  }, [draft]);
  useLayoutEffect(() => {
    if (editing !== undefined)
      begin(toTypedText(editing.text, id => [...workspace.users, ...workspace.channels].find(each => each.id === id)?.name));
  }, [editing]);
  /** Empties the box at once. The text comes back if it can't be sent. */
  const submit = () => {
    if (text.trim() === "" && files.length === 0) return;
    write("");
    onFiles([]);
    send({ text: formatMrkdwn(text, names), files }).catch(error => {
      setTyped(typed => (typed.text === "" ? { text, caret: text.length } : typed));
      onFiles(files);
      reportError(error);
    });
  };
  const onKeyDown = (event: JSX.TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isEnter = event.key === "Enter" && !event.shiftKey && !event.isComposing;
    if (option !== undefined && step !== undefined)
      setChosen(
        chosen === undefined && step === 1
          ? Math.min(1, completions.length - 1)
          : ((chosen ?? 0) + step + completions.length) % completions.length,
      );
    else if (option !== undefined && ((event.key === "Tab" && !event.shiftKey) || (isEnter && chosen !== undefined))) complete(option);
    else if (option !== undefined && event.key === "Escape") setClosed(true);
    else if (isEnter) submit();
    else {
      // What was typed before the caret is no longer what the options complete.
      if (event.key === "ArrowLeft" || event.key === "ArrowRight") setClosed(true);
      return;
    }
    event.preventDefault();
  };
  return (
    <form
      class="composer"
      onSubmit={event => {
        event.preventDefault();
        submit();
      }}
    >
      {editing === undefined ? null : (
        <p class="thread">
          Editing “{editing.text.slice(0, 60)}”{" "}
          <button
            type="button"
            onClick={() => {
              write("");
              onLeaveEdit();
            }}
          >
            Cancel
          </button>
        </p>
      )}
      <label for={id} class="hidden">
        {label}
      </label>
      <div class="box">
        {option === undefined ? null : <Completions {...{ id, completions }} selected={option} onSelect={complete} />}
        <textarea
          id={id}
          ref={box}
          rows={1}
          value={text}
          placeholder={hint}
          aria-autocomplete="list"
          aria-controls={option === undefined ? undefined : `${id}-options`}
          aria-activedescendant={option === undefined ? undefined : `${id}-option-${completions.indexOf(option)}`}
          onInput={({ currentTarget: { value, selectionStart } }) => write(value, selectionStart)}
          onBlur={({ currentTarget: { selectionStart } }) => setTyped(typed => ({ ...typed, caret: selectionStart }))}
          onKeyDown={onKeyDown}
        />
        {files.length === 0 ? null : <Attached files={files} onFiles={onFiles} />}
        <div class="box-bar">
          <FileButton onAdded={added => onFiles([...files, ...added])} />
          <EmojiPicker onPick={emoji => insert(emoji, caret)} />
          <span class="keys">Enter sends, Shift+Enter starts a new line</span>
          <button type="submit" disabled={text.trim() === "" && files.length === 0}>
            {editing === undefined ? "Say" : "Save"} <Icon name="send" />
          </button>
        </div>
      </div>
    </form>
  );
};

const NO_COMPLETIONS = { from: 0, completions: [] as Completion[] };

interface AttachedProps {
  files: File[];
  onFiles(files: File[]): void;
}

/** Files to send with the message, each with a button that removes it. */
const Attached = ({ files, onFiles }: AttachedProps) => (
  <ul class="attached" aria-label="Files to be sent">
    {files.map(file => (
      <li key={file.name}>
        {file.name}
        <button
          type="button"
          class="quiet"
          aria-label={`Leave ${file.name} out`}
          onClick={() => onFiles(files.filter(each => each !== file))}
        >
          ×
        </button>
      </li>
    ))}
  </ul>
);

interface CompletionsProps {
  /** Id of the text box. */
  id: string;
  completions: Completion[];
  /** The one that Tab completes. */
  selected: Completion;
  onSelect(completion: Completion): void;
}

/** What the typed text may become. */
const Completions = ({ id, completions, selected, onSelect }: CompletionsProps) => (
  <div class="completions" role="listbox" id={`${id}-options`} aria-label="Completions">
    {completions.map((completion, index) => (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the text box has the focus and handles the keys.
      // biome-ignore lint/a11y/useFocusableInteractive: see above.
      <div
        key={completion.text}
        id={`${id}-option-${index}`}
        role="option"
        aria-selected={completion === selected}
        onClick={() => onSelect(completion)}
      >
        <b>{completion.text}</b>{" "}
        <span class="empty">{completion.text.startsWith(":") ? characterOf(completion.text) : completion.detail}</span>
      </div>
    ))}
  </div>
);

/** The button that adds files. Clearing its value allows the same file to be added again. */
const FileButton = ({ onAdded }: { onAdded(files: File[]): void }) => (
  <label class="button files">
    <Icon name="attach" /> Files
    <input
      type="file"
      class="hidden"
      multiple
      onChange={event => {
        onAdded([...(event.currentTarget.files ?? [])]);
        event.currentTarget.value = "";
      }}
    />
  </label>
);

export { Composer };
