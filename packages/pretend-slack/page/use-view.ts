import { createRefresh, usePage } from "@slack-fanout/laptop-cloud/page";
import { useEffect, useState } from "preact/hooks";
import type { ShownView } from "../src/protocol";
import { slack } from "./slack";

/** Views that change within this time are read together. */
const SETTLE_MS = 30;

/** A person's Home, or the modal that the person has open, kept up to date. Null if there is none, undefined until it is read. */
const useView = (name: "home" | "views", user: string): ShownView | null | undefined => {
  const { events, reportError } = usePage();
  const [shown, setShown] = useState<{ user: string; view: ShownView | null }>();
  useEffect(() => {
    let isOver = false;
    const refresh = createRefresh(
      async () => {
        const { view } = await slack.readView(name, user);
        if (!isOver) setShown({ user, view });
      },
      SETTLE_MS,
      reportError,
    );
    refresh();
    const unsubscribe = [
      events.on("connected", refresh),
      events.on("occurrence", ({ kind, detail = {} }) => {
        if (kind === "slack" && detail["change"] === "view" && detail["user"] === user) refresh();
      }),
    ];
    return () => {
      isOver = true;
      for (const end of unsubscribe) end();
    };
  }, [events, name, user]);
  return shown?.user === user ? shown.view : undefined;
};

export { useView };
