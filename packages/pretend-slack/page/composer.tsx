import { usePage } from "@slack-fanout/laptop-cloud/page";
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { SayRequest, ShownMessage, Workspace } from "../src/protocol";
import { type Command, findCompletions } from "./completion";
import { readFiles } from "./files";
import { formatMrkdwn, toTypedText } from "./mrkdwn";

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
  send(content: Pick<SayRequest, "text" | "files">): Promise<unknown>;
}

/** The message box. Enter sends, Shift+Enter starts a new line, Tab completes a command. */
const Composer = ({ id, label, hint, workspace, editing, files, draft, onFiles, onLeaveEdit, send }: Props) => {
  const { reportError } = usePage();
  const [text, setText] = useState("");
  const [selected, setSelected] = useState(0);
  const [isClosed, setClosed] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const lastSend = useRef(Promise.resolve());
  const names = useMemo(
    () => ({
      users: new Map(workspace.users.map(({ id, name }) => [name, id])),
      channels: new Map(workspace.channels.filter(({ kind }) => kind !== "im").map(({ id, name }) => [name, id])),
    }),
    [workspace],
  );
  const commands = isClosed ? [] : findCompletions(text, workspace.app?.commands ?? []);
  const option = commands[Math.min(selected, commands.length - 1)];

  const write = (written: string) => {
    setText(written);
    setSelected(0);
    setClosed(false);
  };
  const begin = (written: string) => {
    write(written);
    box.current?.focus();
  };
  const complete = (command: string) => begin(`${command} `);
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
    const sendContent = async () => {
      try {
        await send({ text: formatMrkdwn(text, names), ...(files.length === 0 ? {} : { files: await readFiles(files) }) });
      } catch (error) {
        setText(typed => (typed === "" ? text : typed));
        onFiles(files);
        reportError(error);
      }
    };
    // Sends messages one after the other, in the order in which they were typed.
    lastSend.current = lastSend.current.then(sendContent);
  };
  const onKeyDown = (event: JSX.TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (option !== undefined && step !== undefined) setSelected((selected + step + commands.length) % commands.length);
    else if (option !== undefined && event.key === "Tab" && !event.shiftKey) complete(option.command);
    else if (option !== undefined && event.key === "Escape") setClosed(true);
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit();
    else return;
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
      {files.length === 0 ? null : <Attached files={files} onFiles={onFiles} />}
      <label for={id}>{label}</label>
      <div class="row">
        {option === undefined ? null : <Completions id={id} commands={commands} selected={option.command} onSelect={complete} />}
        <textarea
          id={id}
          ref={box}
          rows={2}
          value={text}
          placeholder={hint}
          aria-autocomplete="list"
          aria-controls={option === undefined ? undefined : `${id}-options`}
          aria-activedescendant={option === undefined ? undefined : `${id}-option-${commands.indexOf(option)}`}
          onInput={event => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <div class="column">
          <button type="submit" disabled={text.trim() === "" && files.length === 0}>
            {editing === undefined ? "Say" : "Save"}
          </button>
          <FileButton onAdded={added => onFiles([...files, ...added])} />
        </div>
      </div>
    </form>
  );
};

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
  commands: Command[];
  /** The one that Tab completes. */
  selected: string;
  onSelect(command: string): void;
}

/** The slash commands that begin with the typed text. */
const Completions = ({ id, commands, selected, onSelect }: CompletionsProps) => (
  <div class="completions" role="listbox" id={`${id}-options`} aria-label="Slash commands">
    {commands.map(({ command, description, usageHint }, index) => (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the text box has the focus and handles the keys.
      // biome-ignore lint/a11y/useFocusableInteractive: see above.
      <div key={command} id={`${id}-option-${index}`} role="option" aria-selected={command === selected} onClick={() => onSelect(command)}>
        <b>{command}</b> {usageHint} <span class="empty">{description}</span>
      </div>
    ))}
  </div>
);

/** The button that adds files. Clearing its value allows the same file to be added again. */
const FileButton = ({ onAdded }: { onAdded(files: File[]): void }) => (
  <label class="button">
    Files
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
