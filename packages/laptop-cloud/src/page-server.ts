import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { allowMethods, answerJson, HttpError } from "./kernel/http";
import type { ServiceDefinition } from "./kernel/service";

interface Asset {
  contentType: string;
  read(): string;
}

const folder = join(__dirname, "../page");

/** The browser loads from this server only, and runs no inline script. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

interface PageOptions {
  /** Name of the program. */
  title: string;
  /** The file that calls `showPage`, an absolute path. Default: a page without parts of the program's own. */
  entry?: string;
}

/** Serves the page at `/`. Script and style sheet are bundled at the first request, so that the start does not wait for them. */
const createPage = (options: PageOptions): ServiceDefinition => ({
  name: "page",
  resources: {},
  always: true,
  create: cloud => ({
    operations: {},
    start: async () => {
      const read = createReader();
      const assets = buildAssets(options);
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
              "content-security-policy": CONTENT_SECURITY_POLICY,
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

/** Bundles the script, with all style sheets that it imports. The synchronous call of esbuild leaves no process behind. */
const bundle = (entry: string, ending: ".js" | ".css") => (): string =>
  buildSync({
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
  }).outputFiles.find(({ path }) => path.endsWith(ending))!.text;

const readHtml = (title: string) => () => readFile("index.html")().replaceAll("TITLE", () => escapeHtml(title));

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`);

const buildAssets = ({ title, entry = join(folder, "main.tsx") }: PageOptions): Record<string, Asset> => ({
  "/": { contentType: "text/html; charset=utf-8", read: readHtml(title) },
  "/page.css": { contentType: "text/css; charset=utf-8", read: bundle(entry, ".css") },
  "/page.js": { contentType: "text/javascript; charset=utf-8", read: bundle(entry, ".js") },
  "/icon.svg": { contentType: "image/svg+xml", read: readFile("icon.svg") },
});

export type { PageOptions };
export { createPage };
