import { useEffect, useState } from "preact/hooks";
import type { Hearing } from "./hearing";
import { createRefresh } from "./refresh";

/** Bursts of events are one change, milliseconds. */
const settleMs = 200;

/** Reads at first, when `key` changes, and again after whatever happens in the cloud. Undefined until it is read. */
const useReading = <T>(hearing: Hearing, key: string, read: () => Promise<T>, fail: (error: unknown) => void): T | undefined => {
  const [reading, setReading] = useState<{ key: string; value: T }>();
  // What `read` and `fail` depend on is what `key` says.
  useEffect(() => {
    let ended = false;
    const readOnce = async () => {
      const value = await read();
      if (!ended) setReading({ key, value });
    };
    const refresh = createRefresh(readOnce, settleMs, error => ended || fail(error));
    refresh();
    const ends = (["connected", "occurrence", "calls", "clock"] as const).map(name => hearing.on(name, refresh));
    return () => {
      ended = true;
      for (const end of ends) end();
    };
  }, [hearing, key]);
  return reading?.key === key ? reading.value : undefined;
};

export { useReading };
