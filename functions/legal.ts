/** The door for the pages that Slack's review asks for: `/privacy`, `/terms` and `/support`. */
import { PAGE_HEADERS } from "#core/page";
import type { HttpResponse } from "#functions/door";

interface LegalSettings {
  /** The HTML of each page. */
  pages: { privacy: string; terms: string; support: string };
}

/** Creates the door. */
const create =
  ({ pages }: LegalSettings): ((request: { routeKey: string }) => Promise<HttpResponse>) =>
  async ({ routeKey }) => {
    const page = routeKey.slice("GET /".length) as keyof typeof pages;
    return { statusCode: 200, headers: PAGE_HEADERS, body: pages[page] };
  };

export type { LegalSettings };
export { create };
