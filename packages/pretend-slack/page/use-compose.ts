import { useFileDrop, usePage } from "@slack-fanout/laptop-cloud/page";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ShownMessage } from "../src/protocol";
import { PENDING, timestampAfter } from "./conversation";
import { readFiles } from "./files";
import { slack } from "./slack";

/** Where a message goes. */
interface Destination {
  user: string;
  channel: string;
  threadTs?: string;
}

interface Content {
  /** In Slack's format. */
  text: string;
  files: File[];
}

interface Pending {
  message: ShownMessage;
  /** Its timestamp, once the pretend Slack has it. */
  ts?: string;
}

/**
 * What is being written below a list of messages: the files to send, the message that is being edited, and the messages that were sent and are not
 * among `loaded` yet.
 */
const useCompose = ({ user, channel, threadTs }: Destination, loaded: ShownMessage[]) => {
  const { clearError } = usePage();
  const [files, setFiles] = useState<File[]>([]);
  const [editing, setEditing] = useState<ShownMessage>();
  const [sent, setSent] = useState<Pending[]>([]);
  // Runs before the user can type in the new place.
  useLayoutEffect(() => {
    setFiles([]);
    setEditing(undefined);
    setSent([]);
  }, [user, channel, threadTs]);
  // What was read back is forgotten, or it would appear again when it is deleted.
  useLayoutEffect(() => {
    setSent(before => (before.some(each => isLoaded(each, loaded)) ? before.filter(each => !isLoaded(each, loaded)) : before));
  }, [sent, loaded]);
  const fileDrop = useFileDrop(dropped => setFiles(before => [...before, ...dropped]));

  const last = loaded.at(-1)?.ts ?? "";
  const pending = useMemo(() => sent.filter(each => !isLoaded(each, loaded)).map(({ message }) => message), [sent, loaded]);

  /** Sends one message after the other, in the order in which they were typed. */
  const count = useRef(0);
  const lastSend = useRef<Promise<unknown>>(Promise.resolve());
  const enqueue = (work: () => Promise<void>): Promise<void> => {
    const done = lastSend.current.then(work);
    lastSend.current = done.catch(() => {});
    return done;
  };
  const say = ({ text, files }: Content): Promise<void> => {
    count.current += 1;
    const ts = `${last === "" ? `${Math.floor(Date.now() / 1000)}.000000` : timestampAfter(last)}${String(count.current).padStart(4, "0")}`;
    const message = buildPending({ text, files }, { ts, user, thread_ts: threadTs });
    setSent(before => [...before.filter(each => !isLoaded(each, loaded)), { message }]);
    const settle = (answered: Pending[]) => setSent(before => before.flatMap(each => (each.message === message ? answered : [each])));
    return enqueue(async () => {
      try {
        const read = files.length === 0 ? {} : { files: await readFiles(files) };
        const { ts } = await slack.say({ text, ...read, user, channel, threadTs });
        settle([{ message, ts }]);
      } catch (error) {
        settle([]);
        throw error;
      }
    });
  };
  const edit = ({ ts }: ShownMessage, text: string): Promise<void> =>
    enqueue(async () => {
      await slack.edit({ user, channel, ts, text });
      setEditing(undefined);
    });
  const send = async (content: Content) => {
    await (editing === undefined ? say(content) : edit(editing, content.text));
    clearError();
  };
  return { files, setFiles, editing, setEditing, fileDrop, pending, send };
};

/** Whether a sent message was read back. That may happen before the answer to its request. */
const isLoaded = ({ message, ts }: Pending, loaded: ShownMessage[]): boolean =>
  ts === undefined
    ? loaded.some(each => each.ts > message.ts && each.user === message.user && each.text === message.text)
    : (loaded.at(-1)?.ts ?? "") >= ts;

/** Its timestamp has more digits than Slack's, so that no message has the same. */
const buildPending = ({ text, files }: Content, place: { ts: string; user: string; thread_ts: string | undefined }): ShownMessage => ({
  ...place,
  subtype: PENDING,
  text: [text, ...files.map(({ name }) => name)].filter(part => part !== "").join("\n"),
  ephemeral: false,
  deliveries: [],
  trace: "",
});

export type { Content };
export { useCompose };
