/** What subscribers add to: a DynamoDB in memory, whose callers can be killed. */
import { CountOnce } from "#stores/count-once";
import { SeenTable } from "#stores/message/seen-table";
import { AddOnce } from "#subscribers/add-once";
import { FakeCloud, FakeProcess, type Kill } from "../functions/fake-cloud";

const NOW_MS = 1_763_805_600_000;
const ARCHIVE_DAYS = 400;

const createWorld = () => {
  const cloud = new FakeCloud();
  return {
    cloud,
    /** A subscriber's process of its own. */
    createAddOnce: (subscriber: string, kill?: Kill) => {
      const { client } = new FakeProcess(cloud, kill);
      return new AddOnce({
        once: new CountOnce(client),
        seen: new SeenTable(client, "seen"),
        subscriber,
        archiveDays: ARCHIVE_DAYS,
        nowMs: () => NOW_MS,
      });
    },
    markers: () => cloud.items("seen").map(item => item["event_id"]?.S),
  };
};

export { ARCHIVE_DAYS, createWorld, NOW_MS };
