/** Writes to a LevelDB folder in a process that a test can limit and kill: it prints each key that was written. */
import { LevelFolder } from "../../src/kernel/level-folder";

const folder = new LevelFolder(process.argv[2]!);

const write = async (key: string, sizeBytes: number) => {
  await folder.write([{ key, value: key.repeat(sizeBytes) }]);
  console.log(key);
};

const run = async () => {
  await folder.open();
  // Less than the 4 MB of memory after which LevelDB begins another log.
  await write("a", 3_900_000);
  // This log has no room for it; a new one would have.
  await write("b", 7_000_000);
  for (const key of "cdefgh") await write(key, 1000);
};

process.once("SIGTERM", () => folder.giveUp());
run().then(
  // The process keeps the lock until it is killed.
  () => setInterval(() => {}, 1000),
  error => {
    console.error(error);
    process.exit(1);
  },
);
