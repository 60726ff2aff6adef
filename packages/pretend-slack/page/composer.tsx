import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Command, completions } from "./completion";
import { readFiles } from "./files";
import { writeMrkdwn } from "./mrkdwn";
import type { Message, Saying, Workspace } from "./slack";

interface Props {
  workspace: Workspace;
  user: string;
  thread: Message | undefined;
  /** Files that wait to be said along. */
  files: File[];
  /** What was chosen to be said, each time anew. */
  draft: { text: string } | undefined;
  onFiles(files: File[]): void;
  onLeaveThread(): void;
  say(saying: Pick<Saying, "text" | "files">): Promise<unknown>;
  fail(error: unknown): void;
}

/** The box to say something: Enter says it, Shift+Enter begins a new line, Tab completes a command. */
const Composer = ({ workspace, user, thread, files, draft, onFiles, onLeaveThread, say, fail }: Props) => {
  const [text, setText] = useState("");
  const [picked, setPicked] = useState(0);
  const [isClosed, setClosed] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const underWay = useRef(Promise.resolve());
  const names = useMemo(
    () => ({
      users: new Map(workspace.users.map(({ id, name }) => [name, id])),
      channels: new Map(workspace.channels.filter(({ kind }) => kind !== "im").map(({ id, name }) => [name, id])),
    }),
    [workspace],
  );
  // Before the next key: who chose to reply, or what to say, goes on typing.
  useLayoutEffect(() => {
    if (thread !== undefined) box.current?.focus();
  }, [thread]);
  const commands = isClosed ? [] : completions(text, workspace.app?.commands ?? []);
  const option = commands[Math.min(picked, commands.length - 1)];

  const write = (written: string) => {
    setText(written);
    setPicked(0);
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
  /** The box is empty at once for what comes next; what could not be said comes back. */
  const submit = () => {
    if (text.trim() === "" && files.length === 0) return;
    write("");
    onFiles([]);
    const saying = async () => {
      try {
        await say({ text: writeMrkdwn(text, names), ...(files.length === 0 ? {} : { files: await readFiles(files) }) });
      } catch (error) {
        setText(typed => (typed === "" ? text : typed));
        onFiles(files);
        fail(error);
      }
    };
    // One after the other, in the order in which they were typed.
    underWay.current = underWay.current.then(saying);
  };
  const onKeyDown = (event: JSX.TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (option !== undefined && step !== undefined) setPicked((picked + step + commands.length) % commands.length);
    else if (option !== undefined && event.key === "Tab" && !event.shiftKey) complete(option.command);
    else if (option !== undefined && event.key === "Escape") setClosed(true);
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit();
    else return;
    event.preventDefault();
  };
  const actor = workspace.users.find(({ id }) => id === user);
  const trigger = workspace.webhook?.triggerWords[0];
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
      {files.length === 0 ? null : <Attached files={files} onFiles={onFiles} />}
      <label for="say">Say something as {actor?.realName ?? user}</label>
      <div class="row">
        {option === undefined ? null : <Completions commands={commands} chosen={option.command} onChoose={complete} />}
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
            Say
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

/** Files that wait to be said along, each of which can be left out. */
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
  /** The one that Tab takes. */
  chosen: string;
  onChoose(command: string): void;
}

/** The slash commands that begin with what is typed. */
const Completions = ({ commands, chosen, onChoose }: CompletionsProps) => (
  <div class="completions" role="listbox" id="commands" aria-label="Slash commands">
    {commands.map(({ command, description, usageHint }) => (
      // The text box has the focus and the keys; this is for the mouse.
      // biome-ignore lint/a11y/useKeyWithClickEvents: see above.
      // biome-ignore lint/a11y/useFocusableInteractive: see above.
      <div
        key={command}
        id={`command-${command.slice(1)}`}
        role="option"
        aria-selected={command === chosen}
        onClick={() => onChoose(command)}
      >
        <b>{command}</b> {usageHint} <span class="empty">{description}</span>
      </div>
    ))}
  </div>
);

/** The button that adds files; the same file can be added again once it was left out. */
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
