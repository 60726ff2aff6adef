import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Hearing } from "../../laptop-cloud/page/hearing";
import { createRefresh } from "../../laptop-cloud/page/refresh";
import { type Conversation, empty, mergeEarlier, mergeLatest, mergeOne, type Range, rangeOf, timestampAfter } from "./conversation";
import { slack } from "./slack";

/** How many messages are read at a time. */
const pageSize = 100;

/** Messages that come together are read together. */
const settleMs = 30;

/** A channel's messages as one person sees them, kept up to date. `channel` is undefined before direct messages were ever written. */
const useConversation = (hearing: Hearing, channel: string | undefined, user: string, fail: (error: unknown) => void) => {
  const place = `${channel} ${user}`;
  const [held, setHeld] = useState({ place, conversation: empty });
  // Another place is another conversation.
  const conversation = held.place === place ? held.conversation : empty;
  // What the long-lived listeners below look at, as it is now.
  const now = useRef({ channel, user, place, conversation });
  now.current = { channel, user, place, conversation };
  const changes = useRef(new Changes()).current;
  const isLoading = useRef(false);

  const { refresh, refreshOne, loadEarlier } = useMemo(() => {
    /** The person may have gone elsewhere while it was read; that reads again. */
    const take = (asked: string, change: (known: Conversation) => Conversation) => {
      if (asked !== now.current.place) return;
      setHeld(before => ({ place: asked, conversation: change(before.place === asked ? before.conversation : empty) }));
    };
    const refresh = createRefresh(
      async () => {
        const { channel, user, place: asked, conversation } = now.current;
        const range = changes.take(conversation);
        if (channel === undefined) return;
        try {
          const read = await slack.readMessages(channel, user, range?.count ?? pageSize, range?.before);
          take(asked, known => mergeLatest(known, read));
        } catch (error) {
          changes.addAll();
          throw error;
        }
      },
      settleMs,
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

  useEffect(() => {
    changes.addAll();
    refresh();
  }, [place, refresh]);

  useEffect(() => {
    const ends = [
      hearing.on("connected", () => {
        changes.addAll();
        refresh();
      }),
      hearing.on("occurrence", ({ kind, detail = {} }) => {
        if (kind !== "slack" || detail["channel"] !== now.current.channel) return;
        const latest = now.current.conversation.messages.at(-pageSize)?.ts ?? "";
        const ts = String(detail["ts"]);
        if (ts < latest) void refreshOne(ts).catch(fail);
        else {
          changes.add(ts);
          refresh();
        }
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
    // These never change.
  }, [hearing]);

  return { ...conversation, loadEarlier };
};

/** Which messages were heard to have come or changed since they were last read. */
class Changes {
  readonly #changed = new Set<string>();
  #all = true;

  add(ts: string) {
    this.#changed.add(ts);
  }

  /** Something may have been missed. */
  addAll() {
    this.#all = true;
  }

  /** What is to be read for them, and they are settled; undefined for the latest messages, as many as are read at a time. */
  take(conversation: Conversation): Range | undefined {
    const range = this.#all ? undefined : rangeOf(conversation, this.#changed, pageSize);
    this.#changed.clear();
    this.#all = false;
    return range;
  }
}

export { useConversation };
