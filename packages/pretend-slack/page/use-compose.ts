import { acceptFiles, usePage } from "@slack-fanout/laptop-cloud/page";
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { SayRequest, ShownMessage } from "../src/protocol";
import { slack } from "./slack";

/** Where a message goes. */
interface Destination {
  user: string;
  channel: string;
  threadTs?: string;
}

/** What is being written below a list of messages: the files to send, and the message that is being edited. */
const useCompose = ({ user, channel, threadTs }: Destination) => {
  const { clearError } = usePage();
  const [files, setFiles] = useState<File[]>([]);
  const [editing, setEditing] = useState<ShownMessage>();
  // Runs before the user can type in the new place.
  useLayoutEffect(() => {
    setFiles([]);
    setEditing(undefined);
  }, [user, channel, threadTs]);
  const fileDrop = useMemo(() => acceptFiles(dropped => setFiles(before => [...before, ...dropped])), []);
  const send = async (content: Pick<SayRequest, "text" | "files">) => {
    if (editing === undefined) await slack.say({ ...content, user, channel, threadTs });
    else await slack.edit({ user, channel, ts: editing.ts, text: content.text });
    setEditing(undefined);
    clearError();
  };
  return { files, setFiles, editing, setEditing, fileDrop, send };
};

export { useCompose };
