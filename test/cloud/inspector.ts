import { once } from "node:events";
import { SourceMap } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

interface Socket extends NodeJS.EventEmitter {
  send(text: string): void;
  close(): void;
}

// Node 20 has no client for WebSockets. Playwright brings one along.
const { ws: WebSocket } = require("playwright-core/lib/utilsBundle") as { ws: new (url: string) => Socket };

interface Place {
  /** Absolute path of a source file. */
  file: string;
  /** From 1. */
  line: number;
}

interface Location {
  scriptId: string;
  lineNumber: number;
  columnNumber: number;
}

interface Script {
  scriptId: string;
  sourceMapURL: string;
}

/** A debugger that sets breakpoints in TypeScript, as editors do: by the source map that a script names. */
class Inspector {
  readonly #scripts: Script[] = [];
  #lastId = 0;

  private constructor(private readonly socket: Socket) {
    socket.on("message", (data: Buffer) => {
      const { id, method, params, result, error } = JSON.parse(String(data));
      if (method === "Debugger.scriptParsed") this.#scripts.push(params);
      if (method === "Debugger.paused") socket.emit("paused", params.callFrames[0].location);
      if (id !== undefined) socket.emit(`answer ${id}`, error ?? result);
    });
  }

  static async connect(url: string): Promise<Inspector> {
    const inspector = new Inspector(new WebSocket(url));
    await once(inspector.socket, "open");
    await inspector.#call("Runtime.enable");
    await inspector.#call("Debugger.enable");
    return inspector;
  }

  async breakAt(place: Place) {
    await this.#call("Debugger.setBreakpoint", { location: this.#generated(place) });
  }

  /** Resolves with the place of the next pause. */
  async paused(): Promise<Place> {
    const [location] = (await once(this.socket, "paused")) as [Location];
    const map = this.#mapOf(this.#scripts.find(({ scriptId }) => scriptId === location.scriptId)!);
    const { originalSource, originalLine } = map.findEntry(location.lineNumber, location.columnNumber) as SourceMapEntry;
    return { file: fileURLToPath(originalSource), line: originalLine + 1 };
  }

  /** Ends the wait of `--inspect-brk`. */
  run() {
    return this.#call("Runtime.runIfWaitingForDebugger");
  }

  resume() {
    return this.#call("Debugger.resume");
  }

  close() {
    this.socket.close();
  }

  /** The first position in the bundle that comes from this line. */
  #generated({ file, line }: Place): Location {
    for (const script of this.#scripts.filter(({ sourceMapURL }) => sourceMapURL.startsWith("data:"))) {
      const map = this.#mapOf(script);
      const bundled = map.payload.mappings.split(";").map(segments => segments.length);
      for (const [lineNumber, size] of bundled.entries()) {
        // A segment has at least four characters and a comma, and is at least one column wide; bundles have long names.
        for (let columnNumber = 0; columnNumber < size * 2; columnNumber += 1) {
          const entry = map.findEntry(lineNumber, columnNumber) as SourceMapEntry;
          if (entry.originalLine === line - 1 && entry.originalSource === pathToFileURL(file).href)
            return { scriptId: script.scriptId, lineNumber: entry.generatedLine, columnNumber: entry.generatedColumn };
        }
      }
    }
    throw new Error(`No script is made of ${file}, line ${line}.`);
  }

  #mapOf({ sourceMapURL }: Script) {
    return new SourceMap(JSON.parse(Buffer.from(sourceMapURL.split(",")[1]!, "base64").toString()));
  }

  async #call(method: string, params: object = {}): Promise<unknown> {
    this.#lastId += 1;
    const answered = once(this.socket, `answer ${this.#lastId}`);
    this.socket.send(JSON.stringify({ id: this.#lastId, method, params }));
    return (await answered)[0];
  }
}

interface SourceMapEntry {
  originalSource: string;
  originalLine: number;
  generatedLine: number;
  generatedColumn: number;
}

export { Inspector };
