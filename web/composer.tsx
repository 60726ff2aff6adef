import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Message, Workspace } from "./cloud";
import { writeMrkdwn } from "./mrkdwn";

interface Props {
  workspace: Workspace;
  user: string;
  thread: Message | undefined;
  onLeaveThread(): void;
  say(text: string): Promise<unknown>;
  fail(error: unknown): void;
}

/** The box to say something: Enter says it, Shift+Enter begins a new line. */
const Composer = ({ workspace, user, thread, onLeaveThread, say, fail }: Props) => {
  const [text, setText] = useState("");
  const [isSaying, setSaying] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const names = useMemo(
    () => ({
      users: new Map(workspace.users.map(({ id, name }) => [name, id])),
      channels: new Map(workspace.channels.filter(({ kind }) => kind === "channel").map(({ id, name }) => [name, id])),
    }),
    [workspace],
  );
  useEffect(() => {
    if (thread !== undefined) box.current?.focus();
  }, [thread]);

  const submit = async () => {
    if (text.trim() === "" || isSaying) return;
    setSaying(true);
    try {
      await say(writeMrkdwn(text, names));
      setText("");
    } catch (error) {
      fail(error);
    } finally {
      setSaying(false);
    }
  };
  const actor = workspace.users.find(({ id }) => id === user);
  const trigger = workspace.webhook?.triggerWords[0];
  return (
    <form
      class="composer"
      onSubmit={event => {
        event.preventDefault();
        void submit();
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
      <label for="say">Say something as {actor?.realName ?? user}</label>
      <div class="row">
        <textarea
          id="say"
          ref={box}
          rows={2}
          value={text}
          placeholder={trigger === undefined ? "A message, or /command" : `${trigger} some words`}
          onInput={event => setText(event.currentTarget.value)}
          onKeyDown={event => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void submit();
          }}
        />
        <button type="submit" disabled={text.trim() === "" || isSaying}>
          Say
        </button>
      </div>
    </form>
  );
};

export { Composer };
