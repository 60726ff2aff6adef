import { usePage } from "@slack-fanout/laptop-cloud/page";
import { useEffect, useState } from "preact/hooks";
import { addUnread, clearUnread, type Unread } from "./unread";

/** Counts what `people` have not seen, while one of them looks at a channel. */
const useUnread = (people: string[], { user, channel }: { user: string; channel: string }): Unread => {
  const { events } = usePage();
  const [unread, setUnread] = useState<Unread>(new Map());
  useEffect(
    () =>
      events.on("occurrence", ({ kind, detail = {} }) => {
        if (kind !== "slack" || detail["change"] !== "posted") return;
        const visibleTo = detail["visibleTo"] === undefined ? {} : { visibleTo: String(detail["visibleTo"]) };
        const post = { channel: String(detail["channel"]), author: String(detail["user"]), ...visibleTo };
        setUnread(before => addUnread(before, post, people, { user, channel }));
      }),
    [events, people, user, channel],
  );
  useEffect(() => setUnread(before => clearUnread(before, { user, channel })), [user, channel]);
  return unread;
};

export { useUnread };
