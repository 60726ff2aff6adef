import { useEffect, useState } from "preact/hooks";
import { usePage } from "./page-context";
import { createRefresh } from "./refresh";

/** Several events within this time cause one read. */
const SETTLE_MS = 200;

/** Drawing what was read takes long, too: a busy cloud is read, and drawn, at most twice a second. */
const REST_MS = 500;

/** Some data changes without an event: the minutes of the last hour pass, and objects expire. */
const QUIET_MS = 15_000;

/** Reads data at first, when `key` changes, after each event in the cloud, and now and then in a quiet cloud. Undefined until the first read is done. */
const useLiveData = <T>(key: string, read: () => Promise<T>): T | undefined => {
  const { events, reportError } = usePage();
  const [data, setData] = useState<{ key: string; value: T }>();
  // `key` stands for everything that `read` depends on.
  useEffect(() => {
    let ended = false;
    const readOnce = async () => {
      const value = await read();
      if (!ended) setData({ key, value });
    };
    const refresh = createRefresh(readOnce, SETTLE_MS, error => ended || reportError(error), REST_MS);
    refresh();
    const unsubscribe = (["connected", "occurrence", "calls", "clock"] as const).map(name => events.on(name, refresh));
    const timer = setInterval(refresh, QUIET_MS);
    return () => {
      ended = true;
      clearInterval(timer);
      for (const end of unsubscribe) end();
    };
  }, [events, key]);
  return data?.key === key ? data.value : undefined;
};

export { useLiveData };
