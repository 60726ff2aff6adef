import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { allowMethods, answerJson, HttpError } from "../kernel/http";
import type { ServiceDefinition } from "../kernel/service";

interface Asset {
  contentType: string;
  read(): string;
}

const folder = join(__dirname, "../../page");

/** Nothing but this server is asked, and no script runs but the page's own. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves the page at `/`. Its script is bundled when it is first asked for, so that a start does not wait for it. */
const createPage = (): ServiceDefinition => ({
  name: "page",
  resources: {},
  always: true,
  create: cloud => ({
    operations: {},
    start: async () => {
      const read = createReader();
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

/** esbuild's synchronous call leaves no service process behind. */
const bundle = (): string =>
  buildSync({
    entryPoints: [join(folder, "main.tsx")],
    absWorkingDir: folder,
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "silent",
  }).outputFiles[0]!.text;

const assets: Record<string, Asset> = {
  "/": { contentType: "text/html; charset=utf-8", read: readFile("index.html") },
  "/page.css": { contentType: "text/css; charset=utf-8", read: readFile("page.css") },
  "/page.js": { contentType: "text/javascript; charset=utf-8", read: bundle },
  "/icon.svg": { contentType: "image/svg+xml", read: readFile("icon.svg") },
};

export { createPage };
