/** The pages of the install door: plain HTML without script. */

/** Texts of a page; they are escaped. */
interface InstallPage {
  title: string;
  text: string;
  /** A link below the text. */
  link?: { label: string; url: string };
}

/** Nothing on the page is fetched, and the address, which may contain a code, goes nowhere. */
const PAGE_HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cache-Control": "no-store",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem;color:#1b2a41;background:#fff}a{color:#0b5cad}";

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, character => ENTITIES[character]!);

const buildInstallPage = ({ title, text, link }: InstallPage): string =>
  [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>`,
    `<body><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>`,
    link === undefined ? "" : `<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.label)}</a></p>`,
    "</main></body></html>",
  ].join("\n");

export type { InstallPage };
export { buildInstallPage, PAGE_HEADERS };
