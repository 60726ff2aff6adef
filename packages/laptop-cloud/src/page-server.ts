import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync, type OutputFile } from "esbuild";
import { allowMethods, answerJson, HttpError } from "./kernel/http";
import type { ServiceDefinition } from "./kernel/service";

interface Asset {
  contentType: string;
  read(): string;
}

/** The text of the script or of the style sheet. */
type Bundle = (ending: ".js" | ".css") => string;

const folder = join(__dirname, "../page");

/** Style sheets that stand in the HTML, so that the frame is painted before anything else is loaded. */
const FRAME_STYLES = ["tokens.css", "frame.css"];

/** The browser loads from this server only, runs no inline script, and applies no inline style but the frame's. */
const buildContentSecurityPolicy = (style: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");

interface PageOptions {
  /** Name of the program. */
  title: string;
  /** The file that calls `showPage`, an absolute path. Default: a page without parts of the program's own. */
  entry?: string;
}

/** Serves the page at `/`. Script and style sheet are bundled when they are first requested, so that neither the start nor the frame waits for them. */
const createPage = ({ title, entry = join(folder, "main.tsx") }: PageOptions): ServiceDefinition => servePage(title, createBundle(entry));

const servePage = (title: string, bundle: Bundle): ServiceDefinition => ({
  name: "page",
  resources: {},
  always: true,
  create: cloud => ({
    operations: {},
    start: async () => {
      const read = createReader();
      const style = FRAME_STYLES.map(name => readFile(name)()).join("");
      const assets = buildAssets(title, style, bundle);
      const contentSecurityPolicy = buildContentSecurityPolicy(style);
      cloud.mount("/", (request, response) => {
        try {
          const pathname = (request.url ?? "/").split("?", 1)[0]!;
          const asset = assets[pathname];
          if (!Object.hasOwn(assets, pathname) || asset === undefined)
            throw new HttpError(404, "not_found", `There is nothing at ${pathname}.`);
          allowMethods(request, "GET", "HEAD");
          response
            .writeHead(200, {
              "content-type": asset.contentType,
              "cache-control": "no-cache",
              "content-security-policy": contentSecurityPolicy,
              "referrer-policy": "no-referrer",
              "x-content-type-options": "nosniff",
            })
            .end(request.method === "HEAD" ? undefined : read(asset));
        } catch (error) {
          if (!(error instanceof HttpError)) throw error;
          answerJson(response, { error: error.code, message: error.message }, error.status, error.headers);
        }
      });
    },
    stop: async () => {},
  }),
});

const createReader = () => {
  const texts = new Map<Asset, string>();
  return (asset: Asset): string => {
    const text = texts.get(asset) ?? asset.read();
    texts.set(asset, text);
    return text;
  };
};

const readFile = (name: string) => () => readFileSync(join(folder, name), "utf8");

/** Bundles the script and all style sheets that it imports, once. The synchronous call of esbuild leaves no process behind. */
const createBundle = (entry: string): Bundle => {
  let files: OutputFile[] | undefined;
  return ending => {
    files ??= buildSync({
      entryPoints: [entry],
      absWorkingDir: folder,
      outdir: folder,
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      target: "es2022",
      jsx: "automatic",
      jsxImportSource: "preact",
      conditions: ["slack-fanout-source"],
      logLevel: "silent",
    }).outputFiles;
    return files.find(({ path }) => path.endsWith(ending))!.text;
  };
};

const readHtml = (title: string, style: string) => () =>
  readFile("index.html")()
    .replaceAll("TITLE", () => escapeHtml(title))
    .replace("/* STYLE */", () => style);

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`);

const buildAssets = (title: string, style: string, bundle: Bundle): Record<string, Asset> => ({
  "/": { contentType: "text/html; charset=utf-8", read: readHtml(title, style) },
  "/page.css": { contentType: "text/css; charset=utf-8", read: () => bundle(".css") },
  "/page.js": { contentType: "text/javascript; charset=utf-8", read: () => bundle(".js") },
  "/icon.svg": { contentType: "image/svg+xml", read: readFile("icon.svg") },
});

export type { PageOptions };
export { createPage };
