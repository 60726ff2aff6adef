import { usePage } from "@slack-fanout/laptop-cloud/page";
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { SayRequest, ShownMessage, Workspace } from "../src/protocol";
import { type Command, findCompletions } from "./completion";
import { readFiles } from "./files";
import { formatMrkdwn } from "./mrkdwn";

interface Props {
  workspace: Workspace;
  user: string;
  thread: ShownMessage | undefined;
  /** The message whose text is being edited. */
  editing: ShownMessage | undefined;
  /** Files to send with the message. */
  files: File[];
  /** Text to start with; each new object replaces what is typed. */
  draft: { text: string } | undefined;
  onFiles(files: File[]): void;
  onLeaveThread(): void;
  onLeaveEdit(): void;
  send(content: Pick<SayRequest, "text" | "files">): Promise<unknown>;
}

/** The message box. Enter sends, Shift+Enter starts a new line, Tab completes a command. */
const Composer = ({ workspace, user, thread, editing, files, draft, onFiles, onLeaveThread, onLeaveEdit, send }: Props) => {
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
  // A layout effect runs before the next key press, so that the key goes into the box.
  useLayoutEffect(() => {
    if (thread !== undefined) box.current?.focus();
  }, [thread]);
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
  useLayoutEffect(() => {
    if (draft !== undefined) begin(draft.text);
  }, [draft]);
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
  const actor = workspace.users.find(({ id }) => id === user);
  const trigger = workspace.triggerWords[0];
  return (
    <form
      class="composer"
      onSubmit={event => {
        event.preventDefault();
        submit();
      }}
    >
      {thread === undefined ? null : (
        <p class="thread">
          Replying in the thread of “{thread.text.slice(0, 60)}”{" "}
          <button type="button" onClick={onLeaveThread}>
            Leave the thread
          </button>
        </p>
      )}
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
      <label for="say">Say something as {actor?.realName ?? user}</label>
      <div class="row">
        {option === undefined ? null : <Completions commands={commands} selected={option.command} onSelect={complete} />}
        <textarea
          id="say"
          ref={box}
          rows={2}
          value={text}
          placeholder={trigger === undefined ? "A message, or /command" : `${trigger} some words`}
          aria-autocomplete="list"
          aria-controls={option === undefined ? undefined : "commands"}
          aria-activedescendant={option === undefined ? undefined : `command-${option.command.slice(1)}`}
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
  commands: Command[];
  /** The one that Tab completes. */
  selected: string;
  onSelect(command: string): void;
}

/** The slash commands that begin with the typed text. */
const Completions = ({ commands, selected, onSelect }: CompletionsProps) => (
  <div class="completions" role="listbox" id="commands" aria-label="Slash commands">
    {commands.map(({ command, description, usageHint }) => (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the text box has the focus and handles the keys.
      // biome-ignore lint/a11y/useFocusableInteractive: see above.
      <div
        key={command}
        id={`command-${command.slice(1)}`}
        role="option"
        aria-selected={command === selected}
        onClick={() => onSelect(command)}
      >
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
