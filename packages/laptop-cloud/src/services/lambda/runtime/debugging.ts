import { readFileSync } from "node:fs";
import { open, url, waitForDebugger } from "node:inspector";
import Module from "node:module";
import { dirname, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Debugging } from "./protocol";

/** Node does not publish the type of its own function. */
interface Loader {
  prototype: { _compile(content: string, filename: string, format?: string): unknown };
}

/** If another process has taken the usual port. */
const ANY_PORT = 0;

/** Opens the debugger's port, tells the debugger where the source maps are, and waits for it if asked to. Code from V8's cache would have no maps. */
const prepareDebugging = (taskRoot: string, { port, waits, maps }: Debugging) => {
  const { prototype } = Module as unknown as Loader;
  const compile = prototype._compile;
  prototype._compile = function (content, filename, format) {
    const map = maps[relative(taskRoot, filename)];
    const comment = map === undefined ? "" : `\n//# sourceMappingURL=${inline(map)}`;
    return compile.call(this, content + comment, filename, format);
  };
  // The port opens only now. An editor that attached before the wait began would send its "run" too early, and the wait would never end.
  open(port, "127.0.0.1");
  if (url() === undefined) open(ANY_PORT, "127.0.0.1");
  if (waits) waitForDebugger();
};

/** A source map as a URL. Its sources are absolute, because VS Code's debugger looks for relative ones from the script, not from the map. */
const inline = (file: string): string => {
  const map = JSON.parse(readFileSync(file, "utf8")) as { sources: string[] };
  const sources = map.sources.map(source => pathToFileURL(resolve(dirname(file), source)).href);
  return `data:application/json;base64,${Buffer.from(JSON.stringify({ ...map, sources })).toString("base64")}`;
};

export { prepareDebugging };
