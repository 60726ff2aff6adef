import { join } from "node:path";
import { createPage } from "@slack-fanout/laptop-cloud/page-server";

/** The page as `npm start` serves it: with the pretend Slack and our panels. */
const ourPage = createPage({ title: "slack-fanout", entry: join(__dirname, "../../panels/page.tsx") });

export { ourPage };
