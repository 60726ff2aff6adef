import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Conversation, empty, mergeEarlier, mergeLatest, mergeOne, timestampAfter } from "./conversation";
import type { Hearing } from "./hearing";
import { createRefresh } from "./refresh";
import { slack } from "./slack";

/** How many messages are read at a time. */
const pageSize = 100;

/** A channel's messages as one person sees them, kept up to date. `channel` is undefined before direct messages were ever written. */
const useConversation = (hearing: Hearing, channel: string | undefined, user: string, fail: (error: unknown) => void) => {
  const [conversation, setConversation] = useState<Conversation>(empty);
  const place = `${channel} ${user}`;
  // What the long-lived listeners below look at, as it is now.
  const now = useRef({ channel, user, place, conversation });
  now.current = { channel, user, place, conversation };
  const isLoading = useRef(false);

  const { refresh, refreshOne, loadEarlier } = useMemo(() => {
    /** The person may have gone elsewhere while it was read; that reads again. */
    const take = (asked: string, change: (known: Conversation) => Conversation) => {
      if (asked === now.current.place) setConversation(change);
    };
    const refresh = createRefresh(
      async () => {
        const { channel, user, place: asked } = now.current;
        if (channel === undefined) return;
        const read = await slack.readMessages(channel, user, pageSize);
        take(asked, known => mergeLatest(known, read));
      },
      30,
      fail,
    );
    const refreshOne = async (ts: string) => {
      const { channel, user, place: asked } = now.current;
      if (channel === undefined) return;
      const { messages } = await slack.readMessages(channel, user, 1, timestampAfter(ts));
      take(asked, known =>
        mergeOne(
          known,
          ts,
          messages.find(message => message.ts === ts),
        ),
      );
    };
    const loadEarlier = async () => {
      const { channel, user, place: asked, conversation } = now.current;
      const first = conversation.messages[0];
      if (channel === undefined || first === undefined || isLoading.current) return;
      isLoading.current = true;
      try {
        const read = await slack.readMessages(channel, user, pageSize, first.ts);
        take(asked, known => (known.messages[0]?.ts === first.ts ? mergeEarlier(known, read) : known));
      } finally {
        isLoading.current = false;
      }
    };
    return { refresh, refreshOne, loadEarlier: () => void loadEarlier().catch(fail) };
    // All else is read from `now`.
  }, []);

  // Another place is another conversation.
  useEffect(() => {
    setConversation(empty);
    refresh();
  }, [place, refresh]);

  useEffect(() => {
    const ends = [
      hearing.on("connected", refresh),
      hearing.on("occurrence", ({ kind, detail = {} }) => {
        if (kind !== "slack" || detail["channel"] !== now.current.channel) return;
        const latest = now.current.conversation.messages.at(-pageSize)?.ts ?? "";
        const ts = String(detail["ts"]);
        if (ts < latest) void refreshOne(ts).catch(fail);
        else refresh();
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
    // These never change.
  }, [hearing]);

  return { ...conversation, loadEarlier };
};

export { useConversation };
