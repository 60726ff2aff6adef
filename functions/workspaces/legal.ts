/** The door for the pages that Slack's review asks for: `/privacy`, `/terms` and `/support`. */
import { buildLegalPage } from "#core/http/legal-page";
import { PAGE_HEADERS } from "#core/http/page";
import type { HttpResponse } from "#functions/door";

type LegalPage = "privacy" | "terms" | "support";

interface LegalSettings {
  /** What the operator has written for each page. */
  texts: Record<LegalPage, string>;
}

/** Creates the door. */
const create =
  ({ texts }: LegalSettings): ((request: { routeKey: string }) => Promise<HttpResponse>) =>
  async ({ routeKey }) => {
    const page = routeKey.slice("GET /".length) as keyof typeof texts;
    return { statusCode: 200, headers: PAGE_HEADERS, body: buildLegalPage(texts[page]) };
  };

export type { LegalPage, LegalSettings };
export { create };
