import { createRefresh, usePage } from "@slack-fanout/laptop-cloud/page";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import {
  type Conversation,
  EMPTY_CONVERSATION,
  mergeEarlier,
  mergeLatest,
  mergeOne,
  type Range,
  rangeToRead,
  timestampAfter,
} from "./conversation";
import { slack } from "./slack";

/** Messages per read. */
const PAGE_SIZE = 100;

/** Messages that arrive within this time are read together. */
const SETTLE_MS = 30;

/** A channel's messages as one person sees them, kept up to date. `channel` is undefined before the first direct message. */
const useConversation = (channel: string | undefined, user: string) => {
  const { events, reportError } = usePage();
  const key = `${channel} ${user}`;
  const [loaded, setLoaded] = useState({ key, conversation: EMPTY_CONVERSATION });
  const conversation = loaded.key === key ? loaded.conversation : EMPTY_CONVERSATION;
  // The functions below are created once and read the current values from here.
  const current = useRef({ channel, user, key, conversation });
  current.current = { channel, user, key, conversation };
  const changes = useRef(new Changes()).current;
  const isLoading = useRef(false);

  const { refresh, refreshOne, loadEarlier } = useMemo(() => {
    /** Changes the conversation, unless another one was opened during the read. */
    const update = (readKey: string, change: (known: Conversation) => Conversation) => {
      if (readKey !== current.current.key) return;
      setLoaded(before => ({ key: readKey, conversation: change(before.key === readKey ? before.conversation : EMPTY_CONVERSATION) }));
    };
    const refresh = createRefresh(
      async () => {
        const { channel, user, key: readKey, conversation } = current.current;
        const range = changes.take(conversation);
        if (channel === undefined) return;
        try {
          const read = await slack.readMessages(channel, user, range?.count ?? PAGE_SIZE, range?.before);
          update(readKey, known => mergeLatest(known, read));
        } catch (error) {
          changes.addAll();
          throw error;
        }
      },
      SETTLE_MS,
      reportError,
    );
    const refreshOne = async (ts: string) => {
      const { channel, user, key: readKey } = current.current;
      if (channel === undefined) return;
      const { messages } = await slack.readMessages(channel, user, 1, timestampAfter(ts));
      update(readKey, known =>
        mergeOne(
          known,
          ts,
          messages.find(message => message.ts === ts),
        ),
      );
    };
    const loadEarlier = async () => {
      const { channel, user, key: readKey, conversation } = current.current;
      const first = conversation.messages[0];
      if (channel === undefined || first === undefined || isLoading.current) return;
      isLoading.current = true;
      try {
        const read = await slack.readMessages(channel, user, PAGE_SIZE, first.ts);
        update(readKey, known => (known.messages[0]?.ts === first.ts ? mergeEarlier(known, read) : known));
      } finally {
        isLoading.current = false;
      }
    };
    return { refresh, refreshOne, loadEarlier: () => void loadEarlier().catch(reportError) };
    // They read everything else from `current`.
  }, []);

  useEffect(() => {
    changes.addAll();
    refresh();
  }, [key, refresh]);

  useEffect(() => {
    const unsubscribe = [
      events.on("connected", () => {
        changes.addAll();
        refresh();
      }),
      events.on("occurrence", ({ kind, detail = {} }) => {
        if (kind !== "slack" || detail["channel"] !== current.current.channel) return;
        const latest = current.current.conversation.messages.at(-PAGE_SIZE)?.ts ?? "";
        const ts = String(detail["ts"]);
        if (ts < latest) void refreshOne(ts).catch(reportError);
        else {
          changes.add(ts);
          refresh();
        }
      }),
    ];
    return () => {
      for (const end of unsubscribe) end();
    };
    // The functions never change.
  }, [events]);

  return { ...conversation, loadEarlier };
};

/** Collects the messages that were added or changed since the last read. */
class Changes {
  readonly #changed = new Set<string>();
  #all = true;

  add(ts: string) {
    this.#changed.add(ts);
  }

  /** Call this when events may have been missed. */
  addAll() {
    this.#all = true;
  }

  /** Returns the range to read, and starts to collect again. Undefined stands for the latest page. */
  take(conversation: Conversation): Range | undefined {
    const range = this.#all ? undefined : rangeToRead(conversation, this.#changed, PAGE_SIZE);
    this.#changed.clear();
    this.#all = false;
    return range;
  }
}

export { useConversation };
