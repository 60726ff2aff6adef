import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

/** Finds the source map of a file in a function's archive ("functions/webhook.js"), an absolute path. */
type FindMap = (path: string) => string | undefined;

/** "/path/to/file.js:12:345" */
const POSITION = /(\/[^\s():]+\.js):(\d+):(\d+)/g;

/** A function's file: LOCAL_DIR/cloud/functions/NAME/HASH/PATH */
const UNPACKED = /\/functions\/[^/]+\/[0-9a-f]{16}\/(.+)$/;

/** Replaces positions in a function's unpacked code by those in its sources. `directory` is the cloud's state directory. */
const mapPositions = (text: string, directory: string, findMap: FindMap): string =>
  text.replace(POSITION, (position, file: string, line: string, column: string) => {
    const [, path] = file.startsWith(join(directory, "functions")) ? (UNPACKED.exec(file) ?? []) : [];
    const map = path === undefined ? undefined : readMap(findMap(path));
    if (map === undefined) return position;
    const found = originalPositionFor(map, { line: Number(line), column: Number(column) - 1 });
    return found.source === null ? position : `${relative(process.cwd(), found.source)}:${found.line}:${found.column + 1}`;
  });

/** A reload writes another map, so none is kept. */
const readMap = (file: string | undefined): TraceMap | undefined => {
  if (file === undefined || !existsSync(file)) return undefined;
  const map = JSON.parse(readFileSync(file, "utf8")) as { sources: string[] };
  return new TraceMap({ ...map, sources: map.sources.map(source => resolve(dirname(file), source)) } as never);
};

export type { FindMap };
export { mapPositions };
