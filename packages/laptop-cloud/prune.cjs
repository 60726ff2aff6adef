const { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_AGE_MS = 30 * DAY_MS;

/** Folders of `dist` that are caches. */
const CACHES = ["compiled", "transpiled"];

/**
 * Deletes from the caches below `dist` what nobody has used for a month. Does nothing if that was done within a day. A process that runs needs only what
 * it has loaded, except for source maps, which are kept as long as their code.
 */
const prune = (dist, nowMs = Date.now()) => {
  const mark = join(dist, "pruned");
  if (nowMs - lastUsedMs(mark) < DAY_MS) return;
  mkdirSync(dist, { recursive: true });
  writeFileSync(mark, "");
  for (const file of CACHES.flatMap(cache => listFiles(join(dist, cache)))) {
    const isUsed = [file, file.replace(/\.map$/, "")].some(each => nowMs - lastUsedMs(each) < MAX_AGE_MS);
    if (!isUsed) rmSync(file, { force: true });
  }
};

/** Code comes before its source map, because it is never used without it. */
const listFiles = folder => {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
    return entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
  } catch {
    // There is no such cache, or another process has just removed a folder from it.
    return [];
  }
};

/** File systems that record no times of access make files look unused a month after they were written. They are written again then. */
const lastUsedMs = file => {
  const { atimeMs = 0, mtimeMs = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return Math.max(atimeMs, mtimeMs);
};

module.exports = { prune };
